import type { LinkId } from './ids.ts';
import type { NetworkEvent } from './event.ts';
import type { Cause, Transition } from './reachability.ts';

/** A transition with where it belongs, so that whoever gets it can limit it by region without looking anything up. */
export interface PlacedTransition {
  readonly transition: Transition;
  /** Name of the entity at the time. */
  readonly name: string;
  readonly siteId: string | null;
  readonly regionCode: string | null;
  /** Of the other end, for a link. */
  readonly otherRegionCode: string | null;
  readonly causeRegionCodes: readonly string[];
}

/** The state of a service that begins: recorded with the others, decided by whoever looks at services. */
export interface ServiceTransition {
  readonly id: string;
  readonly to: 'up' | 'degraded' | 'down' | 'unknown' | 'maintenance';
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly cause: Cause | null;
  readonly topologyVersion: number;
  readonly siteId: string;
  readonly regionCode: string;
  readonly causeRegionCodes: readonly string[];
}

/** An event with where its cause lies. */
export interface PlacedEvent {
  readonly event: NetworkEvent;
  readonly causeRegionCodes: readonly string[];
}

/** What the status board changed at once: causes first, then what they darken. */
export interface StatusChange {
  readonly transitions: readonly PlacedTransition[];
  readonly events: readonly PlacedEvent[];
  /** Links whose load has a new sample. */
  readonly loads: readonly LinkId[];
  /** The inventory changed: what was known of entities may no longer exist. */
  readonly topologyChanged: boolean;
}
