import { readInventory } from '../../data/bone/demo.ts';
import { everyDevice, type Demo } from '../support/demo.ts';

export interface SimulatedLink {
  readonly name: string;
  readonly medium: string;
  readonly between: 'sites' | 'inside';
}

interface ShownDevice {
  readonly name: string;
  readonly state: string;
  readonly cause: { readonly name: string } | null;
}

/** Which devices no path reaches any more when a link is gone, by walking the true inventory: the oracle. */
export class Oracle {
  readonly #links = readInventory().links ?? [];
  readonly #roots = readInventory().agents?.[0]?.attachedTo ?? [];
  readonly #all = (readInventory().devices ?? []).map((device) => device.name);

  /** Dark with a link cut. */
  darkWithout(cut: string): ReadonlySet<string> {
    return this.#dark(({ name }) => name === cut);
  }

  /** Dark with a device off, itself among them. */
  darkWhenOff(device: string): ReadonlySet<string> {
    const rest = this.#roots.filter((root) => root !== device);
    return this.#dark(({ a, b }) => [a, b].some((port) => port.split(':')[0] === device), rest);
  }

  #dark(
    isGone: (link: { readonly name: string; readonly a: string; readonly b: string }) => boolean,
    roots: readonly string[] = this.#roots,
  ): ReadonlySet<string> {
    const neighbours = new Map<string, string[]>();
    const join = (one: string, other: string): void => {
      neighbours.set(one, [...(neighbours.get(one) ?? []), other]);
    };
    for (const link of this.#links) {
      if (isGone(link)) continue;
      const a = link.a.split(':')[0] ?? '';
      const b = link.b.split(':')[0] ?? '';
      join(a, b);
      join(b, a);
    }
    const reached = new Set<string>(roots);
    const queue = [...roots];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const neighbour of neighbours.get(next) ?? []) {
        if (reached.has(neighbour)) continue;
        reached.add(neighbour);
        queue.push(neighbour);
      }
    }
    return new Set(this.#all.filter((name) => !reached.has(name)));
  }
}

/** The same order in every run, and neighbours far apart in it: a site that goes dark too often counts as flapping. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  let state = seed;
  for (let i = result.length - 1; i > 0; i--) {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    const j = state % (i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

/** The simulated links in the order in which they are cut: at most `between` between sites and `inside` inside one. */
export async function linksToCut(demo: Demo, most: { between: number; inside: number }): Promise<SimulatedLink[]> {
  const { items } = JSON.parse(await demo.cli('simulator', 'links', '--json')) as { items: SimulatedLink[] };
  const some = (where: SimulatedLink['between'], count: number): SimulatedLink[] =>
    shuffled(
      items.filter((link) => link.between === where),
      20_261_125,
    ).slice(0, count);
  return shuffled([...some('sites', most.between), ...some('inside', most.inside)], 7308);
}

/** What is asked of the states while a link is cut. */
export type Expectation = 'caused by the link' | 'dark';

export interface Outcome {
  readonly link: string;
  readonly medium: string;
  /** Null when it was right. */
  readonly wrong: string | null;
  readonly darkMs: number | null;
  readonly backMs: number | null;
}

const waitMs = 15_000;
/** A state that is right must still be right so much later. */
const holdMs = 1_000;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Cuts a link, waits until the states are right (or the time is over), restores it and waits until all is up. */
export async function cutAndRestore(
  demo: Demo,
  link: SimulatedLink,
  expected: ReadonlySet<string>,
  expectation: Expectation,
): Promise<Outcome> {
  const path = `/api/v1/simulator/links/${encodeURIComponent(link.name)}`;
  await demo.post(`${path}/cut`);
  const started = performance.now();
  let darkMs: number | null = null;
  let found: readonly ShownDevice[] = [];
  let state = '';
  const isRight = async (): Promise<boolean> => {
    found = (await demo.get<{ items: ShownDevice[] }>('/api/v1/devices?state=down,unreachable,unknown&limit=1000'))
      .items;
    if (found.length !== expected.size || !found.every((device) => expected.has(device.name))) return false;
    if (expectation === 'dark') return true;
    state = (await demo.get<{ state: string }>(`/api/v1/links/${encodeURIComponent(link.name)}`)).state;
    if (state !== 'down') return false;
    return found.every((device) => device.state === 'unreachable' && device.cause?.name === link.name);
  };
  while (performance.now() - started < waitMs) {
    if (await isRight()) {
      darkMs = performance.now() - started;
      break;
    }
    await pause(100);
  }
  if (darkMs !== null) {
    await pause(holdMs);
    if (!(await isRight())) darkMs = null;
  }
  const shown = found.slice(0, 3).map((device) => `${device.name} ${device.state} by ${device.cause?.name}`);
  const wrong =
    darkMs === null ? `${found.length} of ${expected.size} devices, link ${state}; ${shown.join('; ')}` : null;
  await demo.post(`${path}/restore`);
  const total = expected.size === 0 ? 0 : await demo.until((status) => status.devices.up === everyDevice, 90_000);
  if (expected.size === 0) await pause(500);
  const dark = expected.size > 0 && darkMs !== null;
  return {
    link: link.name,
    medium: link.medium,
    wrong,
    darkMs: dark ? darkMs : null,
    backMs: dark ? total : null,
  };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Prints what the run found, and each wrong one. */
export function summary(
  title: string,
  outcomes: readonly Outcome[],
): { wrong: number; dark: number[]; back: number[] } {
  const wrong = outcomes.filter((outcome) => outcome.wrong !== null);
  const dark = outcomes.flatMap((outcome) => outcome.darkMs ?? []);
  const back = outcomes.flatMap((outcome) => outcome.backMs ?? []);
  const figure = (values: readonly number[]): string =>
    `p50 ${percentile(values, 0.5).toFixed(0)} ms, p99 ${percentile(values, 0.99).toFixed(0)} ms`;
  process.stdout.write(
    `${title}: ${outcomes.length - wrong.length} of ${outcomes.length} right; all dark ${figure(dark)}; all up again ${figure(back)}\n`,
  );
  for (const one of wrong) process.stdout.write(`wrong: ${one.link} (${one.medium}): ${one.wrong}\n`);
  return { wrong: wrong.length, dark, back };
}
