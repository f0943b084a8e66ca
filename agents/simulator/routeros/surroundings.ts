import { createHash } from 'node:crypto';
import type { SimulatedDevice } from '../device.ts';
import type { Network } from '../network.ts';
import { wireguardPublicKey } from './configuration.ts';
import { tunnelEndpoint, type Downlink, type Neighbour, type Surroundings, type TunnelEnd } from './management.ts';

/** The VLAN in which what stands behind a site's router is managed. */
const managementVlan = 99;
/** RouterOS's own (help.mikrotik.com, "WireGuard"). */
export const listenPort = 13_231;

/** The networks between sites, a /30 for each link by its place in the inventory. */
function transitOf(network: Network, link: { readonly name: string }): { readonly a: string; readonly b: string } {
  const place = network.links.findIndex((one) => one.name === link.name);
  const text = (offset: number): string => {
    const value = place * 4 + offset;
    return `172.${16 + ((value >> 16) & 0x0f)}.${(value >> 8) & 0xff}.${value & 0xff}`;
  };
  return { a: text(1), b: text(2) };
}

/** A WireGuard key that a name always gets. */
export function privateKeyOf(name: string): string {
  const key = createHash('sha256').update(`wireguard/${name}`).digest();
  key[0] = (key[0] ?? 0) & 248;
  key[31] = ((key[31] ?? 0) & 127) | 64;
  return key.toString('base64');
}

const isTunnelled = ({ medium }: { readonly medium: string }): boolean => medium === '4g' || medium === 'vsat';

const isRouter = (device: SimulatedDevice): boolean => device.role === 'router' && device.kind.name === 'mikrotik';

/**
 * What is around a device: routers know each other by a /30 on the link between them, or by a tunnel where a mobile or
 * satellite network lies between; what stands at a site is managed in a VLAN of its router.
 */
export function surroundingsOf(network: Network, device: SimulatedDevice): Surroundings {
  const isEntry = network.roots.includes(device);
  const neighbours: Neighbour[] = [];
  const tunnels: TunnelEnd[] = [];
  const downlinks: Downlink[] = [];
  const links = [...network.linksOf(device)].sort((x, y) => Number(y === device.uplink) - Number(x === device.uplink));
  for (const link of links) {
    const near = link.a.device === device ? link.a : link.b;
    const far = link.a.device === device ? link.b : link.a;
    // Who is reached through us leads nowhere.
    if (link !== device.uplink && (far.device.uplink === link || far.device.role !== 'router')) {
      if (!isRouter(device) || !isRouter(far.device) || link.place === 'inside') continue;
      const ends = transitOf(network, link);
      const [ours, theirs] = link.a === near ? [ends.a, ends.b] : [ends.b, ends.a];
      const publicKey = isTunnelled(link) ? wireguardPublicKey(privateKeyOf(far.device.name)) : null;
      downlinks.push({ ours, theirs, port: near.name, publicKey });
      continue;
    }
    if (link.place === 'inside' || !isRouter(device)) {
      if (link !== device.uplink) continue;
      const gateway = routerAbove(device);
      if (gateway !== null) {
        neighbours.push({
          gateway: gateway.address,
          ours: device.address,
          port: near.name,
          vlan: managementVlan,
          far: gateway.name,
          farPort: far.name,
        });
      }
      continue;
    }
    const ends = transitOf(network, link);
    const [ours, gateway] = link.a === near ? [ends.a, ends.b] : [ends.b, ends.a];
    if (isTunnelled(link)) {
      tunnels.push({
        publicKey: wireguardPublicKey(privateKeyOf(far.device.name)),
        ourPublicKey: wireguardPublicKey(privateKeyOf(device.name)),
        endpoint: tunnelEndpoint,
        port: listenPort,
        gateway,
        ours,
        far: far.device.name,
      });
    } else {
      neighbours.push({ gateway, ours, port: near.name, vlan: null, far: far.device.name, farPort: far.name });
    }
  }
  return { address: device.address, isEntry, neighbours, tunnels, downlinks };
}

/** The next router on the way to the agent. */
function routerAbove(device: SimulatedDevice): SimulatedDevice | null {
  let at: SimulatedDevice = device;
  for (let hops = 0; hops < 16; hops += 1) {
    const link = at.uplink;
    if (link === null) return null;
    at = link.a.device === at ? link.b.device : link.a.device;
    if (at.role === 'router') return at;
  }
  return null;
}
