import type { Kysely } from 'kysely';
import { SiteWork } from '../../src/alerting/desk/site-work.ts';
import type { AuditLog } from '../../src/audit/audit-log.ts';
import { accessOfUser } from '../../src/auth/grants.ts';
import { Changes } from '../../src/database/collection/changes.ts';
import type { Database } from '../../src/database/tables.ts';
import { systemClock, type Clock } from '../../src/domain/clock.ts';
import type { Topology } from '../../src/domain/topology.ts';
import { Maintenance } from '../../src/inventory/maintenance.ts';

/** Planned work from messages as the program makes it, on a database; `topology` where what broke is looked up in it. */
export function testSiteWork(options: {
  readonly db: Kysely<Database>;
  readonly audit: AuditLog;
  readonly topology?: () => Topology;
  readonly clock?: Clock;
  readonly onCommit?: () => void;
}): SiteWork {
  const { db, audit, clock = systemClock, topology = () => nothing, onCommit = () => undefined } = options;
  const changes = new Changes({ db, audit });
  return new SiteWork({
    maintenance: new Maintenance({ db, changes, clock }),
    topology: { current: topology, onChange: () => () => undefined },
    accessOfUser,
    onCommit,
  });
}

const nothing: Topology = { version: 0, sites: new Map(), devices: new Map(), links: new Map(), agents: new Map() };
