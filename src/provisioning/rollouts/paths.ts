import { NetworkGraph } from '../../domain/network-graph.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { BlastRadius } from '../../domain/rollout.ts';
import type { TopologySource } from '../../domain/topology.ts';
import { BlastRadii, type HostedService } from './blast-radius.ts';
import { planWaves, type Wave } from './waves.ts';

/** What changes of devices could cut, on the network as it is now. */
export class ChangePaths {
  readonly #topology: TopologySource;
  readonly #services: () => readonly HostedService[];
  #graph: NetworkGraph | null = null;

  constructor(options: { readonly topology: TopologySource; readonly services: () => readonly HostedService[] }) {
    this.#topology = options.topology;
    this.#services = options.services;
  }

  /** Devices that stand at no active site hang nowhere: they make waves of their own, which cut nothing. */
  waves(devices: readonly DeviceId[], mostInWave: number): readonly Wave[] {
    const graph = this.#current();
    const placed = this.#indices(devices);
    const elsewhere = devices.filter((id) => !graph.deviceIndex.has(id));
    const planned = planWaves({ graph, radii: this.#radii(graph), devices: placed, mostInWave });
    if (elsewhere.length === 0) return planned;
    const worst: BlastRadius = { devices: elsewhere.length, sites: [], terminals: 0, services: [], servicesMissed: [], cutsController: false }; // prettier-ignore
    return [{ devices: elsewhere, worst }, ...planned];
  }

  /** The worst case of all of these at once. */
  worst(devices: readonly DeviceId[]): BlastRadius {
    return this.#radii(this.#current()).of(this.#indices(devices));
  }

  /** Devices that are dark when these are: themselves, and what no other path reaches. */
  behind(devices: readonly DeviceId[]): ReadonlySet<DeviceId> {
    const graph = this.#current();
    const dark = this.#radii(graph).darkWithout(this.#indices(devices));
    return new Set([...graph.devices.flatMap(({ id }, i) => (dark[i] === 1 ? [id] : [])), ...devices]);
  }

  /**
   * Whether two sets of devices may change at the same time: they share no device and no link, neither cuts off what the
   * other changes or carries, and together they cut nothing, and no last gateway of a site, that none of them cuts alone.
   */
  areIndependent(some: readonly DeviceId[], others: readonly DeviceId[]): boolean {
    const ids = new Set(others);
    if (some.some((id) => ids.has(id))) return false;
    const graph = this.#current();
    const [a, b] = [this.#indices(some), this.#indices(others)];
    const radii = this.#radii(graph);
    const [darkA, darkB, both] = [radii.darkWithout(a), radii.darkWithout(b), radii.darkWithout([...a, ...b])];
    for (let i = 0; i < graph.devices.length; i++) {
      const [byA, byB] = [darkA[i] === 1, darkB[i] === 1];
      if ((byA && byB) || (both[i] === 1 && !byA && !byB)) return false;
    }
    const byOne = new Set([...radii.darkSites(darkA), ...radii.darkSites(darkB)]);
    if (radii.darkSites(both).some((site) => !byOne.has(site))) return false;
    const known = new Set(b);
    return !a.some((device) => graph.neighbours(device).some((other) => known.has(other)));
  }

  /** Whether a cable, radio or tunnel of the inventory joins two devices. */
  areLinked(one: DeviceId, other: DeviceId): boolean {
    const graph = this.#current();
    const [a, b] = [graph.deviceIndex.get(one), graph.deviceIndex.get(other)];
    return a !== undefined && b !== undefined && graph.neighbours(a).some((index) => index === b);
  }

  #current(): NetworkGraph {
    const topology = this.#topology.current();
    if (this.#graph?.topology !== topology) this.#graph = new NetworkGraph(topology);
    return this.#graph;
  }

  #radii(graph: NetworkGraph): BlastRadii {
    return new BlastRadii(graph, this.#services());
  }

  #indices(devices: readonly DeviceId[]): number[] {
    const graph = this.#current();
    return devices.flatMap((id) => graph.deviceIndex.get(id) ?? []);
  }
}
