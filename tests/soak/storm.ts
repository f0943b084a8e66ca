import { readInventory } from '../../data/bone/demo.ts';
import type { SimulatorControl } from '../../agents/simulator/control.ts';
import { Oracle, shuffled } from './cutting.ts';

/** A link of the storm, and what is dark without it. */
export interface StormLink {
  readonly name: string;
  readonly behind: ReadonlySet<string>;
}

/**
 * Links with nothing in common behind them, until so many devices are dark: those between sites, the least behind them
 * first, then cables inside the other sites.
 */
export function stormLinks(devices: number, seed: number): readonly StormLink[] {
  const inventory = readInventory();
  const siteOf = new Map((inventory.devices ?? []).map(({ name, site }) => [name, site]));
  const oracle = new Oracle();
  const isBetween = ({ a, b }: { a: string; b: string }): boolean =>
    siteOf.get(a.split(':')[0] ?? '') !== siteOf.get(b.split(':')[0] ?? '');
  const all = (inventory.links ?? [])
    .map((link) => ({ name: link.name, isBetween: isBetween(link), behind: oracle.darkWithout(link.name) }))
    .filter(({ behind }) => behind.size > 0)
    .sort((one, other) => Number(other.isBetween) - Number(one.isBetween) || one.behind.size - other.behind.size);
  const taken = new Set<string>();
  const chosen: StormLink[] = [];
  for (const { name, behind } of all) {
    if (taken.size >= devices) break;
    if ([...behind].some((device) => taken.has(device))) continue;
    chosen.push({ name, behind });
    for (const device of behind) taken.add(device);
  }
  return shuffled(chosen, seed);
}

interface Flapping extends StormLink {
  isCut: boolean;
  nextAt: number;
  /** Milliseconds: how long it is gone, and how long it is there. */
  readonly gone: () => number;
  readonly there: () => number;
}

/**
 * Cuts and restores links, each at times of its own, until it is stopped: every other one so fast that it flaps within one
 * incident, the rest so slowly that each time is an incident of its own. They begin one after the other within `spreadMs`.
 */
export class Storm {
  toggles = 0;
  readonly #control: SimulatorControl;
  readonly #links: readonly Flapping[];
  #run: Promise<void> | null = null;
  #stopped = false;

  constructor(
    control: SimulatorControl,
    links: readonly StormLink[],
    { random, spreadMs }: { readonly random: () => number; readonly spreadMs: number },
  ) {
    this.#control = control;
    const between = (least: number, most: number) => () => least + random() * (most - least);
    this.#links = links.map((link, index) => ({
      ...link,
      isCut: false,
      nextAt: Date.now() + (spreadMs * index) / links.length,
      gone: between(12_000, 35_000),
      there: index % 2 === 0 ? between(10_000, 30_000) : between(70_000, 140_000),
    }));
  }

  start(): void {
    this.#run = this.#toggle();
  }

  /** Cuts all of them, or puts all together again, after the last toggle. */
  async stop(then: 'cut' | 'restore'): Promise<void> {
    this.#stopped = true;
    await this.#run;
    for (const link of this.#links) await this.#set(link, then === 'cut');
  }

  async #toggle(): Promise<void> {
    while (!this.#stopped) {
      for (const link of this.#links) {
        if (this.#stopped) return;
        if (Date.now() < link.nextAt) continue;
        await this.#set(link, !link.isCut);
        link.nextAt = Date.now() + (link.isCut ? link.gone() : link.there());
      }
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  async #set(link: Flapping, cut: boolean): Promise<void> {
    if (link.isCut === cut) return;
    await (cut ? this.#control.cut(link.name) : this.#control.restore(link.name));
    link.isCut = cut;
    this.toggles++;
  }
}
