import type { RouterConfiguration } from './configuration.ts';
import type { Entry, Menu } from './menu.ts';
import { isWithin, numberOf } from './values.ts';

export interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly port: number;
  readonly sourcePort?: number;
  readonly inInterface: string;
  /** Of one for others. */
  readonly outInterface?: string;
  readonly state: 'new' | 'established';
}

const deepest = 8;

/**
 * Whether /ip/firewall/filter lets a packet through a chain: rules in their order, the first that matches decides, and
 * what no rule matches passes (help.mikrotik.com, "Filter").
 */
export function admits(configuration: RouterConfiguration, chain: string, packet: Packet): boolean {
  return verdictOf(configuration, chain, packet, 0) ?? true;
}

function verdictOf(configuration: RouterConfiguration, chain: string, packet: Packet, depth: number): boolean | null {
  const menu = configuration.menu('/ip/firewall/filter');
  for (const entry of menu.entries) {
    if (menu.value(entry, 'chain') !== chain || menu.value(entry, 'disabled') === 'true') continue;
    if (!isMatched(configuration, menu, entry, packet)) continue;
    switch (menu.value(entry, 'action')) {
      case 'accept':
      case 'fasttrack-connection':
        return true;
      case 'drop':
      case 'reject':
        return false;
      case 'return':
        return null;
      case 'jump': {
        const found =
          depth < deepest ? verdictOf(configuration, menu.value(entry, 'jump-target') ?? '', packet, depth + 1) : null;
        if (found !== null) return found;
        break;
      }
      default:
        break;
    }
  }
  return null;
}

function isMatched(configuration: RouterConfiguration, menu: Menu, entry: Entry, packet: Packet): boolean {
  const holds = (name: string, test: (value: string) => boolean): boolean => {
    const given = menu.value(entry, name);
    if (given === undefined || given === '') return true;
    return given.startsWith('!') ? !test(given.slice(1)) : test(given);
  };
  return (
    holds('src-address', (value) => isInRange(packet.source, value)) &&
    holds('dst-address', (value) => isInRange(packet.destination, value)) &&
    holds('src-address-list', (value) => isListed(configuration, value, packet.source)) &&
    holds('dst-address-list', (value) => isListed(configuration, value, packet.destination)) &&
    holds('protocol', (value) => value === packet.protocol) &&
    holds('dst-port', (value) => isPort(packet.port, value)) &&
    holds('in-interface', (value) => value === packet.inInterface) &&
    holds('in-interface-list', (value) => isMember(configuration, value, packet.inInterface)) &&
    holds('connection-state', (value) => value.split(',').includes(packet.state)) &&
    holds('src-port', (value) => packet.sourcePort !== undefined && isPort(packet.sourcePort, value)) &&
    // A packet for the device itself goes out nowhere.
    holds('out-interface', (value) => value === packet.outInterface) &&
    holds(
      'out-interface-list',
      (value) => packet.outInterface !== undefined && isMember(configuration, value, packet.outInterface),
    ) && // prettier-ignore
    // Nothing that is simulated.
    holds('connection-mark', () => false)
  );
}

function isInRange(address: string, given: string): boolean {
  const [from = '', to] = given.split('-');
  if (to === undefined) return isWithin(address, from);
  return numberOf(address) >= numberOf(from) && numberOf(address) <= numberOf(to);
}

function isListed(configuration: RouterConfiguration, list: string, address: string): boolean {
  const menu = configuration.menu('/ip/firewall/address-list');
  return menu.entries.some(
    (entry) =>
      menu.value(entry, 'list') === list &&
      menu.value(entry, 'disabled') !== 'true' &&
      isInRange(address, menu.value(entry, 'address') ?? ''),
  );
}

function isMember(configuration: RouterConfiguration, list: string, name: string): boolean {
  if (list === 'all') return true;
  const menu = configuration.menu('/interface/list/member');
  return menu.entries.some(
    (entry) =>
      menu.value(entry, 'list') === list &&
      menu.value(entry, 'interface') === name &&
      menu.value(entry, 'disabled') !== 'true',
  );
}

function isPort(port: number, given: string): boolean {
  return given.split(',').some((part) => {
    const [from = '', to = from] = part.split('-');
    return port >= Number(from) && port <= Number(to);
  });
}
