import type { Call } from './controller.ts';
import { isOutdated, type Look, type Said } from './looks.ts';
import type { Context } from './resource.ts';
import { plain, type Properties } from './values.ts';

/** A rollout as the API tells it, as far as it matters here. */
export interface RolloutView {
  readonly number: number;
  readonly state: 'queued' | 'running' | 'paused' | 'stopping' | 'done' | 'stopped';
  readonly reason: Said | null;
  readonly revision: number;
  readonly waves: readonly unknown[] | null;
  readonly phases: readonly string[];
  readonly phase: number;
  readonly devices: readonly {
    readonly device: string;
    readonly state: string;
    readonly wave: number;
    readonly error: Said | null;
  }[];
}

interface Started {
  readonly rollout: RolloutView;
}

/** One answer is waited for so long: proxies and clients give up after minutes. */
const waitS = 25;
const options = ['batch', 'pauseS', 'rollbackS', 'onlyInMaintenance', 'forcedReason'] as const;
const waiting: ReadonlySet<string> = new Set(['waiting', 'checking', 'arming', 'applying', 'confirming', 'reverting']);
const underWay: ReadonlySet<string> = new Set(['arming', 'applying', 'confirming', 'reverting']);

/**
 * Starts a rollout of exactly these versions, or joins the one that goes on for them, and waits for its end. Who stops
 * waiting does not stop it.
 */
export async function follow(
  versions: Readonly<Record<string, string>>,
  inputs: Properties,
  { controller, signal, status }: Context,
): Promise<RolloutView> {
  const asked = options.flatMap((name) => {
    const value = inputs[name];
    return value === undefined ? [] : [[name, plain(value)] as const];
  });
  const body = { versions, ...Object.fromEntries(asked) };
  let rollout: RolloutView | null = null;
  try {
    rollout = (await controller.call<Started>({ method: 'POST', path: '/rollouts', body, signal, status })).rollout;
    while (rollout.state !== 'done' && rollout.state !== 'stopped') {
      status(progressOf(rollout));
      const next: Call = {
        method: 'GET',
        path: `/rollouts/${rollout.number}`,
        query: { after: rollout.revision, waitS, steps: false },
        signal,
        status,
      };
      rollout = await controller.call<RolloutView>(next);
    }
    status(progressOf(rollout));
    return rollout;
  } catch (error) {
    if (!signal.aborted) throw error;
    const which = rollout === null ? 'What has begun' : `Rollout ${rollout.number}`;
    const text = `${which} goes on in Arung; \`pulumi up\` joins it, and the console stops it.`;
    throw new Error(text, { cause: error });
  }
}

function progressOf({ number, state, reason, devices, waves, phases, phase }: RolloutView): string {
  const ended = devices.filter((one) => !waiting.has(one.state)).length;
  const now = devices.filter((one) => underWay.has(one.state)).map(({ device }) => device);
  const open = devices.filter((one) => one.wave > 0 && waiting.has(one.state)).map((one) => one.wave);
  const parts = [
    `rollout ${number} ${state}: ${ended} of ${devices.length} devices`,
    ...(phases.length === 0 ? [] : [`phase ${phase + 1} of ${phases.length} (${phases[phase] ?? ''})`]),
    ...(waves === null || open.length === 0 ? [] : [`wave ${Math.min(...open)} of ${waves.length}`]),
    ...(now.length === 0
      ? []
      : [`now ${now.slice(0, 3).join(', ')}${now.length > 3 ? ` and ${now.length - 3} more` : ''}`]),
    ...(reason === null ? [] : [reason.message]),
  ];
  return parts.join('; ');
}

const mostReasons = 20;

/** Why it did not end well: the rollout's own reason, and that of each device. */
export function reasonsOf({ number, reason, devices }: RolloutView): readonly string[] {
  const bad = devices.filter(({ error }) => error !== null);
  const skipped = devices.filter(({ state }) => state === 'skipped').length;
  const left = bad.length - mostReasons;
  return [
    `Rollout ${number} stopped: ${reason?.message ?? 'see the console.'}`,
    ...bad.slice(0, mostReasons).map(({ device, state, error }) => `${device} (${state}): ${error?.message ?? ''}`),
    ...(left > 0 ? [`and ${left} more devices`] : []),
    ...(skipped > 0 ? [skipped === 1 ? '1 device was not begun.' : `${skipped} devices were not begun.`] : []),
  ];
}

/**
 * Whether a device is what it should be, as far as a program's versions go: what others have staged since is theirs to
 * roll out.
 */
export function isRight(look: Look | null, version: string | undefined): boolean {
  if (look === null || look.confirmed === null || look.drift.length > 0 || isOutdated(look)) return false;
  return look.confirmed.version === version || look.confirmed.version === look.staged?.version;
}
