import type { LinkMedium } from '../../src/domain/link.ts';
import type { DeviceRole } from '../../src/domain/device.ts';
import type { Model, Port } from './models.ts';

/** Devices and cables while they are being drawn; ports are handed out at the end, when each device's needs are known. */
export interface DraftDevice {
  readonly name: string;
  readonly site: string;
  readonly role: DeviceRole;
  readonly gateway: boolean;
  /** The first that has ports enough is taken. */
  readonly models: readonly Model[];
  readonly address: string;
  readonly serial: string;
  readonly tags: readonly string[];
}

export interface DraftLink {
  readonly name: string;
  readonly medium: LinkMedium;
  readonly capacityBps: number;
  readonly a: string;
  readonly b: string;
  readonly trunk: boolean;
  readonly sharedRisks: readonly string[];
}

export interface WiredInterface {
  readonly device: string;
  readonly name: string;
  readonly description: string;
  readonly speedBps: number;
}

interface Need {
  readonly link: DraftLink;
  readonly fibre: boolean;
  /** A tunnel ends on an interface of its own (a VPN concentrator has one for each site). */
  readonly tunnel: string | null;
  readonly peer: string;
}

export interface Wiring {
  readonly modelOf: ReadonlyMap<string, Model>;
  readonly interfaces: readonly WiredInterface[];
  /** `device:interface` at each end, by link name. */
  readonly ends: ReadonlyMap<string, { readonly a: string; readonly b: string }>;
}

export function wire(devices: readonly DraftDevice[], links: readonly DraftLink[]): Wiring {
  const needs = new Map<string, Need[]>(devices.map((device) => [device.name, []]));
  for (const link of links) {
    needOf(needs, link.a).push(need(link, link.a, link.b));
    needOf(needs, link.b).push(need(link, link.b, link.a));
  }
  const modelOf = new Map<string, Model>();
  const interfaces: WiredInterface[] = [];
  const endAt = new Map<string, string>();
  for (const device of devices) {
    const wanted = needOf(needs, device.name);
    const model = choose(device, wanted);
    modelOf.set(device.name, model);
    const taken = new Map<Port, Need>();
    for (const want of wanted) {
      if (want.tunnel === null) taken.set(freePort(device.name, model, want, taken), want);
    }
    for (const port of model.ports) {
      const want = taken.get(port);
      interfaces.push({
        device: device.name,
        name: port.name,
        description: want === undefined ? '' : `ke ${want.peer}`,
        speedBps: port.speedBps,
      });
      if (want !== undefined) endAt.set(`${want.link.name}|${device.name}`, `${device.name}:${port.name}`);
    }
    for (const want of wanted) {
      if (want.tunnel === null) continue;
      interfaces.push({
        device: device.name,
        name: want.tunnel,
        description: `ke ${want.peer}`,
        speedBps: want.link.capacityBps,
      });
      endAt.set(`${want.link.name}|${device.name}`, `${device.name}:${want.tunnel}`);
    }
  }
  const ends = new Map(
    links.map((link) => [link.name, { a: endOf(endAt, link, link.a), b: endOf(endAt, link, link.b) }]),
  );
  return { modelOf, interfaces, ends };
}

function need(link: DraftLink, self: string, peer: string): Need {
  const concentrator = self.startsWith('rtr-dc-');
  const tunnel = link.medium === 'vsat' || link.medium === '4g';
  return {
    link,
    fibre: link.medium === 'fibre',
    tunnel: tunnel && concentrator ? `l2tp-${peer.replace(/^rtr-/, '').replace(/-01$/, '')}` : null,
    peer,
  };
}

function choose(device: DraftDevice, wanted: readonly Need[]): Model {
  const physical = wanted.filter((want) => want.tunnel === null);
  const fibre = physical.filter((want) => want.fibre).length;
  const fits = device.models.find(
    (model) => model.ports.filter((port) => port.fibre).length >= fibre && model.ports.length >= physical.length,
  );
  const chosen = fits ?? device.models.findLast((model) => model.ports.length >= physical.length);
  if (chosen === undefined) throw new Error(`${device.name} needs ${physical.length} ports: no model has so many.`);
  return chosen;
}

/** A cage for fibre, a socket for the rest; where none is left the other kind serves (a media converter, an RJ45 module). */
function freePort(device: string, model: Model, want: Need, taken: ReadonlyMap<Port, Need>): Port {
  const free = model.ports.filter((port) => !taken.has(port));
  const radio = free.find((port) => want.link.medium === '4g' && port.name === 'lte1');
  const fast = free.filter((port) => port.speedBps >= want.link.capacityBps);
  const port =
    radio ??
    fast.find((candidate) => candidate.fibre === want.fibre) ??
    fast[0] ??
    free.find((candidate) => candidate.fibre === want.fibre) ??
    free[0];
  if (port === undefined) throw new Error(`${device} has no free port for ${want.link.name}.`);
  return port;
}

function needOf(needs: ReadonlyMap<string, Need[]>, device: string): Need[] {
  const found = needs.get(device);
  if (found === undefined) throw new Error(`A link names ${device}, which is not in the draft.`);
  return found;
}

function endOf(ends: ReadonlyMap<string, string>, link: DraftLink, device: string): string {
  const end = ends.get(`${link.name}|${device}`);
  if (end === undefined) throw new Error(`${link.name} has no port at ${device}.`);
  return end;
}
