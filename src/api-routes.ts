import packageJson from '../package.json' with { type: 'json' };
import type { AccessParts } from './access-parts.ts';
import type { Alerting } from './alerting-parts.ts';
import { alertRuleFileRoutes } from './api/alert-rule-files.ts';
import { alertRuleRoutes } from './api/alert-rules.ts';
import { auditRoutes } from './api/audit.ts';
import { deviceMetricRoutes } from './api/device-metrics.ts';
import { DatabaseDeviceNames } from './api/device-names.ts';
import { DatabaseEntityScope } from './api/entity-scope.ts';
import { eventRoutes } from './api/events.ts';
import { externalValueRoutes } from './api/external-values.ts';
import { historyRoutes } from './api/history.ts';
import { influxWriteRoutes } from './api/influx-write.ts';
import { inventoryRoutes } from './api/inventory-routes.ts';
import { peopleRoutes } from './api/people-routes.ts';
import { pollingRoutes } from './api/polling.ts';
import { proposalRoutes } from './api/proposals.ts';
import { reportRoutes } from './api/reports.ts';
import type { RouteGroup } from './api/routes.ts';
import { seriesRoutes } from './api/series.ts';
import { serviceSiteRoutes } from './api/service-sites.ts';
import { statusRoutes } from './api/status.ts';
import { territoryRoutes, tileRoutes } from './api/territory.ts';
import { trafficRoutes } from './api/traffic.ts';
import type { Clock } from './domain/clock.ts';
import type { MeasuringParts } from './measuring-parts.ts';
import type { MessagingParts } from './messaging-parts.ts';
import type { Provisioning } from './provisioning-parts.ts';
import type { Phone } from './phone-parts.ts';
import { AvailabilityReports } from './reports/availability.ts';
import type { State } from './state.ts';
import { EventLog } from './status/event-log.ts';
import { HistoryReader } from './status/history-reader.ts';
import type { StreamParts } from './stream-parts.ts';
import { unpacked } from './telemetry/message-queues.ts';
import type { TerritoryService } from './territory/territory-service.ts';

/** What answers over REST. */
export interface Answering {
  readonly state: State;
  readonly access: AccessParts;
  readonly stream: StreamParts;
  readonly measuring: MeasuringParts;
  readonly alerting: Alerting;
  readonly messaging: MessagingParts;
  readonly provisioning: Provisioning;
  readonly territory: TerritoryService;
  readonly phone: Phone;
  readonly clock: Clock;
}

/** Below `/api/v1`. */
export function apiRoutes(answering: Answering): readonly RouteGroup[] {
  const { state, access, stream, measuring, alerting, messaging, provisioning, territory, phone, clock } = answering;
  const { database, audit, inventory, people } = state;
  const { store, board, keepDays, rules } = stream;
  const { services, agent } = measuring;
  const { topology, devices } = inventory;
  const { db } = database;
  const past = new HistoryReader({ db, topology, clock });
  return [
    ...access.routes,
    auditRoutes(audit),
    ...peopleRoutes(people),
    ...inventoryRoutes({ inventory, live: board, services }),
    proposalRoutes(inventory.externalSources),
    externalValueRoutes({ devices, store }),
    statusRoutes({ board, clock }),
    serviceSiteRoutes({ states: services, past, topology, clock }),
    eventRoutes(new EventLog({ db })),
    ...alerting.routes,
    phone.routes,
    ...messaging.routes,
    ...provisioning.routes,
    historyRoutes({ reader: past, clock }),
    reportRoutes({ availability: new AvailabilityReports({ db, clock, keepDays }), clock }),
    trafficRoutes({ store, topology, clock }),
    territoryRoutes(territory),
    pollingRoutes({ devices, agent }),
    alertRuleRoutes(rules),
    alertRuleFileRoutes(rules),
    seriesRoutes({ store, scope: new DatabaseEntityScope(db), clock }),
  ];
}

/** At the root, where others look for them: tiles, the page of a message, metrics of devices, what InfluxDB takes. */
export function rootRoutes(answering: Answering): readonly RouteGroup[] {
  const { state, stream, measuring, territory, phone } = answering;
  const { store, queue, board } = stream;
  return [
    tileRoutes(territory),
    phone.pageRoutes,
    deviceMetricRoutes({ store, names: new DatabaseDeviceNames(state.database.db), states: board }),
    influxWriteRoutes(
      {
        unpack: unpacked,
        write: (origin, text, precision) => measuring.external.write(origin, text, precision),
        durable: () => queue.durable(),
      },
      packageJson.version,
    ),
  ];
}
