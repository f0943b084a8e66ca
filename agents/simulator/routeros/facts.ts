import { wireguardPublicKey, type RouterConfiguration } from './configuration.ts';
import type { Entry, Row } from './menu.ts';
import type { RouterHost } from './router.ts';
import { isWithin, networkOf, writeTime } from './values.ts';

/** What a device works out itself and shows beside what was set. */
export class Facts {
  readonly #configuration: RouterConfiguration;
  readonly #host: RouterHost;

  constructor(configuration: RouterConfiguration, host: RouterHost) {
    this.#configuration = configuration;
    this.#host = host;
  }

  of(path: string, entry: Entry): Row {
    switch (path) {
      case '/interface':
      case '/interface/ethernet':
      case '/interface/bridge':
      case '/interface/vlan':
        return this.#interface(entry);
      case '/interface/wireguard':
        return {
          ...this.#interface(entry),
          'public-key': wireguardPublicKey(entry.values.get('private-key') ?? ''),
        };
      case '/ip/address':
        return {
          network: networkOf(entry.values.get('address') ?? ''),
          'actual-interface': this.bridgeOf(entry.values.get('interface') ?? ''),
          invalid: String(!this.exists(entry.values.get('interface') ?? '')),
          dynamic: 'false',
        };
      case '/ip/route': {
        const active = this.routeWorks(entry);
        return { active: String(active), static: 'true', dynamic: 'false', inactive: String(!active) };
      }
      case '/ip/firewall/filter':
      case '/ip/firewall/nat':
      case '/ip/firewall/mangle':
        return { invalid: 'false', dynamic: 'false', bytes: '0', packets: '0' };
      case '/system/scheduler':
        return { owner: 'admin', 'run-count': entry.values.get('run-count') ?? '0' };
      case '/snmp':
        return { 'engine-id': '80003a8c04' };
      case '/system/clock':
        return this.#clock();
      default:
        return {};
    }
  }

  /** The one row of a menu in which nothing can be set; null where it has none. */
  status(path: string): Row | null {
    const { firmware, model, serial } = this.#host;
    if (path === '/system/resource') {
      return {
        uptime: writeTime(this.#host.uptimeS()),
        version: `${firmware} (stable)`,
        'board-name': model,
        platform: 'MikroTik',
        'cpu-load': String(Math.round(this.#host.cpuPercent())),
      };
    }
    if (path === '/system/routerboard') {
      return { routerboard: 'true', model, 'serial-number': serial, 'current-firmware': firmware };
    }
    if (path === '/system/license') return { 'software-id': 'SIMU-0001', nlevel: '6', features: '' };
    return null;
  }

  exists(name: string): boolean {
    return this.#configuration.interfaceNamed(name) !== null;
  }

  /** Whether an interface carries packets: enabled, and what is beneath it does. */
  isRunning(name: string, depth = 0): boolean {
    const found = this.#configuration.interfaceNamed(name);
    if (found === null || depth > 8 || found.entry.values.get('disabled') === 'true') return false;
    switch (found.type) {
      case 'ether':
        return this.#host.ports.find((port) => port.name === this.portOf(name))?.isUp() ?? false;
      case 'vlan':
        return this.isRunning(found.entry.values.get('interface') ?? '', depth + 1);
      case 'bridge':
        // A bridge without a port runs, too: it is where loopback addresses are put.
        return this.portsOfBridge(name).length === 0 || this.portsOfBridge(name).some((port) => this.isRunning(port, depth + 1)); // prettier-ignore
      default:
        return true;
    }
  }

  /** The enabled members of a bridge. */
  portsOfBridge(bridge: string): string[] {
    const menu = this.#configuration.menu('/interface/bridge/port');
    return menu.entries
      .filter((entry) => menu.value(entry, 'bridge') === bridge && menu.value(entry, 'disabled') !== 'true')
      .map((entry) => menu.value(entry, 'interface') ?? '');
  }

  /** The bridge that an interface is a member of, or itself. */
  bridgeOf(name: string): string {
    const menu = this.#configuration.menu('/interface/bridge/port');
    const member = menu.entries.find(
      (entry) => menu.value(entry, 'interface') === name && menu.value(entry, 'disabled') !== 'true',
    );
    return member === undefined ? name : (menu.value(member, 'bridge') ?? name);
  }

  /** The name that an Ethernet port was made with, by its present one. */
  portOf(name: string): string {
    return this.#configuration.interfaceNamed(name)?.entry.values.get('default-name') ?? name;
  }

  /** Enabled addresses on interfaces that run. */
  *addresses(): Iterable<{ readonly prefix: string; readonly ip: string; readonly on: string }> {
    const menu = this.#configuration.menu('/ip/address');
    for (const entry of menu.entries) {
      if (menu.value(entry, 'disabled') === 'true') continue;
      const prefix = entry.values.get('address') ?? '';
      const on = entry.values.get('interface') ?? '';
      if (this.isRunning(on)) yield { prefix, ip: prefix.split('/')[0] ?? '', on };
    }
  }

  /** Whether a route is enabled and its gateway lies in a network that the device is in. */
  routeWorks(entry: Entry): boolean {
    const menu = this.#configuration.menu('/ip/route');
    if (menu.value(entry, 'disabled') === 'true') return false;
    const gateway = entry.values.get('gateway') ?? '';
    if (this.exists(gateway)) return this.isRunning(gateway);
    for (const { prefix } of this.addresses()) if (isWithin(gateway, prefix)) return true;
    return false;
  }

  #interface(entry: Entry): Row {
    const name = entry.values.get('name') ?? '';
    const port = this.#host.ports.find((one) => one.name === this.portOf(name));
    return {
      running: String(this.isRunning(name)),
      ...(port === undefined
        ? {}
        : { 'mac-address': port.mac, 'rx-byte': String(port.rxBytes()), 'tx-byte': String(port.txBytes()) }),
    };
  }

  #clock(): Row {
    const wita = new Date((this.#host.clockS() + 8 * 3_600) * 1_000).toISOString();
    return { time: wita.slice(11, 19), date: wita.slice(0, 10), 'gmt-offset': '+08:00' };
  }
}
