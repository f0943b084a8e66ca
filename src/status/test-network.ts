import type { DeviceRole, ManagementProtocol } from '../domain/device.ts';
import { newId, type AgentId, type DeviceId, type InterfaceId, type LinkId, type SiteId } from '../domain/ids.ts';
import type { LinkMedium } from '../domain/link.ts';
import type { Topology, TopologyDevice, TopologyLink, TopologySite } from '../domain/topology.ts';

/** Builds topologies for tests, by name. */
export class TestNetwork {
  readonly agentId = newId<AgentId>();
  readonly sites = new Map<SiteId, TopologySite>();
  readonly devices = new Map<DeviceId, TopologyDevice>();
  readonly links = new Map<LinkId, TopologyLink>();
  readonly #siteIds = new Map<string, SiteId>();
  readonly #deviceIds = new Map<string, DeviceId>();
  readonly #linkIds = new Map<string, LinkId>();
  #attached: DeviceId[] = [];
  version = 1;

  site(name: string, regionCode = '73.08.01.2001'): this {
    const id = newId<SiteId>();
    this.#siteIds.set(name, id);
    this.sites.set(id, {
      id,
      code: name,
      name,
      kind: 'village',
      network: 'smart-city',
      regionCode,
      latitude: null,
      longitude: null,
    });
    return this;
  }

  device(
    name: string,
    site: string,
    options: { role?: DeviceRole; gateway?: boolean; protocol?: ManagementProtocol; maintenance?: boolean } = {},
  ): this {
    const id = newId<DeviceId>();
    this.#deviceIds.set(name, id);
    this.devices.set(id, {
      id,
      name,
      siteId: this.siteId(site),
      role: options.role ?? 'router',
      gateway: options.gateway ?? false,
      protocol: options.protocol ?? 'snmp',
      agentId: this.agentId,
      maintenance: options.maintenance ?? false,
    });
    return this;
  }

  link(a: string, b: string, medium: LinkMedium = 'fibre'): this {
    const id = newId<LinkId>();
    const name = `${a}--${b}`;
    this.#linkIds.set(name, id);
    const end = (device: string): TopologyLink['a'] => {
      const found = this.devices.get(this.id(device));
      if (found === undefined) throw new Error(`no device ${device}`);
      const interfaceId = newId<InterfaceId>();
      return { deviceId: found.id, interfaceId, interfaceName: `to-${name}`, siteId: found.siteId };
    };
    this.links.set(id, { id, name, medium, capacityBps: 1e9, trunk: false, a: end(a), b: end(b) });
    return this;
  }

  /** A site with its router (gateway), switch and terminal, named r-, s- and t-NAME. */
  village(name: string, regionCode?: string): this {
    this.site(name, regionCode).device(`r-${name}`, name, { gateway: true });
    this.device(`s-${name}`, name, { role: 'switch' }).device(`t-${name}`, name, {
      role: 'terminal',
      protocol: 'mqtt',
    });
    return this.link(`r-${name}`, `s-${name}`, 'copper').link(`s-${name}`, `t-${name}`, 'copper');
  }

  attach(...names: string[]): this {
    this.#attached = names.map((name) => this.id(name));
    return this;
  }

  id(name: string): DeviceId {
    const id = this.#deviceIds.get(name);
    if (id === undefined) throw new Error(`no device ${name}`);
    return id;
  }

  siteId(name: string): SiteId {
    const id = this.#siteIds.get(name);
    if (id === undefined) throw new Error(`no site ${name}`);
    return id;
  }

  linkId(name: string): LinkId {
    const id = this.#linkIds.get(name);
    if (id === undefined) throw new Error(`no link ${name}`);
    return id;
  }

  without(link: string): this {
    this.links.delete(this.linkId(link));
    return this;
  }

  get topology(): Topology {
    return {
      version: this.version,
      sites: new Map(this.sites),
      devices: new Map(this.devices),
      links: new Map(this.links),
      agents: new Map([[this.agentId, { id: this.agentId, name: 'local', attachedTo: this.#attached }]]),
    };
  }
}

/** Bone in miniature or at size: a ring of hubs around the data centre, villages behind by fibre, radio and VSAT. */
export function backbone(hubs: number, villagesPerHub: number): TestNetwork {
  const network = new TestNetwork().site('dc').device('core', 'dc', { gateway: true }).attach('core');
  const media = ['fibre', 'radio', 'fibre', '4g', 'vsat'] as const;
  for (let h = 0; h < hubs; h++) {
    const code = `73.08.${String(h % 90).padStart(2, '0')}`;
    network.site(`hub${h}`, code).device(`h${h}`, `hub${h}`, { gateway: true });
    network.link(h === 0 ? 'core' : `h${h - 1}`, `h${h}`);
    for (let v = 0; v < villagesPerHub; v++) {
      const name = `v${h}-${v}`;
      network.village(name, `${code}.${2000 + v}`);
      // Some villages hang on the village before them.
      const behind = v % 5 === 4 ? `r-v${h}-${v - 1}` : `h${h}`;
      network.link(behind, `r-${name}`, media[v % media.length] ?? 'fibre');
    }
  }
  if (hubs > 2) network.link(`h${hubs - 1}`, 'core');
  return network;
}
