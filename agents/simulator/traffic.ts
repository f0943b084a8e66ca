import type { SimulatedDevice } from './device.ts';
import { addDemand, noDemand, scaleDemand } from './flow.ts';
import type { Demand, Instant } from './flow.ts';
import { between, fraction } from './hash.ts';
import type { SimulatedLink } from './link.ts';
import type { Network } from './network.ts';

/** What one device's users draw from the data centre and send to it, at the peak of the day. */
interface Draw {
  readonly down: Demand;
  readonly up: Demand;
}

const none: Draw = { down: noDemand, up: noDemand };
/** A full link carries no more than this share; the rest is lost or waits (TCP slows down). */
const fullest = 0.94;

/**
 * Loads every link with what runs over it: each device's users reach the data centre on the fastest path, and a link
 * carries the sum of what lies behind it. Links that no path uses carry exchange between neighbours.
 */
export function spread(network: Network, now: Instant): void {
  const drawn = new Map<SimulatedDevice, Draw>();
  const used = new Set<SimulatedLink>();
  for (const device of network.devices.values()) {
    const own = device.on && device.reachable ? drawOf(device, network.siteKinds.get(device.site) ?? '') : none;
    drawn.set(device, own);
    feedDesks(device, own, now);
  }
  for (let i = network.order.length - 1; i >= 0; i--) {
    const device = network.order[i];
    const link = device?.uplink;
    if (device === undefined || link === null || link === undefined) continue;
    const near = link.a.device === device ? link.b.device : link.a.device;
    const total = drawn.get(device) ?? none;
    const draw = { down: fit(total.down, link.capacityBps), up: fit(total.up, link.capacityBps) };
    used.add(link);
    if (link.a.device === near) link.flow.set(draw.down, draw.up, now);
    else link.flow.set(draw.up, draw.down, now);
    const before = drawn.get(near) ?? none;
    drawn.set(near, { down: addDemand(before.down, draw.down), up: addDemand(before.up, draw.up) });
  }
  for (const link of network.links) {
    if (used.has(link)) continue;
    const exchange = link.carries && link.a.device.reachable ? link.capacityBps : 0;
    const share = (part: number) => ({ office: 0, community: exchange * part, steady: 0 });
    link.flow.set(share(link.exchange.forward), share(link.exchange.back), now);
  }
}

function fit(demand: Demand, capacityBps: number): Demand {
  const total = demand.office + demand.community + demand.steady;
  return total <= capacityBps * fullest ? demand : scaleDemand(demand, (capacityBps * fullest) / total);
}

/** Users sit at switches and access points; servers send more than they receive; the rest only speaks of itself. */
function drawOf(device: SimulatedDevice, siteKind: string): Draw {
  const size = device.once('size', () => between(`${device.name}/size`, 0.45, 1.55));
  const mbps = 1e6 * size;
  const narrow = slowestMbps(device);
  switch (device.role) {
    case 'switch':
      switch (siteKind) {
        case 'agency':
          return users('office', 95 * mbps * agencySize(device), 0.3);
        case 'district':
          return users('office', 22 * mbps, 0.3);
        case 'village':
          return users('community', Math.min(12.9 * mbps, narrow * 0.5e6), 0.2);
        default:
          return users('office', 2 * mbps, 0.5);
      }
    case 'access-point':
      return siteKind === 'agency'
        ? users('office', 28 * mbps, 0.2)
        : users('community', Math.min(14 * mbps, narrow * 0.15e6), 0.2);
    case 'server':
      return {
        down: { office: 60 * mbps, community: 0, steady: 20 * mbps },
        up: { office: 180 * mbps, community: 0, steady: 30 * mbps },
      };
    case 'terminal':
      return { down: { office: 0, community: 0, steady: 1200 }, up: { office: 2000, community: 0, steady: 1600 } };
    case 'router':
      return { down: { office: 0, community: 0, steady: 18e3 }, up: { office: 0, community: 0, steady: 26e3 } };
    default:
      return { down: { office: 0, community: 0, steady: 6e3 }, up: { office: 0, community: 0, steady: 9e3 } };
  }
}

function users(kind: 'office' | 'community', bps: number, upShare: number): Draw {
  const demand = (value: number): Demand => ({
    office: kind === 'office' ? value : 0,
    community: kind === 'community' ? value : 0,
    steady: value * 0.01,
  });
  return { down: demand(bps), up: demand(bps * upShare) };
}

/** Offices with a big switch have many people. */
function agencySize(device: SimulatedDevice): number {
  return device.ports.length > 20 ? 2.2 : 1;
}

/** Narrowest satellite or mobile hop on the way, in Mbit/s. */
function slowestMbps(device: SimulatedDevice): number {
  let slowest = Infinity;
  let at = device;
  for (let hop = 0; hop < 30 && at.uplink !== null; hop++) {
    const link: SimulatedLink = at.uplink;
    if (link.medium === 'vsat' || link.medium === '4g') slowest = Math.min(slowest, link.capacityBps / 1e6);
    at = link.a.device === at ? link.b.device : link.a.device;
  }
  return slowest === Infinity ? 1e6 : slowest;
}

function feedDesks(device: SimulatedDevice, draw: Draw, now: Instant): void {
  const desks = device.once('desks', () => {
    const ports = device.ports.filter((port) => port.local !== null);
    const weights = ports.map((port) => 0.3 + fraction(`${device.name}/${port.name}/share`));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return ports.map((port, i) => ({ port, share: (weights[i] ?? 0) / sum }));
  });
  for (const { port, share } of desks) {
    port.local?.set(
      fit(scaleDemand(draw.down, share), port.speedBps),
      fit(scaleDemand(draw.up, share), port.speedBps),
      now,
    );
  }
}
