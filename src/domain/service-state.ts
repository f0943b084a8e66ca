import type { Cause } from './reachability.ts';

/** `degraded`: it works, and something about it needs a person. `unknown`: not looked at yet, or not to be seen from here. */
export const serviceStates = ['up', 'degraded', 'down', 'unknown', 'maintenance'] as const;
export type ServiceState = (typeof serviceStates)[number];

/** What a look at a service told: code and arguments of a sentence, which the console says in the reader's language. */
export interface ServiceReason {
  readonly code: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

/** Why a look at a service was not up: a point has no room for it. */
export interface LookReason {
  readonly serviceId: string;
  /** The time of its points, seconds since the epoch. */
  readonly at: number;
  readonly reason: ServiceReason;
}

export interface ServiceStatus {
  readonly state: ServiceState;
  /** Milliseconds since the epoch; null before the first look. */
  readonly since: number | null;
  /** Milliseconds since the epoch of the last look; null before the first. */
  readonly at: number | null;
  readonly reason: ServiceReason | null;
  /** What of the network hides or stops it; null when it fails by itself. */
  readonly cause: Cause | null;
  /** Of the last look, by column (`total_ms`, `days_left`, …). */
  readonly values: Readonly<Record<string, number>>;
}

/** A service in a sentence, counted over the sites of a reader's regions. */
export interface ServiceSummary {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly state: ServiceState;
  /** Milliseconds since the epoch; null before the first look. */
  readonly since: number | null;
  /** Sites that should have it, and those of them that have not. */
  readonly users: number;
  readonly lost: number;
}

/** How a service is seen by one Agent, for the sites that it speaks for (`services/speakers.ts`). */
export interface ServiceVantage {
  readonly agentId: string;
  readonly agentName: string;
  /** Sites that use the service and that this Agent speaks for. */
  readonly siteIds: readonly string[];
  readonly status: ServiceStatus;
}

/** A site that cannot use a service, though it should. */
export interface LostSite {
  readonly siteId: string;
  /** `down`: the service itself. `unreachable`: the way to it. `unknown`: nobody sees whether it works there. */
  readonly state: 'down' | 'unreachable' | 'unknown';
  readonly since: number | null;
  readonly cause: Cause | null;
  /** What the look at it told, where it is the service itself. */
  readonly reason: ServiceReason | null;
}
