import type { ColumnType, Generated } from 'kysely';

type Json<T> = ColumnType<T, string, string>;
/** `infinity` while it lasts: pg gives it as the number Infinity, and takes it as text. */
type Until = ColumnType<Date | number, Date | 'infinity' | undefined, Date>;

export interface StoredCause {
  readonly kind: 'device' | 'link' | 'agent' | 'controller';
  readonly id: string;
  readonly name: string;
  readonly since: number;
  readonly certainty: number;
}

export interface StatusIntervalsTable {
  id: string;
  entity_kind: 'device' | 'site' | 'link' | 'service';
  entity_id: string;
  /** `degraded` of a service only. */
  state: 'down' | 'unreachable' | 'unknown' | 'maintenance' | 'degraded';
  since: Date;
  until: Until;
  cause: Json<StoredCause | null> | null;
  cause_regions: Generated<string[]>;
  topology_version: number;
  site_id: string | null;
  region_code: string | null;
  /** Of the other end, for a link. */
  other_region_code: string | null;
}

export interface EventsTable {
  id: string;
  at: Date;
  key: string;
  entity_kind: string;
  entity_id: string | null;
  entity_name: string;
  site_id: string | null;
  region_code: string | null;
  cause: Json<StoredCause | null> | null;
  cause_regions: Generated<string[]>;
  arguments: Json<Readonly<Record<string, string | number | boolean | null>>>;
}

export interface ControllerHeartbeatTable {
  singleton: Generated<boolean>;
  at: Date;
  started_at: Date;
}

export interface ControllerGapsTable {
  since: Date;
  until: Date;
}

/** States, their history and events. */
export interface StatusTables {
  status_intervals: StatusIntervalsTable;
  events: EventsTable;
  controller_heartbeat: ControllerHeartbeatTable;
  controller_gaps: ControllerGapsTable;
}
