import type { AgentId, DeviceId, InterfaceId, LinkId, SiteId } from './ids.ts';
import type { DeviceRole, ManagementProtocol } from './device.ts';
import type { LinkMedium } from './link.ts';
import type { Network, SiteKind } from './site.ts';

/**
 * The inventory as status, live stream and map see it: every active site with its devices, and the links between them.
 * Immutable; a change of the inventory makes a new one with a higher version.
 */
export interface Topology {
  /** Grows with every change of the inventory; history names the version it was decided with. */
  readonly version: number;
  readonly sites: ReadonlyMap<SiteId, TopologySite>;
  readonly devices: ReadonlyMap<DeviceId, TopologyDevice>;
  readonly links: ReadonlyMap<LinkId, TopologyLink>;
  /** Where each Agent stands: the device whose side of the network it sees from (the data centre's router). */
  readonly agents: ReadonlyMap<AgentId, TopologyAgent>;
}

export interface TopologySite {
  readonly id: SiteId;
  readonly code: string;
  readonly name: string;
  readonly kind: SiteKind;
  readonly network: Network;
  readonly regionCode: string;
  /** WGS 84 degrees; the region's point where the site has none of its own; null where neither is known. */
  readonly latitude: number | null;
  readonly longitude: number | null;
}

export interface TopologyDevice {
  readonly id: DeviceId;
  readonly name: string;
  readonly siteId: SiteId;
  readonly role: DeviceRole;
  readonly gateway: boolean;
  readonly protocol: ManagementProtocol;
  readonly agentId: AgentId;
  /** Planned work covers it now. An overlay: its measured state goes on beneath. */
  readonly maintenance: boolean;
}

export interface TopologyLinkEnd {
  readonly deviceId: DeviceId;
  readonly interfaceId: InterfaceId;
  readonly interfaceName: string;
  readonly siteId: SiteId;
}

export interface TopologyLink {
  readonly id: LinkId;
  readonly name: string;
  readonly medium: LinkMedium;
  readonly capacityBps: number;
  readonly trunk: boolean;
  readonly a: TopologyLinkEnd;
  readonly b: TopologyLinkEnd;
}

export interface TopologyAgent {
  readonly id: AgentId;
  readonly name: string;
  /** The devices the Agent is plugged into; of one that reads devices, reachability starts there. */
  readonly attachedTo: readonly DeviceId[];
}

/** A topology cut down to what stands at some of its sites. */
export function topologyOf(topology: Topology, sites: ReadonlyMap<SiteId, TopologySite>): Topology {
  const kept = <Key, Value>(all: ReadonlyMap<Key, Value>, keeps: (value: Value) => boolean) =>
    new Map([...all].filter(([, value]) => keeps(value)));
  const devices = kept(topology.devices, ({ siteId }) => sites.has(siteId));
  const links = kept(topology.links, ({ a, b }) => devices.has(a.deviceId) && devices.has(b.deviceId));
  const agents = [...topology.agents].map(([id, agent]) => {
    return [id, { ...agent, attachedTo: agent.attachedTo.filter((device) => devices.has(device)) }] as const;
  });
  return { version: topology.version, sites, devices, links, agents: new Map(agents) };
}

/** Who also has what stands at sites that are not active: planned, in building, retired. */
export interface WholeTopologySource {
  current(): Topology;
  /** With every site; the same object as `current()` where all are active. */
  whole(): Topology;
}

/** Who has the topology: read it when you need it, be woken when it changed. */
export interface TopologySource {
  current(): Topology;
  /** Calls back after every change, without data (read `current()`); returns the way to stop. */
  onChange(wake: () => void): () => void;
}
