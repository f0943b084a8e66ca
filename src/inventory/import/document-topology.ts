import { ArungError } from '../../domain/errors.ts';
import type { DeviceRole, ManagementProtocol } from '../../domain/device.ts';
import type { AgentId, DeviceId, InterfaceId, LinkId, SharedRiskId, SiteId } from '../../domain/ids.ts';
import type { LinkMedium, SharedRisk } from '../../domain/link.ts';
import type { Network, SiteKind } from '../../domain/site.ts';
import {
  topologyOf,
  type Topology,
  type TopologyAgent,
  type TopologyDevice,
  type TopologyLink,
  type TopologyLinkEnd,
  type TopologySite,
} from '../../domain/topology.ts';
import type { Fields, ListName } from './lists.ts';
import { nearest, Problems } from './problems.ts';
import { readJson } from './read-json.ts';
import type { Row } from './rows.ts';

/** An inventory document as the graph that status sees, without any database. */
export interface DocumentTopology {
  readonly topology: Topology;
  /** With the sites that are not active; the topology itself where all are. */
  readonly whole: Topology;
  readonly risks: readonly SharedRisk[];
  readonly services: readonly DocumentServicePlace[];
}

/** A service of the document at an active site: where it runs, and who uses it. */
export interface DocumentServicePlace {
  readonly code: string;
  readonly siteId: SiteId;
  readonly deviceId: DeviceId | null;
  /** Networks, kinds and codes of sites; empty: all. */
  readonly usedBy: readonly string[];
}

const localAgent = 'local' as AgentId;

/**
 * Reads an inventory document into a Topology. Ids are the names that the document gives: a site's code, a device's
 * name, `device:interface`, a link's name; so the same file gives the same ids each time. Whatever the document may
 * leave out (regions, people, positions, shared risks, interfaces that only links name) may be missing. Throws an
 * ArungError with the place of everything that is wrong.
 */
export function readDocumentTopology(text: string): DocumentTopology {
  const problems = new Problems();
  const rows = Map.groupBy(readJson(text, problems), (row) => row.list);
  if (!problems.none) throw refusal(problems);
  const of = (list: ListName): readonly Row[] => rows.get(list) ?? [];
  const regions = new Map(of('regions').map(({ key, value }) => [key, value]));
  const { sites, active } = sitesOf(of('sites'), regions);
  const named: Named = { sites: keysOf(of('sites')), devices: keysOf(of('devices')) };
  const devices = devicesOf(of('devices'), sites, named, problems);
  const links = linksOf(of('links'), devices, named, problems);
  const agents = agentsOf(of('agents'), devices, named, problems);
  const whole = { version: 1, sites, devices, links, agents };
  const topology = active.size === sites.size ? whole : topologyOf(whole, active);
  const risks = risksOf(of('sharedRisks'), of('links'), topology, problems);
  const services = servicesOf(of('services'), active, named, problems);
  if (!problems.none) throw refusal(problems);
  if (topology.devices.size === 0) {
    throw new ArungError('invalid', 'The inventory has no device at an active site: there is nothing to watch.', {
      code: 'simulation.no-devices',
    });
  }
  return { topology, whole, risks, services };
}

/** What the document has, watched or not: what stands at a site that is not active is left out, not missing. */
interface Named {
  readonly sites: ReadonlySet<string>;
  readonly devices: ReadonlySet<string>;
}

function keysOf(rows: readonly Row[]): ReadonlySet<string> {
  return new Set(rows.map(({ key }) => key));
}

function refusal(problems: Problems): ArungError {
  const { told, count } = problems;
  const first = told[0]?.message ?? 'The file cannot be read.';
  return new ArungError('invalid', `${first} ${count === 1 ? 'Mend it' : `Mend this and ${count - 1} more`}.`, {
    code: 'simulation.bad-inventory',
    arguments: { count, first },
    details: told,
  });
}

function sitesOf(
  rows: readonly Row[],
  regions: ReadonlyMap<string, Fields>,
): { readonly sites: Map<SiteId, TopologySite>; readonly active: Map<SiteId, TopologySite> } {
  const sites = new Map<SiteId, TopologySite>();
  const active = new Map<SiteId, TopologySite>();
  for (const { key, value } of rows) {
    const region = regions.get(text(value, 'region'));
    const site = {
      id: key as SiteId,
      code: key,
      name: text(value, 'name'),
      kind: text(value, 'kind') as SiteKind,
      network: text(value, 'network') as Network,
      regionCode: text(value, 'region'),
      latitude: degrees(value, 'latitude') ?? degrees(region, 'latitude'),
      longitude: degrees(value, 'longitude') ?? degrees(region, 'longitude'),
    };
    sites.set(site.id, site);
    if ((value['rolloutStatus'] ?? 'active') === 'active') active.set(site.id, site);
  }
  return { sites, active };
}

function devicesOf(
  rows: readonly Row[],
  sites: ReadonlyMap<SiteId, TopologySite>,
  named: Named,
  problems: Problems,
): Map<DeviceId, TopologyDevice> {
  const devices = new Map<DeviceId, TopologyDevice>();
  for (const row of rows) {
    const siteId = text(row.value, 'site') as SiteId;
    if (!named.sites.has(siteId)) tellMissing(row, 'site', siteId, named.sites, problems);
    if (!sites.has(siteId)) continue;
    devices.set(row.key as DeviceId, {
      id: row.key as DeviceId,
      name: row.key,
      siteId,
      role: text(row.value, 'role') as DeviceRole,
      gateway: row.value['gateway'] === true,
      protocol: (row.value['protocol'] ?? 'none') as ManagementProtocol,
      agentId: localAgent,
      maintenance: false,
    });
  }
  return devices;
}

