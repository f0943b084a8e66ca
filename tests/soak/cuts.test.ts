import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInventory } from '../../data/bone/demo.ts';
import { Demo } from '../support/demo.ts';

interface SimulatedLink {
  readonly name: string;
  readonly medium: string;
  readonly a: string;
  readonly b: string;
  readonly between: 'sites' | 'inside';
}

interface Answer {
  readonly items: readonly {
    readonly name: string;
    readonly state: string;
    readonly cause: { readonly name: string } | null;
  }[];
}

/** How many links are cut; all of them take about two hours. */
const most = Number(process.env['ARUNG_TEST_SOAK_LINKS'] ?? Number.POSITIVE_INFINITY);
const cables = Number(process.env['ARUNG_TEST_SOAK_CABLES'] ?? 60);

/** Which devices no path reaches any more when a link is gone, by walking the inventory: the oracle. */
class Oracle {
  readonly #links = readInventory().links ?? [];
  readonly #roots = readInventory().agents?.[0]?.attachedTo ?? [];
  readonly #all = (readInventory().devices ?? []).map((device) => device.name);

  darkWithout(cut: string): ReadonlySet<string> {
    const neighbours = new Map<string, string[]>();
    const join = (one: string, other: string): void => {
      neighbours.set(one, [...(neighbours.get(one) ?? []), other]);
    };
    for (const link of this.#links) {
      if (link.name === cut) continue;
      const a = link.a.split(':')[0] ?? '';
      const b = link.b.split(':')[0] ?? '';
      join(a, b);
      join(b, a);
    }
    const reached = new Set<string>(this.#roots);
    const queue = [...this.#roots];
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

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Spread over the list, so that a sample has every medium and district. */
function sample<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]).flatMap(
    (one) => (one === undefined ? [] : [one]),
  );
}

describe('links cut in turn, on real packets', () => {
  const demo = new Demo();
  const oracle = new Oracle();
  beforeAll(async () => {
    await demo.start();
    await demo.until((status) => status.devices.up === 1524, 120_000);
    await new Promise((done) => setTimeout(done, 60_000));
  });
  afterAll(() => demo.remove());

  it('darken exactly what lies behind them, with the right cause, and come back', async () => {
    const { items } = JSON.parse(await demo.cli('simulator', 'links', '--json')) as { items: SimulatedLink[] };
    const chosen = [
      ...sample(
        items.filter((link) => link.between === 'sites'),
        most,
      ),
      ...sample(
        items.filter((link) => link.between === 'inside'),
        cables,
      ),
    ];
    const dark: number[] = [];
    const back: number[] = [];
    const wrong: string[] = [];
    for (const link of chosen) {
      const expected = oracle.darkWithout(link.name);
      await demo.post(`/api/v1/simulator/links/${encodeURIComponent(link.name)}/cut`);
      const started = performance.now();
      let found: Answer['items'] = [];
      const deadline = expected.size === 0 ? 8_000 : 12_000;
      while (performance.now() - started < deadline) {
        found = (await demo.get<Answer>('/api/v1/devices?state=down,unreachable,unknown&limit=1000')).items;
        if (expected.size > 0 && found.length >= expected.size) break;
        await new Promise((done) => setTimeout(done, 100));
      }
      const tookMs = performance.now() - started;
      const right =
        found.length === expected.size &&
        found.every(
          (device) => expected.has(device.name) && device.state === 'unreachable' && device.cause?.name === link.name,
        );
      if (!right) {
        const shown = found.slice(0, 3).map((device) => `${device.name} ${device.state} by ${device.cause?.name}`);
        wrong.push(`${link.name} (${link.medium}): ${found.length} of ${expected.size}; ${shown.join('; ')}`);
      } else if (expected.size > 0) dark.push(tookMs);
      await demo.post(`/api/v1/simulator/links/${encodeURIComponent(link.name)}/restore`);
      const tookBackMs = await demo.until((status) => status.devices.up === 1524, 30_000);
      if (expected.size > 0) back.push(tookBackMs);
      await new Promise((done) => setTimeout(done, 1_000));
    }
    const figure = (values: readonly number[]) =>
      `p50 ${percentile(values, 0.5).toFixed(0)} ms, p99 ${percentile(values, 0.99).toFixed(0)} ms`;
    process.stdout.write(
      `cuts: ${chosen.length - wrong.length} of ${chosen.length} right; all dark ${figure(dark)}; all up again ${figure(back)}\n`,
    );
    for (const line of wrong) process.stdout.write(`wrong: ${line}\n`);
    expect(wrong.length / chosen.length).toBeLessThan(0.01);
    expect(percentile(dark, 0.5)).toBeLessThan(5_000);
    expect(percentile(dark, 0.99)).toBeLessThan(8_000);
    expect(percentile(back, 0.99)).toBeLessThan(10_000);
  });
});
