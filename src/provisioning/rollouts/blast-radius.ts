import type { DeviceId, SiteId } from '../../domain/ids.ts';
import type { BlastRadius } from '../../domain/rollout.ts';
import { usesService } from '../../domain/service-check.ts';
import type { ChangeGraph } from './change-graph.ts';

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
  readonly #graph: ChangeGraph;
  readonly #services: readonly HostedService[];
  /** What carries each site: its gateways, or all of its devices where none is one. */
  readonly #carriers: readonly (readonly number[])[];
  readonly #siteOfDevice: Int32Array;
  readonly #siteIds: readonly SiteId[];

  constructor(graph: ChangeGraph, services: readonly HostedService[]) {
    this.#graph = graph;
    this.#services = services;
    this.#siteIds = [...graph.devicesOfSite.keys()];
    this.#siteOfDevice = new Int32Array(graph.devices.length);
    this.#carriers = [...graph.devicesOfSite.values()].map((devices, site) => {
      for (const device of devices) this.#siteOfDevice[device] = site;
      const gateways = devices.filter((device) => graph.devices[device]?.gateway === true);
      return gateways.length > 0 ? gateways : devices;
    });
  }

  /** Devices without which this device's site is dark: its gateways, or all of it. */
  carriersOfSite(device: number): readonly number[] {
    return this.#carriers[this.#siteOfDevice[device] ?? -1] ?? [];
  }

  /** Sites that no gateway reaches any more, of devices that are marked as dark. */
  darkSites(dark: Uint8Array): readonly SiteId[] {
    return this.#siteIds.filter((_, site) => this.#carriers[site]?.every((device) => dark[device] === 1) === true);
  }

  /** The worst case of these devices, all at once. */
  of(devices: readonly number[]): BlastRadius {
    const graph = this.#graph;
    const dark = graph.darkWithout(devices);
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
      cutsController: graph.cutsController(dark),
    };
  }
}

function codes(services: readonly HostedService[]): string[] {
  return services.map(({ code }) => code).sort();
}
