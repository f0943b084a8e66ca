import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { makeRules, type Rules } from './alerting/rules/rules.ts';
import type { Database } from './database/tables.ts';
import type { Clock } from './domain/clock.ts';
import type { DeviceId } from './domain/ids.ts';
import type { LongLived } from './domain/lifecycle.ts';
import type { Inventory } from './inventory/inventory.ts';
import { metricsHealth, type MetricsHealth } from './metrics/health.ts';
import type { Journal } from './metrics/journal/journal.ts';
import { observeMetricStore } from './metrics/own-health.ts';
import { BufferedStore } from './metrics/queue.ts';
import type { MetricStore } from './metrics/store.ts';
import { StatusBoard, type StatusBoardOptions } from './status/board.ts';
import type { OwnAgent } from './status/sight.ts';
import { History } from './status/history.ts';
import { FanOutBus } from './telemetry/bus.ts';

export interface StreamSettings {
  /** Of states and events; 0: for good. */
  readonly historyDays: number;
  readonly timeZone: string;
  /** `ARUNG_RULES_FILE`; null: none. */
  readonly rulesFile: string | null;
}

/** The one way in for all that is measured, and who listens: `parts` run in this order. */
export interface StreamParts {
  readonly parts: readonly LongLived[];
  readonly bus: FanOutBus;
  readonly store: MetricStore;
  /** Before the store, so that nobody who measures waits for it. */
  readonly queue: BufferedStore;
  readonly board: StatusBoard;
  readonly history: History;
  /** How long states and events are kept; null: for good. */
  readonly keepDays: number | null;
  readonly rules: Rules;
  /** Of the way into the store, as of now. */
  readonly health: () => MetricsHealth;
}

export function makeStream(options: {
  readonly config: StreamSettings;
  readonly store: MetricStore;
  /** Before a store on another machine; null before the embedded one. */
  readonly journal: Journal | null;
  readonly db: Kysely<Database>;
  readonly inventory: Inventory;
  /** Asks these devices out of turn. */
  readonly probeSoon: StatusBoardOptions['probeSoon'];
  readonly own: OwnAgent;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}): StreamParts {
  const { config, store, journal, db, inventory, probeSoon, own, registry, clock, logger } = options;
  const bus = new FanOutBus({ logger });
  const queue = new BufferedStore({ store: journal ?? store, clock, logger });
  const keepDays = config.historyDays === 0 ? null : config.historyDays;
  const history = new History({ db, clock, logger, keepDays });
  const board = new StatusBoard({
    topology: inventory.topology,
    clock,
    logger,
    restore: () => history.restore(),
    probeSoon,
    own,
  });
  const rules = makeRules({
    db,
    changes: inventory.changes,
    store,
    states: {
      isUp: (device) => board.stateOf('device', device)?.state === 'up',
      isInMaintenance: (device) => inventory.topology.current().devices.get(device as DeviceId)?.maintenance === true,
    },
    topology: () => inventory.topology.current(),
    timeZone: config.timeZone,
    rulesFile: config.rulesFile,
    clock,
    logger,
  });
  bus.to(queue);
  bus.to(board);
  bus.to(rules.watch);
  history.follow(board);
  observeMetricStore(registry, { queue, journal, store });
  const kept = journal === null ? [store, queue] : [store, journal, queue];
  return {
    parts: [...kept, history, board, rules.book, rules.file, rules.watch],
    bus,
    store,
    queue,
    board,
    history,
    keepDays,
    rules,
    health: () => metricsHealth({ queue, journal }),
  };
}
