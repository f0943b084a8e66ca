import type { Surroundings } from '../routeros/management.ts';
import { ciscoPort, vlansOf } from './cisco-lines.ts';
import { top, type CliConfig } from './config.ts';
import { vrpVlans } from './huawei.ts';
import { vlansIn } from './lines.ts';
import type { Maker } from './maker.ts';
import { carriedBy, tpLinkPort } from './tp-link.ts';

/** A switch as its configuration makes it, in words that do not depend on the maker. */
interface Layout {
  /** Addresses of VLAN interfaces that are switched on. */
  readonly addresses: readonly { readonly vlan: number; readonly ip: string }[];
  readonly vlans: ReadonlySet<number>;
  /** Next hops of the default route. */
  readonly gateways: readonly string[];
  readonly answersSnmp: boolean;
  isShut(port: string): boolean;
  /** Whether a port carries a VLAN tagged. */
  carries(port: string, vlan: number): boolean;
}

/** Says from its configuration whether a switch can be managed, and whether it carries what others send through it. */
export class SwitchPath {
  readonly #layout: Layout;
  readonly #around: Surroundings;

  constructor(maker: Maker, config: CliConfig, around: Surroundings) {
    this.#layout = layoutOf(maker, config);
    this.#around = around;
  }

  get answersSnmp(): boolean {
    return this.#layout.answersSnmp;
  }

  isShut(port: string): boolean {
    return this.#layout.isShut(port);
  }

  /** It can be managed at one of its addresses. */
  reaches(): boolean {
    return this.addresses().length > 0;
  }

  /**
   * Its addresses that stand in the right VLAN, which its uplink carries, while it knows the way back: the one that it was set
   * up with, and others of 127.0.0.0/8, where the simulator can listen.
   */
  addresses(): readonly string[] {
    const { address, isEntry, neighbours } = this.#around;
    const { addresses, vlans, gateways } = this.#layout;
    const stands = (own: number): boolean =>
      isEntry ||
      neighbours.length === 0 ||
      neighbours.some(
        ({ vlan, gateway }) => own === vlan && vlans.has(own) && gateways.includes(gateway) && this.forwards(),
      );
    return addresses
      .filter(({ ip, vlan }) => (ip === address || ip.startsWith('127.')) && stands(vlan))
      .map(({ ip }) => ip);
  }

  /** What hangs behind it is managed in the same VLAN. */
  forwards(): boolean {
    const { isEntry, neighbours } = this.#around;
    if (isEntry || neighbours.length === 0) return true;
    return neighbours.some(({ port, vlan }) => !this.#layout.isShut(port) && (vlan === null || (this.#layout.carries(port, vlan) && this.#layout.vlans.has(vlan)))); // prettier-ignore
  }
}

function layoutOf(maker: Maker, config: CliConfig): Layout {
  if (maker.name === 'huawei-vrp') return vrpLayout(config, { svi: /^interface Vlanif(\d+)$/, carries: 'port trunk allow-pass vlan', vlans: vrpVlans(config) }); // prettier-ignore
  if (maker.name === 'h3c-comware') return vrpLayout(config, { svi: /^interface Vlan-interface(\d+)$/, carries: 'port trunk permit vlan', vlans: vlansOf(config) }); // prettier-ignore
  return maker.name === 'tp-link' ? tpLinkLayout(config) : ciscoLayout(config);
}

/** Addresses and routes are written as Cisco's, ports and what they carry are not. */
function tpLinkLayout(config: CliConfig): Layout {
  const headerOf = (port: string): string => `interface ${tpLinkPort(port)}`;
  return {
    ...ciscoLayout(config),
    isShut: (port) => config.entry(headerOf(port), 'shutdown') !== undefined,
    carries: (port, vlan) => carriedBy(config, headerOf(port), 'tagged').includes(vlan),
  };
}

function ciscoLayout(config: CliConfig): Layout {
  const headerOf = (port: string): string => `interface ${ciscoPort(port)}`;
  const addresses = [...config.sections].flatMap(([header, entries]) => {
    const vlan = /^interface vlan ?(\d+)$/i.exec(header)?.[1];
    const ip = entries.get('ip address')?.text.split(' ')[2];
    return vlan === undefined || ip === undefined || entries.has('shutdown') ? [] : [{ vlan: Number(vlan), ip }];
  });
  const routes = [...config.entries(top).values()].map(({ text }) => text);
  return {
    addresses,
    vlans: vlansOf(config),
    gateways: routes.flatMap((text) => /^ip (?:default-gateway|route 0\.0\.0\.0 0\.0\.0\.0) (\S+)$/.exec(text)?.[1] ?? []), // prettier-ignore
    answersSnmp: routes.some((text) => text.startsWith('snmp-server community ')),
    isShut: (port) => config.entry(headerOf(port), 'shutdown') !== undefined,
    carries: (port, vlan) => {
      if (config.entry(headerOf(port), 'switchport mode')?.text !== 'switchport mode trunk') return false;
      const allowed = config.entry(headerOf(port), 'switchport trunk allowed vlan')?.text.split(' ').at(-1) ?? '1-4094';
      return vlansIn(allowed).includes(vlan);
    },
  };
}

function vrpLayout(
  config: CliConfig,
  words: { readonly svi: RegExp; readonly carries: string; readonly vlans: ReadonlySet<number> },
): Layout {
  const headerOf = (port: string): string => `interface ${ciscoPort(port)}`;
  const addresses = [...config.sections].flatMap(([header, entries]) => {
    const vlan = words.svi.exec(header)?.[1];
    const ip = entries.get('ip address')?.text.split(' ')[2];
    return vlan === undefined || ip === undefined || entries.has('shutdown') ? [] : [{ vlan: Number(vlan), ip }];
  });
  const global = [...config.entries(top).values()].map(({ text }) => text);
  return {
    addresses,
    vlans: words.vlans,
    gateways: global.flatMap((text) => /^ip route-static 0\.0\.0\.0 (?:0\.0\.0\.0|0) (\S+)$/.exec(text)?.[1] ?? []),
    answersSnmp: global.some((text) => text.startsWith('snmp-agent community ')),
    isShut: (port) => config.entry(headerOf(port), 'shutdown') !== undefined,
    carries: (port, vlan) => {
      if (config.entry(headerOf(port), 'port link-type')?.text !== 'port link-type trunk') return false;
      const list = config.entry(headerOf(port), words.carries)?.text.slice(words.carries.length + 1) ?? '1';
      return vlansIn(list).includes(vlan);
    },
  };
}
