import type { AccessTables } from './tables/access.ts';
import type { AlertingTables } from './tables/alerting.ts';
import type { InventoryTables } from './tables/inventory.ts';
import type { ProvisioningTables } from './tables/provisioning.ts';
import type { ReportTables } from './tables/reports.ts';
import type { StatusTables } from './tables/status.ts';

/** Every table of PostgreSQL, as Kysely sees it; each part describes its own in `tables/`. */
export interface Database
  extends InventoryTables, AccessTables, StatusTables, ReportTables, AlertingTables, ProvisioningTables {}
