import type { Subject } from '../../domain/alert.ts';
import type { DeviceId, LinkId, SiteId } from '../../domain/ids.ts';

/** The inventory by the names that labels use, in small letters. Where two things share a name, nothing has it. */
export interface NamedThings {
  readonly devices: ReadonlyMap<string, { readonly id: DeviceId; readonly name: string }>;
  /** By management address, as text. */
  readonly addresses: ReadonlyMap<string, { readonly id: DeviceId; readonly name: string }>;
  /** By code and by name. */
  readonly sites: ReadonlyMap<string, { readonly id: SiteId; readonly name: string }>;
  readonly links: ReadonlyMap<string, { readonly id: LinkId; readonly name: string }>;
}

type Labels = Readonly<Record<string, string>>;

/** Labels that people give devices and hosts, the surest first; `instance` is what Prometheus itself asked. */
const deviceLabels = ['device', 'hostname', 'host', 'nodename', 'node', 'sysname', 'instance', 'target'];
const linkLabels = ['link'];
const siteLabels = ['site', 'site_code', 'location'];

/**
 * What the labels of a foreign alert are about: the device that one of them names, by its name or management address (a
 * port behind it does not matter), else the link, else the site; null when they name nothing that the inventory has.
 */
export function namedThing(labels: Labels, things: NamedThings): Subject | null {
  for (const text of textsOf(labels, deviceLabels)) {
    const device = things.devices.get(text) ?? things.addresses.get(text) ?? deviceAt(hostOf(text), things);
    if (device !== undefined) return { kind: 'device', ...device };
  }
  for (const text of textsOf(labels, linkLabels)) {
    const link = things.links.get(text);
    if (link !== undefined) return { kind: 'link', ...link };
  }
  for (const text of textsOf(labels, siteLabels)) {
    const site = things.sites.get(text);
    if (site !== undefined) return { kind: 'site', ...site };
  }
  return null;
}

/** All texts by which a thing may be named: what must be looked up. */
export function textsThatName(labels: Labels): string[] {
  const texts = textsOf(labels, [...deviceLabels, ...linkLabels, ...siteLabels]);
  return [...new Set([...texts, ...texts.map(hostOf)])].filter((text) => text !== '');
}

function deviceAt(host: string, { devices, addresses }: NamedThings) {
  return devices.get(host) ?? addresses.get(host);
}

function textsOf(labels: Labels, names: readonly string[]): string[] {
  return names.map((name) => labels[name]?.trim().toLowerCase() ?? '').filter((text) => text !== '');
}

/** `10.73.8.2:9100`, `http://rtr-kahu-01:9100/metrics`, `[fd00::1]:161` without what is not the host. */
function hostOf(text: string): string {
  const bare = text.replace(/^[a-z][a-z0-9+.-]*:\/\//, '').replace(/[/?#].*$/, '');
  const bracketed = /^\[([^\]]*)\]/.exec(bare)?.[1];
  if (bracketed !== undefined) return bracketed;
  return (bare.match(/:/g) ?? []).length === 1 ? bare.replace(/:\d*$/, '') : bare;
}
