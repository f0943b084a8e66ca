import { Type, type Static } from 'typebox';
import type { DeviceId, LinkId, SiteId } from './ids.ts';

/**
 * `up`; `down`: it does not answer though a path to it is fine; `unreachable`: every path to it passes a device or link
 * that is down; `unknown`: its Agent is silent; `maintenance`: planned work, an overlay over the measured state.
 */
export const reachabilities = ['up', 'down', 'unreachable', 'unknown', 'maintenance'] as const;
export type Reachability = (typeof reachabilities)[number];

/** What broke, as far as the evidence goes. Null for `up`, and for an `unknown` that has no other cause than silence. */
export const Cause = Type.Object({
  kind: Type.Unsafe<'device' | 'link' | 'agent' | 'controller'>(Type.Enum(['device', 'link', 'agent', 'controller'])),
  /** Id of the device, link or agent. */
  id: Type.String(),
  /** Its name when it was decided. The only thing shown to a reader whose regions it lies outside of. */
  name: Type.String({ examples: ['palattae--kahu'] }),
  /** Milliseconds since the epoch: the first miss. */
  since: Type.Number(),
  /** 0 to 1. A link whose near end still says up (a radio) is less certain. */
  certainty: Type.Number({ minimum: 0, maximum: 1 }),
});
export type Cause = Static<typeof Cause>;

export type EntityKind = 'device' | 'site' | 'link';
export type EntityId = DeviceId | SiteId | LinkId;

/** A state that begins. `since` is when it began (an outage: its first miss), `at` when it was decided. */
export interface Transition {
  readonly kind: EntityKind;
  readonly id: EntityId;
  readonly from: Reachability;
  readonly to: Reachability;
  readonly since: number;
  readonly at: number;
  readonly cause: Cause | null;
  readonly topologyVersion: number;
}

export interface EntityState {
  readonly state: Reachability;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly cause: Cause | null;
}

/** Load of a link: bits per second from a to b and back, of its capacity; null where nothing was measured lately. */
export interface LinkLoad {
  readonly abBps: number | null;
  readonly baBps: number | null;
  /** Milliseconds since the epoch of the sample. */
  readonly at: number;
}

export interface StatusCounts {
  readonly up: number;
  readonly down: number;
  readonly unreachable: number;
  readonly unknown: number;
  readonly maintenance: number;
}
