import type { Clock } from './domain/clock.ts';
import type { NetworkEvent } from './domain/event.ts';
import { newId, type DeviceId } from './domain/ids.ts';
import type { PlacedEvent } from './domain/status-change.ts';
import type { TopologySource } from './domain/topology.ts';
import type { DriftNews } from './provisioning/drift/drift-watch.ts';
import type { RolloutNews } from './provisioning/rollouts/rollout-surroundings.ts';
import type { History } from './status/history.ts';

/** What rollouts and hands do to devices, told in the journal and on the live stream beside what happens in the network. */
export interface ProvisioningEvents {
  ofRollout(news: RolloutNews): void;
  ofDrift(news: DriftNews): void;
  /** Its configuration is another than it was when it was fetched last. */
  ofConfiguration(deviceId: DeviceId): void;
  /** It shows another SSH key than before: nothing was sent to it. */
  ofHostKey(deviceId: DeviceId): void;
}

export function provisioningEvents(options: {
  readonly history: Pick<History, 'record'>;
  readonly tell: (event: PlacedEvent) => void;
  readonly topology: TopologySource;
  readonly clock: Clock;
}): ProvisioningEvents {
  const { history, tell, topology, clock } = options;
  const record = (of: Omit<NetworkEvent, 'id' | 'cause' | 'at'>): void => {
    const event: NetworkEvent = { id: newId(), cause: null, at: clock.now(), ...of };
    history.record(event);
    tell({ event, causeRegionCodes: [] });
  };
  /** The device as it is called now, and where it stands. */
  const about = (deviceId: DeviceId) => {
    const { devices, sites } = topology.current();
    const device = devices.get(deviceId);
    const siteId = device?.siteId ?? null;
    return {
      entityKind: 'device' as const,
      entityId: deviceId,
      entityName: device?.name ?? deviceId,
      siteId,
      regionCode: siteId === null ? null : (sites.get(siteId)?.regionCode ?? null),
    };
  };
  return {
    ofRollout: ({ key, rollout, device, reason }) => {
      const { number, requestedBy: by } = rollout;
      if (device === null) {
        record({
          key,
          entityKind: 'rollout',
          entityId: rollout.id,
          entityName: String(number),
          siteId: null,
          regionCode: commonRegion(rollout.devices.map(({ regionCode }) => regionCode)),
          arguments: { devices: rollout.devices.length, by, reason: reason?.code ?? null },
        });
        return;
      }
      record({
        key,
        entityKind: 'device',
        entityId: device.deviceId,
        entityName: device.deviceName,
        siteId: device.siteId,
        regionCode: device.regionCode,
        arguments: { rollout: number, by },
      });
    },
    ofConfiguration: (deviceId) => record({ key: 'device.configuration-changed', ...about(deviceId), arguments: {} }),
    ofHostKey: (deviceId) => record({ key: 'device.host-key-changed', ...about(deviceId), arguments: {} }),
    ofDrift: ({ deviceId, drift, by }) =>
      record({
        key: drift.length === 0 ? 'device.drift-over' : by === null ? 'device.drifted' : 'device.drifted-by',
        ...about(deviceId),
        arguments: {
          differences: drift.length,
          what: drift
            .slice(0, 3)
            .map(({ subject }) => subject)
            .join(', '),
          ...(by === null ? {} : { by }),
        },
      }),
  };
}

/** The smallest region that all of these lie in; null when there is none but the country. */
function commonRegion(codes: readonly string[]): string | null {
  const [first, ...rest] = codes;
  if (first === undefined) return null;
  const parts = first.split('.');
  for (let length = parts.length; length > 0; length--) {
    const code = parts.slice(0, length).join('.');
    if (rest.every((other) => other === code || other.startsWith(`${code}.`))) return code;
  }
  return null;
}
