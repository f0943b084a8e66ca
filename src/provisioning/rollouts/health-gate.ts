import type { DeviceId } from '../../domain/ids.ts';
import type { HealthBefore } from '../../domain/rollout.ts';
import type { Rollout } from './rollout-record.ts';

/** An end of a link with errors or discards. */
export interface LinkErrors {
  /** Interface and column, always the same. */
  readonly key: string;
  /** As a person knows the interface. */
  readonly name: string;
  readonly perS: number;
}

/** More than twice as many as before is more than what comes and goes with the load. */
const clearlyMore = 2;
/** What counts nothing, or is read by an agent elsewhere, is waited for no longer than this after the pause. */
const countsWithinMs = 10_000;

/** How the network is, as the status board and the services see it. */
export interface NetworkHealth {
  /** Devices that do not answer or are not reached, also while planned work is announced over them. */
  darkDevices(): ReadonlySet<string>;
  /** Ids of services that are down or degraded. */
  poorServices(): ReadonlySet<string>;
  /** Where more errors or discards are counted than the rules for links let pass, on these devices and those that links join them with. */
  errorsNear(ids: readonly DeviceId[]): readonly LinkErrors[];
  /** Whether all that is counted near devices has been read since a moment; what has not is read out of turn. */
  isCountedSince(ids: readonly DeviceId[], at: number): boolean;
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
  /** Interfaces with their rate. */
  readonly errors: readonly string[];
}

/**
 * Compares the network behind changed devices with what it was when the rollout began: what was dark then is nobody's
 * reason to wait, and errors that were counted then are none unless there are clearly more.
 * @param around.behind devices that the changes could have cut off.
 */
function worseThan(
  before: HealthBefore,
  health: NetworkHealth,
  { changed, behind }: { readonly changed: readonly DeviceId[]; readonly behind: ReadonlySet<DeviceId> },
): GateFindings {
  const darkThen = new Set(before.devices);
  const poorThen = new Set(before.services);
  const devices = [...health.darkDevices()].filter((id) => behind.has(id as DeviceId) && !darkThen.has(id));
  const services = [...health.poorServices()].filter((id) => !poorThen.has(id));
  return {
    devices: devices.map((id) => health.nameOf(id)).sort(),
    services: services.map((id) => health.nameOf(id)).sort(),
    errors: moreErrors(before, health.errorsNear(changed)),
  };
}

function moreErrors({ errors }: HealthBefore, now: readonly LinkErrors[]): readonly string[] {
  // One that began before this was looked at has nothing to compare with.
  if (errors === undefined) return [];
  const more = now.filter(({ key, perS }) => perS > clearlyMore * (errors[key] ?? 0));
  return [...new Set(more.map(({ name, perS }) => `${name} (${rateText(perS)})`))].sort();
}

function rateText(perS: number): string {
  return `${perS < 10 ? Math.round(perS * 10) / 10 : Math.round(perS)}/s`;
}

/** `open`: on with the next wave. `shut`: it was not well again in time. */
export type GateState =
  | { readonly state: 'open' | 'pausing' }
  | { readonly state: 'waiting' | 'shut'; readonly worse: GateFindings };

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
  const ended = rollout.devices.filter((device) => device.wave > 0 && device.wave <= wave);
  const changed = ended.map(({ deviceId }) => deviceId);
  const before = rollout.before ?? { devices: [], services: [] };
  const worse = worseThan(before, around.health, { changed, behind: around.behind(changed) });
  const endedAt = Math.max(...ended.map((device) => device.endedAt ?? 0));
  const waitedMs = around.now - endedAt;
  const pauseMs = rollout.pauseS * 1_000;
  if (worse.devices.length === 0 && worse.services.length === 0 && worse.errors.length === 0) {
    const isPaused = waitedMs >= pauseMs;
    // What is counted is read in its own time: a short pause would else end before the first reading after the change.
    const isCounted = waitedMs >= pauseMs + countsWithinMs || !isPaused || around.health.isCountedSince(changed, endedAt + pauseMs); // prettier-ignore
    return { state: isPaused && isCounted ? 'open' : 'pausing' };
  }
  return { state: waitedMs > around.withinMs + pauseMs ? 'shut' : 'waiting', worse };
}

/** @param devices those that are to be changed. */
export function healthNow(health: NetworkHealth, devices: readonly DeviceId[]): HealthBefore {
  return {
    devices: [...health.darkDevices()].sort(),
    services: [...health.poorServices()].sort(),
    errors: Object.fromEntries(health.errorsNear(devices).map(({ key, perS }) => [key, perS])),
  };
}
