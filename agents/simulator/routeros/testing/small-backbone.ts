import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inventoryOf } from '../../inventory.ts';
import { Simulator } from '../../simulator.ts';
import { smallInventory } from '../../small-inventory.ts';
import type { RouterTimers } from '../router-device.ts';
import type { RouterPorts } from '../routers.ts';

interface Make {
  readonly vendor: string;
  readonly model: string;
}

/** A switch with Cisco's IOS. */
export const catalyst: Make = { vendor: 'Cisco', model: 'WS-C2960X-24TS-L' };

/** By name, switches that are of another make here than in the inventory. */
export interface OtherMakes {
  readonly as?: Readonly<Record<string, Make>>;
}

export interface SmallBackbone {
  readonly simulator: Simulator;
  readonly ports: RouterPorts;
  /** Of SSH on switches. */
  readonly sshPort: number;
  /** Of attendance terminals, TCP and UDP. */
  readonly terminalPort: number;
  addressOf(device: string): string;
  /** The inventory document that it plays. */
  readonly document: Record<string, unknown>;
}

/** Of every attendance terminal. */
export const commKey = 246_810;

export const user = { name: 'arung', password: 'rahasia-router' } as const;

/** The small network for tests with routers that may be configured, on ports that nobody has. */
export async function smallBackbone(
  net: number,
  options: {
    readonly rebootMs?: number;
    readonly timers?: RouterTimers;
    /** Where devices hold what was set on them; see the simulator's. */
    readonly memory?: string;
    readonly complain?: (sentence: string) => void;
  } & OtherMakes = {},
): Promise<SmallBackbone> {
  const small = await smallInventory(net);
  const document = small.document as { credentials: object[]; devices: { name: string; role: string }[] };
  const credentials = [
    ...document.credentials,
    { name: 'routers', kind: 'routeros', user: user.name, secret: user.password },
    { name: 'switches', kind: 'ssh', user: user.name, secret: user.password },
    { name: 'terminals', kind: 'zkteco', secret: String(commKey) },
  ];
  const devices = document.devices.map((device) => {
    if (device.role === 'terminal') return { ...device, address: small.addressOf(device.name) };
    return { ...device, ...options.as?.[device.name] };
  });
  const played = { ...small.document, credentials, devices };
  const [api = 0, www = 0, sshPort = 0, terminalPort = 0] = await freePorts(4);
  const ports = { api, www };
  const simulator = new Simulator({
    inventory: inventoryOf(played),
    broker: null,
    startedMs: Date.now(),
    rebootMs: options.rebootMs ?? 300,
    routerPorts: ports,
    switchPort: sshPort,
    terminalPort: { port: terminalPort, udp: true },
    ...(options.timers === undefined ? {} : { routerTimers: options.timers }),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    ...(options.complain === undefined ? {} : { complain: options.complain }),
  });
  await simulator.start();
  return { simulator, ports, sshPort, terminalPort, addressOf: (device) => small.addressOf(device), document: played };
}

/** All held at once, so that none is given twice. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