function linksOf(
  rows: readonly Row[],
  devices: ReadonlyMap<DeviceId, TopologyDevice>,
  named: Named,
  problems: Problems,
): Map<LinkId, TopologyLink> {
  const links = new Map<LinkId, TopologyLink>();
  const taken = new Map<string, string>();
  const endOf = (row: Row, side: 'a' | 'b'): TopologyLinkEnd | null => {
    const end = text(row.value, side);
    const colon = end.indexOf(':');
    const device = devices.get(end.slice(0, colon) as DeviceId);
    if (device === undefined) {
      const name = end.slice(0, colon);
      if (!named.devices.has(name)) tellMissing(row, side, name, named.devices, problems);
      return null;
    }
    const other = taken.get(end);
    if (other !== undefined) {
      problems.add({
        code: 'end-taken',
        list: row.list,
        place: row.place(side),
        field: side,
        arguments: { value: end, by: other },
        says: `${end} carries ${other} already: an interface carries one link.`,
      });
      return null;
    }
    taken.set(end, row.key);
    return {
      deviceId: device.id,
      interfaceId: end as InterfaceId,
      interfaceName: end.slice(colon + 1),
      siteId: device.siteId,
    };
  };
  for (const row of rows) {
    const [a, b] = [endOf(row, 'a'), endOf(row, 'b')];
    if (a === null || b === null) continue;
    links.set(row.key as LinkId, {
      id: row.key as LinkId,
      name: row.key,
      medium: text(row.value, 'medium') as LinkMedium,
      capacityBps: Number(row.value['capacityBps']),
      trunk: row.value['trunk'] === true,
      a,
      b,
    });
  }
  return links;
}

function risksOf(
  rows: readonly Row[],
  linkRows: readonly Row[],
  known: { readonly sites: ReadonlyMap<SiteId, unknown>; readonly links: ReadonlyMap<LinkId, unknown> },
  problems: Problems,
): SharedRisk[] {
  const names = new Set(rows.map(({ key }) => key));
  const linksOn = new Map<string, LinkId[]>();
  for (const row of linkRows) {
    for (const name of list(row.value, 'sharedRisks')) {
      if (!names.has(name)) tellMissing(row, 'sharedRisks', name, names, problems);
      const on = linksOn.get(name) ?? [];
      linksOn.set(name, on);
      if (known.links.has(row.key as LinkId)) on.push(row.key as LinkId);
    }
  }
  return rows.map((row) => {
    const siteIds = list(row.value, 'sites') as SiteId[];
    return {
      id: row.key as SharedRiskId,
      name: row.key,
      kind: text(row.value, 'kind') as SharedRisk['kind'],
      linkIds: linksOn.get(row.key) ?? [],
      siteIds: siteIds.filter((site) => known.sites.has(site)),
    };
  });
}

function agentsOf(
  rows: readonly Row[],
  devices: ReadonlyMap<DeviceId, TopologyDevice>,
  named: Named,
  problems: Problems,
): Map<AgentId, TopologyAgent> {
  const attachedTo: DeviceId[] = [];
  for (const row of rows) {
    for (const name of list(row.value, 'attachedTo')) {
      if (devices.has(name as DeviceId)) attachedTo.push(name as DeviceId);
      else if (!named.devices.has(name)) tellMissing(row, 'attachedTo', name, named.devices, problems);
    }
  }
  // A document does not say which agent reads a device: the embedded one reads all, from everywhere that one stands.
  return new Map([[localAgent, { id: localAgent, name: 'local', attachedTo }]]);
}

function servicesOf(
  rows: readonly Row[],
  sites: ReadonlyMap<SiteId, TopologySite>,
  named: Named,
  problems: Problems,
): DocumentServicePlace[] {
  return rows.flatMap((row): DocumentServicePlace[] => {
    const siteId = text(row.value, 'site') as SiteId;
    const device = text(row.value, 'device');
    if (!named.sites.has(siteId)) tellMissing(row, 'site', siteId, named.sites, problems);
    if (device !== '' && !named.devices.has(device)) tellMissing(row, 'device', device, named.devices, problems);
    if (!sites.has(siteId)) return [];
    return [
      {
        code: row.key,
        siteId,
        deviceId: device === '' ? null : (device as DeviceId),
        usedBy: list(row.value, 'usedBy'),
      },
    ];
  });
}

function tellMissing(row: Row, field: string, name: string, names: Iterable<string>, problems: Problems): void {
  const meant = problems.full ? null : nearest(name, names);
  const hint = meant === null ? ': name it in the file, too' : `. Did you mean ${meant}?`;
  const says = `${row.key} names ${name}, which does not exist${hint}`;
  problems.add({
    code: 'does-not-exist',
    list: row.list,
    place: row.place(field),
    field,
    arguments: { value: name, what: '', meant: meant ?? '' },
    says: /[.?]$/.test(says) ? says : `${says}.`,
  });
}

function text(value: Fields, field: string): string {
  return String(value[field] ?? '');
}

function list(value: Fields, field: string): string[] {
  const items = value[field];
  return Array.isArray(items) ? items.map(String) : [];
}

function degrees(value: Fields | undefined, field: string): number | null {
  const given = value?.[field];
  return typeof given === 'number' ? given : null;
}
