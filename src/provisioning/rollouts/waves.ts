import type { DeviceId } from '../../domain/ids.ts';
import type { BlastRadius } from '../../domain/rollout.ts';
import type { BlastRadii } from './blast-radius.ts';
import type { ChangeGraph, ChangeNetwork } from './change-graph.ts';

/** Devices that change at the same time. */
export interface Wave {
  readonly devices: readonly DeviceId[];
  /** What is dark if none of them comes back. */
  readonly worst: BlastRadius;
}

/** How many waves of the same distance a device is tried in before it opens one of its own. */
const openWaves = 4;

/**
 * Parts devices into waves, what is farthest from the agents first and what most lies behind last. A wave never has both
 * ends of a link, and never cuts off more than its devices cut off one by one: where two of them carry the two paths to
 * something, or are the two gateways of a site, they come in different waves. The first wave is one device, the canary.
 * The same devices on the same network give the same waves.
 */
export function planWaves(options: {
  readonly graph: ChangeGraph;
  readonly radii: BlastRadii;
  /** Indices of the graph. */
  readonly devices: readonly number[];
  readonly mostInWave: number;
}): Wave[] {
  const { graph, radii, mostInWave } = options;
  const planner = new Planner(graph, radii);
  const order = [...new Set(options.devices)].sort(
    (a, b) =>
      (graph.distance[b] ?? 0) - (graph.distance[a] ?? 0) ||
      (graph.sizeBehind[a] ?? 0) - (graph.sizeBehind[b] ?? 0) ||
      compare(graph.devices[a]?.name ?? '', graph.devices[b]?.name ?? ''),
  );
  const waves: Set<number>[] = [];
  let open: Set<number>[] = [];
  let distance = -1;
  for (const [place, device] of order.entries()) {
    if (graph.distance[device] !== distance || place === 1) {
      open = [];
      planner.forget();
    }
    distance = graph.distance[device] ?? 0;
    const found = open.find((wave) => wave.size < mostInWave && planner.goTogether(wave, device));
    if (found !== undefined) {
      found.add(device);
      if (found.size === mostInWave) open = open.filter((wave) => wave !== found);
      continue;
    }
    const wave = new Set([device]);
    waves.push(wave);
    open = [...open, wave].slice(-openWaves);
  }
  return waves.map((wave) => ({
    devices: [...wave].flatMap((index) => graph.devices[index]?.id ?? []),
    worst: radii.of([...wave]),
  }));
}

/** Says which devices may change at the same time. */
class Planner {
  readonly #graph: ChangeGraph;
  readonly #standing: readonly Standing[];

  constructor(graph: ChangeGraph, radii: BlastRadii) {
    this.#graph = graph;
    this.#standing = graph.networks.map((network) => new Standing(network, radii));
  }

  /** Earlier devices are not asked about again: in a chain of thousands each would have all that follow. */
  forget(): void {
    for (const standing of this.#standing) standing.forget();
  }

  goTogether(wave: ReadonlySet<number>, device: number): boolean {
    const neighbours = this.#graph.neighbours(device);
    for (const other of neighbours) if (wave.has(other)) return false;
    const all = [...wave, device];
    return this.#standing.every(
      (standing) =>
        standing.sitesKeepAPath(all) &&
        // What hangs on one cable carries nobody else.
        (neighbours.size <= 1 || standing.cutOneByOne(all)),
    );
  }
}

/** What of one network stands while devices change. */
class Standing {
  readonly #network: ChangeNetwork;
  readonly #radii: BlastRadii;
  /** What lies behind each device that was asked about, itself among it. */
  readonly #behind = new Map<number, ReadonlySet<number>>();

  constructor(network: ChangeNetwork, radii: BlastRadii) {
    this.#network = network;
    this.#radii = radii;
  }

  forget(): void {
    this.#behind.clear();
  }

  /** Together they cut off no more than one by one. */
  cutOneByOne(devices: readonly number[]): boolean {
    const apart = new Set<number>();
    for (const each of devices) for (const one of this.#behindOf(each)) apart.add(one);
    let together = 0;
    for (const dark of this.#network.darkWithout(devices)) together += dark;
    return together === apart.size;
  }

  /** No site loses its last carrier by two devices that would each have left it one. */
  sitesKeepAPath(devices: readonly number[]): boolean {
    const gone = new Set(devices.flatMap((device) => [...this.#behindOf(device)]));
    const looked = new Set<readonly number[]>();
    for (const device of gone) {
      const carriers = this.#radii.carriersOfSite(device);
      if (carriers.length < 2 || looked.has(carriers)) continue;
      looked.add(carriers);
      if (!carriers.every((carrier) => gone.has(carrier))) continue;
      const byOne = devices.some((each) => {
        const behind = this.#behindOf(each);
        return carriers.every((carrier) => behind.has(carrier));
      });
      if (!byOne) return false;
    }
    return true;
  }

  #behindOf(device: number): ReadonlySet<number> {
    let behind = this.#behind.get(device);
    if (behind === undefined) {
      behind = new Set(this.#network.behind(device));
      this.#behind.set(device, behind);
    }
    return behind;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
