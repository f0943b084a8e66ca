import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { WiredStream } from '../cli/wired-stream.ts';
import type { DeviceMemory } from '../device-memory.ts';
import type { SimulatedDevice } from '../device.ts';
import type { InventoryCredential } from '../inventory.ts';
import { closed, listen } from '../listening.ts';
import type { Network } from '../network.ts';
import { surroundingsOf } from '../routeros/surroundings.ts';
import type { Wire } from '../routeros/sessions.ts';
import type { TerminalClock } from '../terminal-clock.ts';
import { read, unwrap, wrap, write } from './packet.ts';
import { HeldTerminal, TerminalBox, type Conversation } from './terminal-box.ts';

/** Where terminals are set up. */
export interface TerminalPort {
  readonly port: number;
  /** Also by UDP: a socket more for each. */
  readonly udp: boolean;
}

/** Every attendance terminal that has an address, as those meet it who set it up. */
export class TerminalBoxes {
  readonly #slots = new Map<string, Slot>();
  readonly #port: TerminalPort | null;
  readonly #network: Network;
  readonly #memory: DeviceMemory;

  constructor(options: {
    readonly network: Network;
    readonly credentials: readonly InventoryCredential[];
    readonly clocks: (device: SimulatedDevice) => TerminalClock;
    /** Null: nobody can come in. */
    readonly port: TerminalPort | null;
    readonly memory: DeviceMemory;
  }) {
    const { network, credentials, clocks, memory } = options;
    this.#port = options.port;
    this.#network = network;
    this.#memory = memory;
    const given = credentials.find(({ kind }) => kind === 'zkteco')?.secret;
    const commKey = Number(typeof given === 'string' ? given : '0');
    for (const device of network.devices.values()) {
      if (device.role !== 'terminal' || device.address === '') continue;
      this.#slots.set(device.name, new Slot({ network, device, clock: clocks(device), commKey, memory }));
    }
    network.onChange(() => {
      for (const slot of this.#slots.values()) slot.pathChanged();
    });
  }

  async start(): Promise<void> {
    if (this.#port === null) return;
    for (const slot of this.#slots.values()) await slot.start(this.#port);
    const held = this.#memory.heldOf(this.#slots);
    for (const slot of held) slot.resume();
    if (held.length > 0) this.#network.changed();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop()));
  }

  /** Undefined where a device is none, or has no address. */
  box(name: string): TerminalBox | undefined {
    return this.#slots.get(name)?.box();
  }
}

interface SlotOptions {
  readonly network: Network;
  readonly device: SimulatedDevice;
  readonly clock: TerminalClock;
  readonly commKey: number;
  readonly memory: DeviceMemory;
}

/** A terminal whose settings are made when somebody opens it first. */
class Slot {
  readonly #options: SlotOptions;
  readonly #wire: Wire;
  readonly #streams = new Set<WiredStream>();
  readonly #server: Server;
  #udp: UdpSocket | null = null;
  #box: TerminalBox | null = null;
  #gateway: string | null = null;
  #streamNumber = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
    const { device } = options;
    this.#wire = {
      delayMs: () => device.latencyMs + device.faults.slowMs,
      boots: () => device.boots,
      arrives: (source, port, state) => device.isReachedBy({ source, protocol: 'tcp', port, state }),
    };
    this.#server = createServer((socket) => {
      this.#streamNumber += 1;
      const stream = new WiredStream(socket, this.#wire, this.#streamNumber);
      this.#streams.add(stream);
      stream.on('close', () => this.#streams.delete(stream));
      stream.on('error', () => undefined);
      this.#serve(stream);
    });
  }

  async start({ port, udp }: TerminalPort): Promise<void> {
    const { device } = this.#options;
    const { address } = device;
    await listen(this.#server, port, address);
    if (!udp) return;
    const socket = createSocket('udp4');
    const talks = new Map<string, Conversation>();
    socket.on('message', (message, from) => {
      const packet = read(message);
      if (packet === null || !device.isReachedBy({ source: from.address, protocol: 'udp', port, state: 'new' })) return;
      const name = `${from.address}:${from.port}`;
      const talk = talks.get(name) ?? { session: 0, isIn: false };
      talks.set(name, talk);
      const answer = this.box().answer(packet, talk);
      if (answer !== null) socket.send(write(answer), from.port, from.address);
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, address, resolve);
    });
    this.#udp = socket;
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    this.#udp?.close();
    if (this.#server.listening) await closed(this.#server);
  }

  pathChanged(): void {
    for (const stream of this.#streams) stream.pathChanged();
  }

  box(): TerminalBox {
    const { network, device, clock, commKey, memory } = this.#options;
    if (this.#box !== null) return this.#box;
    const gateway = surroundingsOf(network, device).neighbours[0]?.gateway ?? null;
    const box = new TerminalBox({
      device,
      clock,
      commKey,
      gateway,
      changed: () => {
        this.#findPaths();
        network.changed();
      },
      keeps: () => memory.keep(device.name, () => box.held()),
      held: memory.read(device.name, HeldTerminal),
    });
    this.#gateway = gateway;
    this.#box = box;
    return box;
  }

  /** It has power again, with what it held. */
  resume(): void {
    this.box();
    this.#findPaths();
  }

  /** A wrong address or gateway cuts it off; nothing on it puts that right. */
  #findPaths(): void {
    const { device } = this.#options;
    const box = this.box();
    const gateway = this.#gateway;
    const reaches = (): boolean =>
      box.option('IPAddress') === device.address && (gateway === null || box.option('GATEIPAddress') === gateway);
    device.paths = {
      reaches,
      forwards: () => true,
      addresses: () => (reaches() ? [device.address] : []),
      admits: () => true,
      carries: () => true,
      filter: '',
      answersSnmp: false,
    };
  }

  #serve(stream: WiredStream): void {
    const talk: Conversation = { session: 0, isIn: false };
    let bytes = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      const whole = unwrap(Buffer.concat([bytes, chunk]));
      // Firmware hangs up on what it cannot read.
      if (whole === null) return stream.destroy();
      bytes = Buffer.from(whole.rest);
      for (const one of whole.packets) {
        const packet = read(one);
        const answer = packet === null ? null : this.box().answer(packet, talk);
        if (answer !== null) stream.write(wrap(write(answer)));
      }
    });
  }
}
