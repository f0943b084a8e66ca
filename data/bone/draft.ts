import type { InventoryDocument } from '../../src/inventory/document.ts';
import type { DeviceRole } from '../../src/domain/device.ts';
import { models } from './models.ts';
import type { Model } from './models.ts';
import type { DraftDevice, DraftLink } from './wiring.ts';

type Listed<K extends keyof InventoryDocument> = NonNullable<InventoryDocument[K]>[number];
export type DraftSite = Listed<'sites'>;

/** Collects sites, devices and cables; knows how an address and a serial number are made. */
export class Draft {
  readonly sites: DraftSite[] = [];
  readonly devices: DraftDevice[] = [];
  readonly links: DraftLink[] = [];
  readonly #linkNames = new Set<string>();
  readonly #hosts = new Map<number, number>();
  readonly #riskOf: ReadonlyMap<string, readonly string[]>;

  constructor(riskOf: ReadonlyMap<string, readonly string[]>) {
    this.#riskOf = riskOf;
  }

  site(site: DraftSite): void {
    this.sites.push({ rolloutStatus: 'active', ...site });
  }

  /** `net` is the third number of the address; a terminal has none, it comes to us. */
  device(
    device: { name: string; site: string; role: DeviceRole; net: number; gateway?: boolean; tags?: readonly string[] },
    ...candidates: readonly Model[]
  ): string {
    const host = (this.#hosts.get(device.net) ?? 0) + 1;
    if (host > 254) throw new Error(`10.73.${device.net}.0/24 is full at ${device.name}.`);
    if (device.role !== 'terminal') this.#hosts.set(device.net, host);
    this.devices.push({
      name: device.name,
      site: device.site,
      role: device.role,
      gateway: device.gateway ?? false,
      models: candidates,
      address: device.role === 'terminal' ? '' : `10.73.${device.net}.${host}`,
      serial: serialOf(device.name, candidates[0] ?? models.server),
      tags: device.tags ?? [],
    });
    return device.name;
  }

  link(
    a: string,
    b: string,
    medium: DraftLink['medium'],
    capacityBps: number,
    name: string = `${a}--${b}`,
    trunk: boolean = false,
  ): void {
    if (this.#linkNames.has(name)) throw new Error(`Two links are called ${name}.`);
    this.#linkNames.add(name);
    this.links.push({ name, medium, capacityBps, a, b, trunk, sharedRisks: this.#riskOf.get(name) ?? [] });
  }

  hasLink(name: string): boolean {
    return this.#linkNames.has(name);
  }
}

const alphabet = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** A serial number in the maker's form; the same name has the same number (FNV-1a, twice). */
function serialOf(name: string, model: Model): string {
  const digits = (length: number, letters: string, seed: number): string => {
    let hash = seed >>> 0;
    for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
    let text = '';
    for (let i = 0; i < length; i++) {
      hash = Math.imul(hash ^ (hash >>> 15) ^ i, 0x85ebca6b) >>> 0;
      text += letters.charAt((hash >>> 9) % letters.length);
    }
    return text;
  };
  switch (model.vendor) {
    case 'MikroTik':
      return `HK${digits(9, alphabet, 0x811c9dc5)}`;
    case 'Cisco':
      return `DNI${digits(8, alphabet, 0x811c9dc6)}`;
    case 'Huawei':
      return `2102${digits(16, alphabet, 0x811c9dc7)}`;
    case 'TP-Link':
      return `22${digits(11, '0123456789', 0x811c9dc8)}`;
    case 'APC':
      return `AS${digits(10, '0123456789', 0x811c9dc9)}`;
    case 'Solution':
      return `BWXP${digits(9, '0123456789', 0x811c9dca)}`;
    case 'ZKTeco':
      return `CQZ7${digits(9, '0123456789', 0x811c9dcb)}`;
    default:
      return digits(7, alphabet, 0x811c9dcc);
  }
}
