import type { DeviceId } from '../../domain/ids.ts';
import type { NetworkHealth } from './health-gate.ts';

/** What is seen of devices, services and the inventory, as far as a rollout asks for it. */
export interface Seen {
  readonly board: {
    idsNotUp(kind: 'device'): readonly string[];
    measuredOf(id: string): { readonly state: string } | null | undefined;
    deviceFacts(id: string): { readonly lastAnswerAt: number | null } | null | undefined;
    /** When an interface was read last, milliseconds since the epoch; null when it was not lately. */
    sampledAt(interfaceId: string): number | null;
  };
  /** The rules about what is counted on links: their bounds are what is too much. */
  readonly rules: {
    errorsOnLinks(): readonly {
      readonly deviceId: string;
      readonly interfaceId: string;
      readonly name: string;
      readonly field: string;
      readonly perS: number;
    }[];
  };
  readonly services: {
    watched(): readonly { readonly id: string; readonly name: string }[];
    statusOf(id: string): { readonly state: string };
  };
  readonly topology: {
    current(): {
      readonly devices: ReadonlyMap<DeviceId, { readonly name: string; readonly protocol: string }>;
      readonly links: ReadonlyMap<string, { readonly a: End; readonly b: End }>;
    };
  };
  probeSoon(ids: readonly DeviceId[]): void;
  /** Reads all that is measured of a device out of turn. */
  pollSoon(ids: readonly DeviceId[]): void;
}

interface End {
  readonly deviceId: DeviceId;
  readonly interfaceId: string;
}

/** How the network is, as the status board and the services see it. */
export function healthSeen({ board, services, rules, topology, probeSoon, pollSoon }: Seen): NetworkHealth {
  const deviceOf = (id: string) => topology.current().devices.get(id as DeviceId);
  const answeredAt = (id: string): number | null => board.deviceFacts(id)?.lastAnswerAt ?? null;
  const isDark = (id: string): boolean => ['down', 'unreachable'].includes(board.measuredOf(id)?.state ?? '');
  const linksOf = (ids: ReadonlySet<DeviceId>) =>
    [...topology.current().links.values()].filter(({ a, b }) => ids.has(a.deviceId) || ids.has(b.deviceId));
  return {
    errorsNear: (ids) => {
      const own = new Set(ids);
      const near = new Set<string>([...ids, ...linksOf(own).flatMap(({ a, b }) => [a.deviceId, b.deviceId])]);
      return rules
        .errorsOnLinks()
        .filter(({ deviceId }) => near.has(deviceId))
        .map(({ interfaceId, field, name, perS }) => ({ key: `${interfaceId} ${field}`, name, perS }));
    },
    isCountedSince: (ids, at) => {
      const late = linksOf(new Set(ids))
        .flatMap(({ a, b }) => [a, b])
        .filter(({ interfaceId }) => (board.sampledAt(interfaceId) ?? Number.POSITIVE_INFINITY) < at);
      if (late.length > 0) pollSoon([...new Set(late.map(({ deviceId }) => deviceId))]);
      return late.length === 0;
    },
    // Of whom nothing was heard since this program began, nothing can be said to be worse: a terminal that is out of order
    // is called down minutes after the start, whatever is rolled out then.
    darkDevices: () => new Set(board.idsNotUp('device').filter((id) => isDark(id) && answeredAt(id) !== null)),
    poorServices: () => {
      const poor = services.watched().filter(({ id }) => ['down', 'degraded'].includes(services.statusOf(id).state));
      return new Set(poor.map(({ id }) => id));
    },
    ask: probeSoon,
    // Terminals speak too seldom to be waited for.
    answeredAt: (id) => (deviceOf(id)?.protocol === 'snmp' ? answeredAt(id) : null),
    nameOf: (id) => deviceOf(id)?.name ?? services.watched().find((service) => service.id === id)?.name ?? id,
  };
}
