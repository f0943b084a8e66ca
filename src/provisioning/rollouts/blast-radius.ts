import { placesOfReaders } from '../../domain/agent-places.ts';
import type { DeviceId, SiteId } from '../../domain/ids.ts';
import type { NetworkGraph } from '../../domain/network-graph.ts';
import type { BlastRadius } from '../../domain/rollout.ts';
import { usesService } from '../../domain/service-check.ts';

/** A service as a change sees it: where it runs, and who uses it. */
export interface HostedService {
  readonly code: string;
  readonly siteId: SiteId;
  /** The device that it runs on; null where the inventory names none. */
  readonly deviceId: DeviceId | null;
  /** Networks, kinds and codes of sites; empty: all. */
  readonly usedBy: readonly string[];
}

/** Works out what is dark when devices go silent, on a graph that stands still. */
export class BlastRadii {
  readonly #graph: NetworkGraph;
  readonly #services: readonly HostedService[];
  /** What carries each site: its gateways, or all of its devices where none is one. */
  readonly #carriers: readonly (readonly number[])[];
  readonly #siteOfDevice: Int32Array;
  readonly #siteIds: readonly SiteId[];
  readonly #entries: readonly number[];

  constructor(graph: NetworkGraph, services: readonly HostedService[]) {
    this.#graph = graph;
    this.#services = services;
    this.#siteIds = [...graph.devicesOfSite.keys()];
    this.#siteOfDevice = new Int32Array(graph.devices.length);
    this.#carriers = [...graph.devicesOfSite.values()].map((devices, site) => {
      for (const device of devices) this.#siteOfDevice[device] = site;
      const gateways = devices.filter((device) => graph.devices[device]?.gateway === true);
      return gateways.length > 0 ? gateways : devices;
    });
    this.#entries = entriesOf(graph);
  }

  /** Devices without which this device's site is dark: its gateways, or all of it. */
  carriersOfSite(device: number): readonly number[] {
    return this.#carriers[this.#siteOfDevice[device] ?? -1] ?? [];
  }

  /** Marks what no path reaches any more when these devices are gone: 1 at each index of a device. */
  darkWithout(devices: Iterable<number>): Uint8Array {
    const graph = this.#graph;
    const dark = new Uint8Array(graph.nodeCount).fill(1);
    const gone = new Uint8Array(graph.nodeCount);
    for (const device of devices) gone[device] = 1;
    dark[graph.root] = 0;
    const queue = [graph.root];
    for (let i = 0; i < queue.length; i += 1) {
      const node = queue[i] ?? graph.root;
      const end = graph.starts[node + 1] ?? 0;
      for (let k = graph.starts[node] ?? 0; k < end; k += 1) {
        const other = graph.otherEnd(graph.neighbourEdges[k] ?? 0, node);
        if (dark[other] === 0 || gone[other] === 1) continue;
        dark[other] = 0;
        queue.push(other);
      }
    }
    return dark;
  }

  /** Sites that no gateway reaches any more, of what `darkWithout` marked. */
  darkSites(dark: Uint8Array): readonly SiteId[] {
    return this.#siteIds.filter((_, site) => this.#carriers[site]?.every((device) => dark[device] === 1) === true);
  }

  /** The worst case of these devices, all at once. */
  of(devices: Iterable<number>): BlastRadius {
    const graph = this.#graph;
    const dark = this.darkWithout(devices);
    let count = 0;
    let terminals = 0;
    for (const [index, device] of graph.devices.entries()) {
      if (dark[index] === 0) continue;
      count += 1;
      if (device.role === 'terminal') terminals += 1;
    }
    const sites = this.darkSites(dark).flatMap((id) => graph.topology.sites.get(id) ?? []);
    const siteIds = new Set(sites.map(({ id }) => id));
    const isDark = ({ siteId, deviceId }: HostedService): boolean =>
      siteIds.has(siteId) || (deviceId !== null && dark[graph.deviceIndex.get(deviceId) ?? -1] === 1);
    return {
      devices: count,
      sites: sites.map(({ code }) => code).sort(),
      terminals,
      services: codes(this.#services.filter(isDark)),
      servicesMissed: codes(this.#services.filter(({ usedBy }) => sites.some((site) => usesService(site, usedBy)))),
      cutsController: this.#entries.length > 0 && this.#entries.every((device) => dark[device] === 1),
    };
  }
}

function codes(services: readonly HostedService[]): string[] {
  return services.map(({ code }) => code).sort();
}

/**
 * The devices by which the controller reaches the network: those that agents are plugged into. Where none is plugged in,
 * the graph assumes a way into every part of the network; the one with the most links is taken for the controller's.
 */
function entriesOf(graph: NetworkGraph): number[] {
  const attached = placesOfReaders(graph.topology).flatMap((id) => graph.deviceIndex.get(id) ?? []);
  if (attached.length > 0) return [...new Set(attached)];
  const assumed = graph.neighbours(graph.root).map((device) => ({ device, links: linksOf(graph, device) }));
  const most = Math.max(1, ...assumed.map(({ links }) => links));
  return assumed.filter(({ links }) => links === most).map(({ device }) => device);
}

function linksOf(graph: NetworkGraph, device: number): number {
  const edges = graph.neighbourEdges.subarray(graph.starts[device] ?? 0, graph.starts[device + 1] ?? 0);
  return edges.filter((edge) => graph.isLink(edge)).length;
}
