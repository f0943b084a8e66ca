import type { ColumnType, Generated } from 'kysely';

/** From when to when something was there, and where. Written by triggers; see the migration. */
export interface LifetimesTable {
  id: Generated<number>;
  entity_kind: 'device' | 'site' | 'service';
  entity_id: string;
  /** Code of a site or service, name of a device. */
  code: string;
  name: string;
  site_id: string;
  /** Of a site only. */
  region_id: string | null;
  /** Code of the region when it began, for when the region is gone. */
  region_code: Generated<string>;
  valid_from: Generated<Date>;
  valid_to: ColumnType<Date | number, Date | 'infinity' | undefined, Date>;
}

export interface ReportTables {
  lifetimes: LifetimesTable;
}
