import type { DeviceId } from '../../domain/ids.ts';
import type { NetworkHealth } from './health-gate.ts';

/** What is seen of devices, services and the inventory, as far as a rollout asks for it. */
export interface Seen {
  readonly board: {
    idsNotUp(kind: 'device'): readonly string[];
    measuredOf(id: string): { readonly state: string } | null | undefined;
    deviceFacts(id: string): { readonly lastAnswerAt: number | null } | null | undefined;
  };
  readonly services: {
    watched(): readonly { readonly id: string; readonly name: string }[];
    statusOf(id: string): { readonly state: string };
  };
  readonly topology: {
    current(): { readonly devices: ReadonlyMap<DeviceId, { readonly name: string; readonly protocol: string }> };
  };
  probeSoon(ids: readonly DeviceId[]): void;
}

/** How the network is, as the status board and the services see it. */
export function healthSeen({ board, services, topology, probeSoon }: Seen): NetworkHealth {
  const deviceOf = (id: string) => topology.current().devices.get(id as DeviceId);
  const answeredAt = (id: string): number | null => board.deviceFacts(id)?.lastAnswerAt ?? null;
  const isDark = (id: string): boolean => ['down', 'unreachable'].includes(board.measuredOf(id)?.state ?? '');
  return {
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
