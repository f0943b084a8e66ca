import type { DeviceId } from '../../domain/ids.ts';
import type { BlastRadius } from '../../domain/rollout.ts';
import type { Topology, WholeTopologySource } from '../../domain/topology.ts';
import { BlastRadii, type HostedService } from './blast-radius.ts';
import { ChangeGraph } from './change-graph.ts';
import { planWaves, type Wave } from './waves.ts';

/** What changes of devices could cut, on the network as it is now. */
export class ChangePaths {
  readonly #topology: WholeTopologySource;
  readonly #services: () => readonly HostedService[];
  #graph: { readonly of: ChangeGraph; readonly active: Topology } | null = null;

  constructor(options: { readonly topology: WholeTopologySource; readonly services: () => readonly HostedService[] }) {
    this.#topology = options.topology;
    this.#services = options.services;
  }

  /** What the inventory has had for too short a time to be known here hangs nowhere: each of these is a wave. */
  waves(devices: readonly DeviceId[], mostInWave: number): readonly Wave[] {
    const graph = this.#current();
    const placed = this.#indices(devices);
    const unknown = devices.filter((id) => !graph.deviceIndex.has(id));
    const planned = planWaves({ graph, radii: this.#radii(graph), devices: placed, mostInWave });
    const worst = { devices: 1, sites: [], terminals: 0, services: [], servicesMissed: [], cutsController: false };
    return [...unknown.map((id) => ({ devices: [id], worst })), ...planned];
  }

  /** The worst case of all of these at once. */
  worst(devices: readonly DeviceId[]): BlastRadius {
    return this.#radii(this.#current()).of(this.#indices(devices));
  }

  /** Devices that are dark when these are: themselves, and what no other path reaches. */
  behind(devices: readonly DeviceId[]): ReadonlySet<DeviceId> {
    const graph = this.#current();
    const dark = graph.darkWithout(this.#indices(devices));
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
    const known = new Set(b);
    if (a.some((device) => [...graph.neighbours(device)].some((other) => known.has(other)))) return false;
    const radii = this.#radii(graph);
    return graph.networks.every((network) => {
      const [darkA, darkB, both] = [network.darkWithout(a), network.darkWithout(b), network.darkWithout([...a, ...b])];
      for (let i = 0; i < both.length; i++) {
        const [byA, byB] = [darkA[i] === 1, darkB[i] === 1];
        if ((byA && byB) || (both[i] === 1 && !byA && !byB)) return false;
      }
      const byOne = new Set([...radii.darkSites(darkA), ...radii.darkSites(darkB)]);
      return radii.darkSites(both).every((site) => byOne.has(site));
    });
  }

  /** Whether a cable, radio or tunnel of the inventory joins two devices. */
  areLinked(one: DeviceId, other: DeviceId): boolean {
    const graph = this.#current();
    const [a, b] = [graph.deviceIndex.get(one), graph.deviceIndex.get(other)];
    return a !== undefined && b !== undefined && graph.neighbours(a).has(b);
  }

  #current(): ChangeGraph {
    const [active, whole] = [this.#topology.current(), this.#topology.whole()];
    if (this.#graph?.active !== active || this.#graph.of.topology !== whole) {
      this.#graph = { of: new ChangeGraph(active, whole), active };
    }
    return this.#graph.of;
  }

  #radii(graph: ChangeGraph): BlastRadii {
    return new BlastRadii(graph, this.#services());
  }

  #indices(devices: readonly DeviceId[]): number[] {
    const graph = this.#current();
    return devices.flatMap((id) => graph.deviceIndex.get(id) ?? []);
  }
}
