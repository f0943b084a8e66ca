import type { Logger } from 'pino';
import type { Clock } from './domain/clock.ts';
import type { NetworkEvent } from './domain/event.ts';
import { newId } from './domain/ids.ts';
import type { LongLived } from './domain/lifecycle.ts';
import type { Inventory } from './inventory/inventory.ts';
import type { History } from './status/history.ts';
import type { TerminalFacts } from './telemetry/terminals.ts';

/** What the inventory learns and what is done to it, told in the journal of events beside what happens in the network. */
export function inventoryEvents(options: {
  readonly inventory: Inventory;
  readonly history: Pick<History, 'record'>;
  readonly logger: Logger;
  readonly clock: Clock;
}): LongLived & { terminalIdentified(facts: TerminalFacts): void } {
  const { inventory, history, logger, clock } = options;
  const record = (event: Omit<NetworkEvent, 'id' | 'cause'>): void =>
    history.record({ id: newId(), cause: null, ...event });
  let stops: readonly (() => void)[] = [];
  return {
    name: 'inventory events',
    start: async () => {
      stops = [
        inventory.facts.onFactsChanged((change) =>
          record({
            at: change.at,
            key: change.key,
            entityKind: 'device',
            entityId: change.deviceId,
            entityName: change.deviceName,
            siteId: change.siteId,
            regionCode: change.regionCode,
            arguments: change.arguments,
          }),
        ),
        inventory.importer.onImported(({ at, by, created, changed }) =>
          record({
            at,
            key: 'inventory.imported',
            entityKind: 'inventory',
            entityId: null,
            entityName: '',
            siteId: null,
            regionCode: null,
            arguments: { created, changed, by },
          }),
        ),
      ];
    },
    stop: async () => {
      for (const stop of stops) stop();
    },
    terminalIdentified: ({ deviceId, serial, model, firmware }) => {
      const nothing = { interfaces: [], neighbours: [], readings: [], ifTableLastChange: null };
      const facts = { sysObjectId: '', sysDescr: '', sysName: '', profile: 'terminal/mqtt', vendor: '' };
      inventory.facts
        .record({ ...nothing, ...facts, deviceId, at: clock.now(), serial, model, firmware })
        .catch((error: unknown) =>
          logger.warn({ err: error, device: deviceId }, 'the facts of a terminal were not kept'),
        );
    },
  };
}
