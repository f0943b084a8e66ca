import type { DeviceId } from '../../domain/ids.ts';
import type { HealthBefore } from '../../domain/rollout.ts';

/** How the network is, as the status board and the services see it. */
export interface NetworkHealth {
  /** Devices that do not answer or are not reached, also while planned work is announced over them. */
  darkDevices(): ReadonlySet<string>;
  /** Ids of services that are down or degraded. */
  poorServices(): ReadonlySet<string>;
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
export function worseThan(before: HealthBefore, behind: ReadonlySet<DeviceId>, health: NetworkHealth): GateFindings {
  const darkThen = new Set(before.devices);
  const poorThen = new Set(before.services);
  const devices = [...health.darkDevices()].filter((id) => behind.has(id as DeviceId) && !darkThen.has(id));
  const services = [...health.poorServices()].filter((id) => !poorThen.has(id));
  return {
    devices: devices.map((id) => health.nameOf(id)).sort(),
    services: services.map((id) => health.nameOf(id)).sort(),
  };
}

export function healthNow(health: NetworkHealth): HealthBefore {
  return { devices: [...health.darkDevices()].sort(), services: [...health.poorServices()].sort() };
}
