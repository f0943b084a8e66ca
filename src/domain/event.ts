import type { EventId } from './ids.ts';
import type { Cause } from './reachability.ts';

/**
 * Something that happened. What is stored is `{key, arguments}`; sentences are made in the reader's language. Events
 * carry the region codes that decide who may see them.
 */
export const eventKeys = [
  'device.up',
  'device.down',
  'device.unreachable',
  'device.unknown',
  'device.restarted', // sysUpTime went back: arguments.uptimeS
  'device.identified', // arguments: profile, model, firmware
  'device.changed', // arguments: attribute, from, to
  'site.up',
  'site.down',
  'site.unreachable',
  'site.unknown',
  'link.up',
  'link.down',
  'interface.up',
  'interface.down', // arguments: interface
  'inventory.imported', // arguments: created, changed, removed, by
  'service.up',
  'service.degraded', // arguments: reason, and what goes into it
  'service.down',
  'service.unknown',
  'agent.silent',
  'agent.back',
  'controller.started',
  'incident.opened', // entityName: INS-1287; arguments of all: cause, severity
  'incident.revised', // arguments: from
  'incident.taken',
  'incident.closed', // arguments: lastedS
  'incident.merged', // arguments: into
  'rollout.started', // entityName: its number; arguments of all: devices, by
  'rollout.ended',
  'rollout.stopped', // arguments: reason
  'device.configured', // arguments of all: rollout, by
  'device.reverted',
  'device.lost',
  'device.drifted', // arguments: differences, what
  'device.drifted-by', // as before, and by: who has changed it, as the device says
  'device.drift-over',
  'device.configuration-changed',
  'device.host-key-changed',
] as const;
export type EventKey = (typeof eventKeys)[number];

export interface NetworkEvent {
  readonly id: EventId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly key: EventKey;
  readonly entityKind:
    | 'device'
    | 'site'
    | 'link'
    | 'service'
    | 'agent'
    | 'inventory'
    | 'controller'
    | 'incident'
    | 'rollout';
  readonly entityId: string | null;
  /** Name of the entity when it happened. */
  readonly entityName: string;
  readonly siteId: string | null;
  /** Where it lies: whoever may read this region may read the event. Null: only who may read everywhere. */
  readonly regionCode: string | null;
  readonly cause: Cause | null;
  readonly arguments: Readonly<Record<string, string | number | boolean | null>>;
}
