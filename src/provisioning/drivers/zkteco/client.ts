import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { deviceError, deviceRefused } from '../device-errors.ts';
import type { Connection } from '../ways.ts';
import { answers, commands, decodePacket, decodeTime, encodePacket, encodeTime, framed, scrambledKey, unframed, type ZkPacket } from './packet.ts'; // prettier-ignore

export type ZkTransport = 'tcp' | 'udp';

/** What carries packets. */
interface Carrier {
  send(packet: Buffer): void;
  close(): void;
}

interface Hears {
  packet(packet: ZkPacket): void;
  failed(code: 'device.unreachable' | 'device.closed' | 'device.garbage', cause?: unknown): void;
}

/** A value longer than this is none of a setting. */
const longestValue = 255;

/** A session with one terminal: one command at a time, each with a deadline; an answer that is not to it ends the session. */
export class ZkClient implements Connection {
  readonly name: string;
  readonly #deadlineMs: number;
  #carrier: Carrier | null = null;
  #session = 0;
  #reply = 0;
  #isOpen = true;
  #waiting: { readonly reply: number; done(packet: ZkPacket): void; failed(error: Error): void } | null = null;

  private constructor(name: string, deadlineMs: number) {
    this.name = name;
    this.#deadlineMs = deadlineMs;
  }

  /** Throws `device.unreachable`, `device.timeout`, and `device.sign-in` when the comm key is another. */
  static async open(
    to: { readonly host: string; readonly port: number; readonly commKey: number; readonly transport: ZkTransport },
    deadlineMs: number,
  ): Promise<ZkClient> {
    const client = new ZkClient(`${to.host}:${to.port}`, deadlineMs);
    client.#carrier = (to.transport === 'tcp' ? overTcp : overUdp)(to, {
      packet: (packet) => client.#heard(packet),
      failed: (code, cause) => client.#ended(code, cause),
    });
    try {
      const met = await client.#ask(commands.connect);
      client.#session = met.session;
      const entered = met.command === answers.unauthorised ? await client.#ask(commands.authorise, scrambledKey(to.commKey, met.session)) : met; // prettier-ignore
      if (entered.command !== answers.ok) throw deviceError('device.sign-in', client.name);
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The value of a setting; null where the terminal has none of that name. */
  async readOption(name: string): Promise<string | null> {
    const { command, data } = await this.#ask(commands.readOption, Buffer.from(`${name}\0`, 'latin1'));
    if (command !== answers.ok) return null;
    const text = data.toString('utf8').replace(/\0.*$/s, '');
    const [, value] = /^[^=]*=(.*)$/s.exec(text) ?? [];
    // eslint-disable-next-line no-control-regex
    return value === undefined ? null : value.replace(/[\x00-\x1f\x7f]/g, ' ').slice(0, longestValue);
  }

  /** Throws `device.refused`. */
  async writeOption(name: string, value: string): Promise<void> {
    await this.#done(commands.writeOption, Buffer.from(`${name}=${value}\0`, 'utf8'), name);
    await this.#done(commands.refreshOptions, Buffer.alloc(0), name);
  }

  /** What its clock shows, as if it were UTC: milliseconds since 1970. */
  async readTime(): Promise<number> {
    const { command, data } = await this.#ask(commands.readTime);
    if (command !== answers.ok || data.length < 4) throw deviceRefused(this.name, 'CMD_GET_TIME');
    return decodeTime(data.readUInt32LE(0));
  }

  async writeTime(wallMs: number): Promise<void> {
    const time = Buffer.alloc(4);
    time.writeUInt32LE(encodeTime(wallMs));
    await this.#done(commands.writeTime, time, 'CMD_SET_TIME');
    await this.#done(commands.refreshData, Buffer.alloc(0), 'CMD_REFRESHDATA');
  }

  async firmware(): Promise<string | null> {
    const { command, data } = await this.#ask(commands.version);
    return command === answers.ok ? data.toString('latin1').replace(/\0.*$/s, '').slice(0, longestValue) : null;
  }

  close(): void {
    if (this.#isOpen && this.#session !== 0) {
      this.#reply += 1;
      this.#carrier?.send(encodePacket({ command: commands.exit, session: this.#session, reply: this.#reply, data: Buffer.alloc(0) })); // prettier-ignore
    }
    this.#ended('device.closed');
  }

  async #done(command: number, data: Buffer, what: string): Promise<void> {
    const answer = await this.#ask(command, data);
    if (answer.command !== answers.ok) throw deviceRefused(this.name, `${what}: ${answer.command}`);
  }

  #ask(command: number, data: Buffer = Buffer.alloc(0)): Promise<ZkPacket> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) return reject(deviceError('device.closed', this.name));
      const reply = this.#reply;
      this.#reply = (this.#reply + 1) % 0xffff;
      const timer = setTimeout(() => {
        this.#waiting?.failed(deviceError('device.timeout', this.name));
        this.#ended('device.closed');
      }, this.#deadlineMs);
      const over = (): void => {
        clearTimeout(timer);
        this.#waiting = null;
      };
      this.#waiting = {
        reply,
        done: (packet) => {
          over();
          resolve(packet);
        },
        failed: (error) => {
          over();
          reject(error);
        },
      };
      this.#carrier?.send(encodePacket({ command, session: this.#session, reply, data }));
    });
  }

  #heard(packet: ZkPacket): void {
    const waiting = this.#waiting;
    // What a terminal tells unasked is somebody's attendance: not read.
    if (waiting === null) return;
    if (packet.reply !== waiting.reply) return this.#ended('device.garbage');
    waiting.done(packet);
  }

  #ended(code: 'device.unreachable' | 'device.closed' | 'device.garbage', cause?: unknown): void {
    this.#isOpen = false;
    this.#carrier?.close();
    this.#waiting?.failed(deviceError(code, this.name, cause));
  }
}

function overTcp(to: { readonly host: string; readonly port: number }, hears: Hears): Carrier {
  const socket = connect({ host: to.host, port: to.port });
  let bytes = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', (cause: NodeJS.ErrnoException) => hears.failed(/REFUSED|UNREACH/.test(cause.code ?? '') ? 'device.unreachable' : 'device.closed', cause)); // prettier-ignore
  socket.on('close', () => hears.failed('device.closed'));
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    try {
      for (let next = unframed(bytes); next !== null; next = unframed(bytes)) {
        bytes = Buffer.from(next.rest);
        hears.packet(next.packet);
      }
    } catch (cause) {
      hears.failed('device.garbage', cause);
    }
  });
  return {
    send: (packet) => socket.write(framed(packet)),
    // What was said last is still sent.
    close: () => socket.destroySoon(),
  };
}

/** Each packet once: a terminal that does not answer is asked again by whoever opened the session. */
function overUdp(to: { readonly host: string; readonly port: number }, hears: Hears): Carrier {
  const socket = createSocket(to.host.includes(':') ? 'udp6' : 'udp4');
  let isClosed = false;
  socket.on('error', (cause) => hears.failed('device.closed', cause));
  socket.on('message', (message, from) => {
    // Anybody can send to the port: only the terminal is heard.
    if (from.address !== to.host || from.port !== to.port) return;
    const packet = decodePacket(message);
    if (packet === null) hears.failed('device.garbage');
    else hears.packet(packet);
  });
  return {
    send: (packet) => {
      if (!isClosed) socket.send(packet, to.port, to.host);
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      setImmediate(() => socket.close());
    },
  };
}
