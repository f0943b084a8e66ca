import { BlockList, isIP, isIPv4 } from 'node:net';

/** How this machine would send a packet: out of which interface, to which neighbour. */
export interface Route {
  readonly interface: string;
  /** Of the router that takes it; null where the destination is a neighbour itself. */
  readonly gateway: string | null;
}

interface Entry extends Route {
  readonly prefix: number;
  readonly metric: number;
  readonly covers: BlockList;
}

const up = 0x1;
const viaGateway = 0x2;
const rejects = 0x200;

/**
 * The route of an address by Linux's main tables, the longest prefix first: `/proc/net/route` (IPv4) and
 * `/proc/net/ipv6_route`. Null where there is none. Routes of policies (`ip rule`) are not seen.
 */
export function routeOf(address: string, tables: { readonly ipv4: string; readonly ipv6: string }): Route | null {
  if (isIP(address) === 0) return null;
  const entries = isIPv4(address) ? entries4(tables.ipv4) : entries6(tables.ipv6);
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const [best] = entries
    .filter(({ covers }) => covers.check(address, family))
    .sort((a, b) => b.prefix - a.prefix || a.metric - b.metric);
  return best === undefined ? null : { interface: best.interface, gateway: best.gateway };
}

/** Columns: Iface Destination Gateway Flags RefCnt Use Metric Mask …; numbers in hexadecimal, of the host's byte order. */
function entries4(table: string): Entry[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line): Entry[] => {
      const [name, destination, gateway, flags, , , metric, mask] = line.trim().split(/\s+/);
      if (name === undefined || destination === undefined || gateway === undefined || mask === undefined) return [];
      const set = Number.parseInt(flags ?? '', 16);
      if ((set & up) === 0 || (set & rejects) !== 0) return [];
      const prefix = bitsOf(mask);
      const covers = new BlockList();
      covers.addSubnet(address4(destination), prefix, 'ipv4');
      const hop = (set & viaGateway) === 0 ? null : address4(gateway);
      return [{ interface: name, gateway: hop, prefix, metric: Number(metric), covers }];
    });
}

/** Columns: destination, its prefix, source, its prefix, next hop, metric, references, uses, flags, interface. */
function entries6(table: string): Entry[] {
  return table.split('\n').flatMap((line): Entry[] => {
    const [destination, length, , , hop, metric, , , flags, name] = line.trim().split(/\s+/);
    if (destination === undefined || hop === undefined || name === undefined) return [];
    const set = Number.parseInt(flags ?? '', 16);
    if ((set & up) === 0 || (set & rejects) !== 0) return [];
    const prefix = Number.parseInt(length ?? '', 16);
    const covers = new BlockList();
    covers.addSubnet(address6(destination), prefix, 'ipv6');
    const gateway = (set & viaGateway) === 0 ? null : address6(hop);
    return [{ interface: name, gateway, prefix, metric: Number.parseInt(metric ?? '', 16), covers }];
  });
}

function address4(hex: string): string {
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}

function address6(hex: string): string {
  return (hex.match(/.{4}/g) ?? []).join(':');
}

function bitsOf(mask: string): number {
  return [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === '1').length;
}
