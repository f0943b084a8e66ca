import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { complianceRoutes } from './api/compliance.ts';
import type { RouteGroup } from './api/routes.ts';
import type { Changes } from './database/collection/changes.ts';
import type { Database } from './database/tables.ts';
import type { Clock } from './domain/clock.ts';
import { ComplianceBook } from './provisioning/compliance/compliance-book.ts';
import { ComplianceReader } from './provisioning/compliance/compliance-reader.ts';
import { ComplianceStore } from './provisioning/compliance/compliance-store.ts';
import { ComplianceWatch } from './provisioning/compliance/compliance-watch.ts';
import type { ConfigurationDrivers } from './provisioning/drivers/drivers.ts';
import type { Sealer } from './provisioning/intent/intent-parts.ts';

/** What judges the configurations of devices by rules. */
export function makeCompliance(options: {
  readonly db: Kysely<Database>;
  readonly vault: Sealer;
  readonly changes: Changes;
  readonly drivers: ConfigurationDrivers;
  readonly clock: Clock;
  readonly logger: Logger;
}): { readonly watch: ComplianceWatch; readonly routes: RouteGroup } {
  const { db, vault, changes, drivers, clock, logger } = options;
  const facts = (driver: string, text: string) =>
    drivers.kinds.includes(driver) ? (drivers.get(driver).facts?.(text) ?? null) : null;
  const watch = new ComplianceWatch({
    db,
    store: new ComplianceStore({ db, sealer: vault, facts, clock, logger }),
    logger,
  });
  const book = new ComplianceBook({ db, changes, clock, changed: () => watch.wake() });
  return { watch, routes: complianceRoutes({ book, reader: new ComplianceReader({ db, clock }) }) };
}
