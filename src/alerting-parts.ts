import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { AlertDesk, type AlertDeskOptions } from './alerting/desk/alert-desk.ts';
import { IncidentActions, type IncidentActionsOptions } from './alerting/desk/incident-actions.ts';
import { IncidentFeed } from './alerting/desk/incident-feed.ts';
import { IncidentReader } from './alerting/desk/incident-reader.ts';
import { AlertingRetention } from './alerting/desk/retention.ts';
import { SiteWork } from './alerting/desk/site-work.ts';
import { PeopleOfDesk } from './alerting/desk/people-now.ts';
import { SensorReadings, type SensorStore } from './alerting/desk/sensor-readings.ts';
import { ForeignAlerts } from './alerting/foreign/foreign-alerts.ts';
import type { PeopleDirectory } from './alerting/people/directory.ts';
import { SurroundingsSource } from './alerting/desk/surroundings-source.ts';
import { incidentRoutes } from './api/incidents.ts';
import type { RouteGroup } from './api/routes.ts';
import { accessOfUser } from './auth/grants.ts';
import type { Database } from './database/tables.ts';
import type { RuleAlerts } from './domain/alert.ts';
import type { Clock } from './domain/clock.ts';
import type { AgentId } from './domain/ids.ts';
import type { LongLived } from './domain/lifecycle.ts';
import type { IncidentEvents } from './incident-events.ts';
import type { Inventory } from './inventory/inventory.ts';

export interface AlertingOptions {
  readonly db: Kysely<Database>;
  readonly audit: IncidentActionsOptions['audit'];
  readonly inventory: Inventory;
  /** States of devices, sites and links, and what was measured of them last. */
  readonly board: AlertDeskOptions['states'] & Omit<AlertDeskOptions['readings'], 'opticalOf' | 'voltageOf'>;
  readonly people: PeopleDirectory;
  readonly services: AlertDeskOptions['services'];
  readonly rules: RuleAlerts;
  readonly own: AlertDeskOptions['own'];
  readonly store: SensorStore;
  readonly ownAgentId: AgentId;
  readonly timeZone: string;
  readonly events: IncidentEvents;
  readonly keep: { readonly incidentDays: number; readonly messageDays: number };
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What turns what holds into who is told: `parts` run in this order. */
export interface Alerting {
  readonly parts: readonly LongLived[];
  readonly feed: IncidentFeed;
  readonly actions: IncidentActions;
  readonly siteWork: SiteWork;
  /** Where alerts of other programs are handed in. */
  readonly foreign: ForeignAlerts;
  readonly routes: readonly RouteGroup[];
}

export function makeAlerting(options: AlertingOptions): Alerting {
  const {
    db,
    audit,
    inventory,
    board,
    people,
    services,
    rules,
    own,
    store,
    ownAgentId,
    events,
    registry,
    clock,
    logger,
  } = options;
  const surroundings = new SurroundingsSource({
    db,
    topology: inventory.topology,
    onCommit: (wake) => inventory.changes.onCommit(wake),
    logger,
  });
  const sensors = new SensorReadings({ store, topology: inventory.topology, clock, logger });
  const feed = new IncidentFeed({ db, clock, logger });
  const foreign = new ForeignAlerts({ db, clock, logger });
  const desk = new AlertDesk({
    db,
    clock,
    logger,
    states: board,
    readings: {
      stateOf: (kind, id) => board.stateOf(kind, id),
      portOf: (id) => board.portOf(id),
      opticalOf: (id, since) => sensors.opticalOf(id, since),
      voltageOf: (id) => sensors.voltageOf(id),
    },
    surroundings,
    services,
    rules,
    foreign,
    own,
    people: new PeopleOfDesk(people.book),
    ownAgentId,
    timeZone: options.timeZone,
    onWritten: (news) => {
      feed.wake();
      events.written(news);
    },
  });
  const siteWork = new SiteWork({
    maintenance: inventory.maintenance,
    topology: inventory.topology,
    accessOfUser,
    onCommit: () => inventory.changes.wakeAll(),
  });
  const actions = new IncidentActions({
    db,
    audit,
    clock,
    siteWork,
    onWritten: () => {
      desk.wake();
      feed.wake();
    },
    onTaken: (incident) => events.taken(incident),
    silencesChanged: () => people.book.refresh(),
  });
  sensors.onChange(() => desk.wake());
  observeAlerting(registry, { db, desk });
  return {
    parts: [surroundings, sensors, foreign, feed, desk, new AlertingRetention({ db, clock, logger, ...options.keep })],
    feed,
    actions,
    siteWork,
    foreign,
    routes: [
      incidentRoutes({
        reader: new IncidentReader({ db }),
        actions,
        personOf: (userId) => people.book.personOf(userId),
        clock,
      }),
    ],
  };
}

/** Figures of alerting for `/metrics`. */
function observeAlerting(registry: Registry, { db, desk }: { db: Kysely<Database>; desk: AlertDesk }): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(value());
        },
      }),
    );
  };
  gauge('arung_incidents_open', 'Incidents that are not over', () => desk.statistics.open);
  gauge('arung_alerting_in_charge', '1 where this controller decides who is told', () =>
    desk.statistics.isInCharge ? 1 : 0,
  );
  gauge('arung_alerting_failures', 'Rounds in a row in which it could not be decided who is told', () => {
    return desk.statistics.failures;
  });
  registry.registerMetric(
    new Gauge({
      name: 'arung_notices',
      help: 'Messages that were decided, by their state',
      labelNames: ['state'],
      registers: [],
      async collect() {
        this.reset();
        const rows = await db
          .selectFrom('notices')
          .select(['state', ({ fn }) => fn.countAll<number>().as('count')])
          .groupBy('state')
          .execute()
          // Without its database Arung has other figures to show.
          .catch(() => []);
        for (const { state, count } of rows) this.set({ state }, Number(count));
      },
    }),
  );
}
