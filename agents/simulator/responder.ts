import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { AddressInUse } from './address-in-use.ts';
import type { SimulatedDevice } from './device.ts';
import { garbled } from './garble.ts';
import { answer } from './snmp/agent.ts';
import type { AgentCounters, AgentIdentity } from './snmp/agent.ts';

/** What holds for the whole network: set by the control, read for every packet. */
export interface Conditions {
  lossPercent: number;
}

export interface ResponderCounters extends AgentCounters {
  received: number;
  lost: number;
  unreachable: number;
}

export function newCounters(): ResponderCounters {
  return {
    received: 0,
    lost: 0,
    unreachable: 0,
    answered: 0,
    badCommunity: 0,
    reports: 0,
    malformed: 0,
    tooBig: 0,
    variables: 0,
  };
}

/**
 * A device's SNMP agent on its own address. A packet is answered when the device runs and a path to it exists, after the
 * time that the path takes; both ways may lose it.
 */
export class SnmpResponder {
  readonly #device: SimulatedDevice;
  readonly #conditions: Conditions;
  readonly #counters: ResponderCounters;
  readonly #identity: AgentIdentity<SimulatedDevice>;
  readonly #waiting = new Set<NodeJS.Timeout>();
  /** By address. */
  readonly #sockets = new Map<string, Socket>();
  #work: Promise<void> = Promise.resolve();

  constructor(device: SimulatedDevice, conditions: Conditions, counters: ResponderCounters) {
    this.#device = device;
    this.#conditions = conditions;
    this.#counters = counters;
    this.#identity = {
      device,
      mib: device.kind.mib,
      community: device.community,
      usm: device.usm,
      maxMessageBytes: device.kind.maxMessageBytes,
    };
  }

  async start(): Promise<void> {
    await this.#bind(this.#device.address);
  }

  /** The device may have been given another address to be managed at, or lost one. */
  pathChanged(): void {
    const { paths, address } = this.#device;
    if (paths === null) return;
    const wanted = new Set([address, ...paths.addresses()]);
    if (wanted.size === this.#sockets.size && [...wanted].every((one) => this.#sockets.has(one))) return;
    // An address that cannot be had is as one at which nobody answers.
    this.#work = this.#work.then(() => this.#follow(wanted)).catch(() => undefined);
  }

  async #follow(wanted: ReadonlySet<string>): Promise<void> {
    for (const [address, socket] of this.#sockets) {
      if (wanted.has(address)) continue;
      this.#sockets.delete(address);
      socket.close();
    }
    for (const address of wanted) if (!this.#sockets.has(address)) await this.#bind(address);
  }

  async #bind(address: string): Promise<void> {
    const { udpPort, name } = this.#device;
    if (!isLoopback(address)) {
      throw new Error(
        `The simulated device ${name} has the address ${address || '(none)'}: give it one in 127.0.0.0/8, the simulator listens on loopback only.`,
      );
    }
    // Addresses are literal: no lookup, so that sending stays in the same turn of the event loop.
    const socket = createSocket({
      type: isIP(address) === 6 ? 'udp6' : 'udp4',
      lookup: (host, _options, done) => done(null, host, isIP(host)),
    });
    this.#sockets.set(address, socket);
    socket.on('message', (datagram, from) => this.#receive(datagram, from, address));
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (cause) => {
        this.#sockets.delete(address);
        reject(
          new (inUse(cause) ? AddressInUse : Error)(
            `The simulated device ${name} cannot listen on ${address}:${udpPort} (${cause.message}): is another simulator running?`,
            { cause },
          ),
        );
      });
      socket.bind({ address, port: udpPort, exclusive: true }, () => {
        socket.removeAllListeners('error');
        socket.on('error', () => undefined); // a peer that went away is the peer's affair
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
    await this.#work;
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  #receive(datagram: Buffer, from: RemoteInfo, at: string): void {
    const device = this.#device;
    this.#counters.received++;
    if (!this.#arrives(from, at)) {
      this.#counters.unreachable++;
      return;
    }
    if (this.#loses() || this.#loses()) {
      this.#counters.lost++;
      return;
    }
    const reply = answer(this.#identity, datagram, this.#counters);
    if (reply === null) return;
    const sent = device.faults.garble ? garbled(reply) : reply;
    const delayMs = device.faults.slowMs + device.latencyMs + (Math.random() * 2 - 1) * device.jitterMs;
    if (delayMs < 1) {
      this.#send(sent, from, at);
      return;
    }
    const timer = setTimeout(
      () => {
        this.#waiting.delete(timer);
        if (device.isReachedBy(packetOf(from, at))) this.#send(sent, from, at);
      },
      Math.max(1, Math.round(delayMs)),
    );
    this.#waiting.add(timer);
  }

  #arrives(from: RemoteInfo, destination: string): boolean {
    const { paths } = this.#device;
    const packet = packetOf(from, destination);
    if (!this.#device.isReachedBy(packet)) return false;
    if (paths === null) return true;
    return paths.answersSnmp && paths.addresses().includes(destination) && paths.admits(packet);
  }

  #loses(): boolean {
    const percent = this.#conditions.lossPercent + this.#device.lossPercent;
    return percent > 0 && Math.random() * 100 < percent;
  }

  #send(reply: Buffer, to: RemoteInfo, at: string): void {
    this.#sockets.get(at)?.send(reply, to.port, to.address);
  }
}

function packetOf(from: RemoteInfo, destination: string) {
  return { source: from.address, protocol: 'udp', port: 161, state: 'new', destination } as const;
}

function inUse(cause: NodeJS.ErrnoException): boolean {
  return cause.code === 'EADDRINUSE';
}

function isLoopback(address: string): boolean {
  return (isIP(address) === 4 && address.startsWith('127.')) || address === '::1';
}
