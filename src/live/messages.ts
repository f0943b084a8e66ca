import type { IncidentView } from '../domain/incident-view.ts';
import type { OwnFault } from '../domain/own-fault.ts';
import type { BlindnessView } from '../domain/own-uplink.ts';
import type { Reachability, StatusCounts } from '../domain/reachability.ts';
import type { ServiceSummary } from '../domain/service-state.ts';

/**
 * What travels over socket.io. A reader joins one room per granted region (its code) or `everywhere`; each room has an
 * epoch (new at every start of the controller) and a sequence of its own. A client that was away says where it stopped
 * and gets the deltas since, or a fresh snapshot. Only what is not up travels in a snapshot: silence means up.
 */
export interface CauseView {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** The rest is null when the cause lies outside the reader's regions: its name and time, nothing more. */
  readonly kind: 'device' | 'link' | 'agent' | 'controller' | null;
  readonly id: string | null;
  readonly certainty: number | null;
}

export interface StateView {
  readonly id: string;
  readonly state: Reachability;
  readonly since: number;
  readonly cause: CauseView | null;
}

export interface LinkView extends StateView {
  /** Bits per second from a to b and back; null where nothing was measured lately. */
  readonly abBps: number | null;
  readonly baBps: number | null;
  /** Of the busier direction, of capacity; null like the above. */
  readonly loadPercent: number | null;
}

export interface EventView {
  readonly id: string;
  readonly at: number;
  readonly key: string;
  readonly entityKind: string;
  readonly entityId: string | null;
  readonly entityName: string;
  readonly siteId: string | null;
  readonly cause: CauseView | null;
  readonly arguments: Readonly<Record<string, string | number | boolean | null>>;
}

export interface Counts {
  readonly devices: StatusCounts;
  readonly sites: StatusCounts;
}

/** Server to client, event `snapshot`. */
export interface SnapshotMessage {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
  readonly topologyVersion: number;
  /** Everything in the room that is not up. */
  readonly devices: readonly StateView[];
  readonly sites: readonly StateView[];
  /** Every link between sites of the room: both ends inside. */
  readonly links: readonly LinkView[];
  readonly counts: Counts;
  /** Those that stand in the room, and those that its sites use. */
  readonly services: readonly ServiceSummary[];
  /** Those that are not over and touch the room, newest first; of each what the room may know. Times in ISO 8601. */
  readonly incidents: readonly IncidentView[];
  /** Traffic leaving the data centre into the room, bits per second; null where unknown. */
  readonly uplinkBps: number | null;
}

/** Server to client, event `delta`: what changed since `seq - 1`. */
export interface DeltaMessage {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
  readonly topologyVersion: number;
  readonly devices: readonly StateView[];
  readonly sites: readonly StateView[];
  readonly links: readonly LinkView[];
  readonly events: readonly EventView[];
  readonly counts: Counts;
  /** All of them when something about one has changed; null: as before. */
  readonly services: readonly ServiceSummary[] | null;
  /** Those that changed; one that ended once more, as it ended. */
  readonly incidents: readonly IncidentView[];
  readonly uplinkBps: number | null;
}

/** Server to client, event `own`: after a connection, and whenever something about it has changed. */
export interface OwnMessage {
  readonly at: number;
  /** What the controller itself lacks; empty when all is well. */
  readonly faults: readonly OwnFault[];
  /** Nothing is seen of the network, and it may be for a cut of the controller's own; null while it sees. */
  readonly blindness: BlindnessView | null;
}

/** Client to server in the handshake's `auth`: where it stopped, by room. */
export interface ResumeRequest {
  readonly rooms?: Readonly<Record<string, { readonly epoch: string; readonly seq: number }>>;
}
