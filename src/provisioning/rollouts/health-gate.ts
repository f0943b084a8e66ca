import type { DeviceId } from '../../domain/ids.ts';
import type { HealthBefore } from '../../domain/rollout.ts';
import type { Rollout } from './rollout-record.ts';

/** How the network is, as the status board and the services see it. */
export interface NetworkHealth {
  /** Devices that do not answer or are not reached, also while planned work is announced over them. */
  darkDevices(): ReadonlySet<string>;
  /** Ids of services that are down or degraded. */
  poorServices(): ReadonlySet<string>;
  /** When a device that is asked every few seconds answered last, milliseconds since the epoch; null for any other. */
  answeredAt(id: string): number | null;
  /** Asks devices out of turn. */
  ask(ids: readonly DeviceId[]): void;
  nameOf(id: string): string;
}

/** What is worse than before, by name; nothing when the gate is open. */
export interface GateFindings {
  readonly devices: readonly string[];
  readonly services: readonly string[];
}

/**
 * Compares the network behind changed devices with what it was when the rollout began: what was dark then is nobody's
 * reason to wait.
 * @param behind devices that the changes could have cut off.
 */
function worseThan(before: HealthBefore, behind: ReadonlySet<DeviceId>, health: NetworkHealth): GateFindings {
  const darkThen = new Set(before.devices);
  const poorThen = new Set(before.services);
  const devices = [...health.darkDevices()].filter((id) => behind.has(id as DeviceId) && !darkThen.has(id));
  const services = [...health.poorServices()].filter((id) => !poorThen.has(id));
  return {
    devices: devices.map((id) => health.nameOf(id)).sort(),
    services: services.map((id) => health.nameOf(id)).sort(),
  };
}

/** `open`: on with the next wave. `shut`: it was not well again in time. */
export type GateState =
  { readonly state: 'open' | 'pausing' } | { readonly state: 'waiting' | 'shut'; readonly worse: GateFindings };

/** Whether a rollout may go on behind a wave: the network is as well as when it began, and was for its pause. */
export function gateBehind(
  rollout: Pick<Rollout, 'before' | 'pauseS' | 'devices'>,
  wave: number,
  around: {
    readonly behind: (devices: readonly DeviceId[]) => ReadonlySet<DeviceId>;
    readonly health: NetworkHealth;
    readonly now: number;
    /** How long a wave may take to be well again after its last device. */
    readonly withinMs: number;
  },
): GateState {
  // Its next wave has begun already: the gate was passed.
  if (rollout.devices.some((device) => device.wave === wave + 1 && device.state !== 'checking'))
    return { state: 'open' };
  const changed = rollout.devices.filter((device) => device.wave > 0 && device.wave <= wave);
  const before = rollout.before ?? { devices: [], services: [] };
  const worse = worseThan(before, around.behind(changed.map(({ deviceId }) => deviceId)), around.health);
  const waitedMs = around.now - Math.max(...changed.map((device) => device.endedAt ?? 0));
  const pauseMs = rollout.pauseS * 1_000;
  if (worse.devices.length === 0 && worse.services.length === 0)
    return { state: waitedMs >= pauseMs ? 'open' : 'pausing' };
  return { state: waitedMs > around.withinMs + pauseMs ? 'shut' : 'waiting', worse };
}

export function healthNow(health: NetworkHealth): HealthBefore {
  return { devices: [...health.darkDevices()].sort(), services: [...health.poorServices()].sort() };
}
