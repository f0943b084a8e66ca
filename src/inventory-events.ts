import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Clock } from './domain/clock.ts';
import type { NetworkEvent } from './domain/event.ts';
import { newId } from './domain/ids.ts';
import type { LongLived } from './domain/lifecycle.ts';
import type { PlacedEvent } from './domain/status-change.ts';
import type { Inventory } from './inventory/inventory.ts';
import type { History } from './status/history.ts';
import type { TerminalFacts } from './telemetry/terminals.ts';

/**
 * What the inventory learns, what is done to it and that the controller started: told in the journal of events and on
 * the live stream beside what happens in the network.
 */
export function inventoryEvents(options: {
  readonly inventory: Inventory;
  readonly history: Pick<History, 'record'>;
  readonly tell: (event: PlacedEvent) => void;
  readonly logger: Logger;
  readonly clock: Clock;
}): LongLived & { terminalIdentified(facts: TerminalFacts): void; controllerStarted(version: string): void } {
  const { inventory, history, tell, logger, clock } = options;
  const record = (of: Omit<NetworkEvent, 'id' | 'cause'>): void => {
    const event: NetworkEvent = { id: newId(), cause: null, ...of };
    history.record(event);
    tell({ event, causeRegionCodes: [] });
  };
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
    controllerStarted: (version) =>
      record({
        at: clock.now(),
        key: 'controller.started',
        entityKind: 'controller',
        entityId: null,
        entityName: hostname(),
        siteId: null,
        regionCode: null,
        arguments: { version },
      }),
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
