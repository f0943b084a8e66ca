import { Type, type Static } from 'typebox';
import type { SimulatedDevice } from '../device.ts';
import { zoneS } from '../routeros/scheduler.ts';
import type { TerminalClock } from '../terminal-clock.ts';
import { keyProof, timeOf, wallOf, type Packet } from './packet.ts';

/** Commands and answers by number (zk-protocol, protocol.md). */
const connect = 1_000;
const exit = 1_001;
const enable = 1_002;
const disable = 1_003;
const refreshData = 1_013;
const refreshOptions = 1_014;
const version = 1_100;
const authorise = 1_102;
const readOption = 11;
const writeOption = 12;
const freeSizes = 50;
const readTime = 201;
const writeTime = 202;
const ok = 2_000;
const refused = 2_001;
const unauthorised = 2_005;
const unknown = 0xffff;

/** Ticks that the client may have hidden the key with: its own choice, told in the third byte. */
const ticksAt = 2;
/** Names that begin with a tilde are the maker's; the address of its cable is burnt in. */
const readOnly = /^(~|MAC$)/;

export const HeldTerminal = Type.Object({
  options: Type.Array(Type.Tuple([Type.String(), Type.String()])),
  driftS: Type.Number(),
});
/** A terminal without power: what was set, and how far its clock is ahead. */
export type HeldTerminal = Static<typeof HeldTerminal>;

export interface Conversation {
  session: number;
  isIn: boolean;
}

/** One attendance terminal, as those meet it who set it up over the network. Nobody's name is in it. */
export class TerminalBox {
  readonly #clock: TerminalClock;
  readonly #options: Map<string, string>;
  readonly #firmware: string;
  readonly #changed: () => void;
  readonly #keeps: () => void;
  #lastSession = 0x1000;

  constructor(options: {
    readonly device: SimulatedDevice;
    readonly clock: TerminalClock;
    readonly commKey: number;
    readonly gateway: string | null;
    /** An option was set: the way to it may be another. */
    readonly changed: () => void;
    /** What it holds without power is another now. */
    readonly keeps: () => void;
    readonly held: HeldTerminal | null;
  }) {
    const { device, commKey, gateway } = options;
    this.#clock = options.clock;
    this.#changed = options.changed;
    this.#keeps = options.keeps;
    this.#firmware = device.firmware === '' ? 'Ver 6.60 Sep 27 2019' : device.firmware;
    this.#options = new Map([
      ['~SerialNumber', device.serial],
      ['~DeviceName', device.model],
      ['~Platform', 'ZLM60_TFT'],
      ['~OEMVendor', 'ZKTECO CO., LTD.'],
      ['~ZKFPVersion', '10'],
      ['MAC', [...device.mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':')],
      ['DeviceID', '1'],
      ['ComKey', String(commKey)],
      ['IPAddress', device.address],
      ['NetMask', '255.255.255.0'],
      ['GATEIPAddress', gateway ?? ''],
      ['WebServerIP', '10.73.0.10'],
      ['WebServerPort', '8081'],
      ['SDKBuild', '1'],
      ...(options.held?.options ?? []),
    ]);
    if (options.held !== null) this.#clock.resume(options.held.driftS);
  }

  option(name: string): string | null {
    return this.#options.get(name) ?? null;
  }

  /** As a hand does it who stands before it. */
  set(name: string, value: string): void {
    this.#options.set(name, value);
    this.#keeps();
    this.#changed();
  }

  /** The seconds that its clock shows, since 1970, as if they were UTC. */
  wallS(): number {
    return this.#clock.wallS() + zoneS;
  }

  setWall(wallS: number): void {
    this.#clock.set(wallS - zoneS);
    this.#keeps();
  }

  held(): HeldTerminal {
    return { options: [...this.#options].filter(([name]) => !readOnly.test(name)), driftS: this.#clock.driftS };
  }

  everything(): string {
    return JSON.stringify([...this.#options].sort());
  }

  /** Null: it says nothing. */
  answer({ command, reply, data, session }: Packet, talk: Conversation): Packet | null {
    const say = (what: number, text: Buffer = Buffer.alloc(0)): Packet => ({ command: what, session: talk.session, reply, data: text }); // prettier-ignore
    if (command === connect) {
      this.#lastSession = (this.#lastSession + 1) & 0xffff || 1;
      talk.session = this.#lastSession;
      talk.isIn = this.#commKey === 0;
      return say(talk.isIn ? ok : unauthorised);
    }
    if (session !== talk.session) return null;
    if (command === authorise) {
      talk.isIn = data.length === 4 && data.equals(keyProof(this.#commKey, session, data[ticksAt] ?? 0));
      return say(talk.isIn ? ok : unauthorised);
    }
    if (!talk.isIn) return say(unauthorised);
    return this.#answerInside(command, data, say);
  }

  #answerInside(command: number, data: Buffer, say: (what: number, text?: Buffer) => Packet): Packet {
    switch (command) {
      case exit:
      case enable:
      case disable:
      case refreshData:
      case refreshOptions:
        return say(ok);
      case version:
        return say(ok, Buffer.from(`${this.#firmware}\0`));
      case freeSizes:
        return say(ok, Buffer.alloc(92));
      case readTime: {
        const time = Buffer.alloc(4);
        time.writeUInt32LE(timeOf(new Date(Math.floor(this.wallS()) * 1_000)));
        return say(ok, time);
      }
      case writeTime:
        if (data.length < 4) return say(refused);
        this.setWall(wallOf(data.readUInt32LE(0)).getTime() / 1_000);
        return say(ok);
      case readOption: {
        const name = textOf(data);
        const value = this.#options.get(name);
        return value === undefined ? say(refused) : say(ok, Buffer.from(`${name}=${value}\0`));
      }
      case writeOption: {
        const [, name = '', value = ''] = /^([^=]{1,60})=(.*)$/s.exec(textOf(data)) ?? [];
        if (readOnly.test(name) || !this.#options.has(name)) return say(refused);
        this.set(name, value);
        return say(ok);
      }
      default:
        return say(unknown);
    }
  }

  get #commKey(): number {
    return Number(this.#options.get('ComKey') ?? '0');
  }
}

function textOf(data: Buffer): string {
  return data.toString('utf8').replace(/\0.*$/s, '');
}
