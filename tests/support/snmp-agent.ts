import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/**
 * A small SNMP v1/v2c agent that misbehaves on demand: loses, delays, doubles, garbles. It shares no code with what it
 * tests. Honest behaviour is checked against Debian's snmpd, not here.
 */
export type AgentValue =
  | { readonly type: 'integer' | 'counter32' | 'gauge32' | 'timeticks' | 'counter64'; readonly value: number }
  | { readonly type: 'octets'; readonly value: string }
  | { readonly type: 'noSuchInstance' };

export interface Misbehaviour {
  /** Share of requests, and again of answers, that get lost: 0 to 1. */
  loss?: number;
  /** Which answers get lost: agents with other seeds lose others. */
  seed?: number;
  delayMs?: number;
  twice?: boolean;
  /** Varbinds beyond which it says tooBig; to a GETBULK it leaves them out. */
  tooBigBeyond?: number;
  /** Answers every GETBULK with genErr. */
  noBulk?: boolean;
  /** Varbinds beyond which it leaves out the rest, without a word. */
  cutOffBeyond?: number;
  /** Answers longer than this get lost on the way. */
  lostBeyondBytes?: number;
  silent?: boolean;
  /** Turns an answer into other bytes. */
  garble?: (answer: Buffer) => Buffer;
  /** Answers from another port. */
  otherPort?: boolean;
  reverse?: boolean;
  /** Its errors do not say which variable they mean (error-index 0). */
  namelessErrors?: boolean;
  /** A GETNEXT gives the first variable that it has, whatever was asked. */
  brokenNext?: boolean;
}

const tags = { integer: 0x02, counter32: 0x41, gauge32: 0x42, timeticks: 0x43, counter64: 0x46 } as const;

export class SnmpAgent {
  readonly values: Map<string, AgentValue | (() => AgentValue)>;
  readonly community: string;
  misbehaviour: Misbehaviour = {};
  requests = 0;
  answers = 0;
  lastAnswer: Buffer = Buffer.alloc(0);
  readonly #socket: Socket;
  readonly #other: Socket;
  #sorted: string[] = [];
  #random: number | null = null;
  #closed = false;

  constructor(
    values: Iterable<readonly [string, AgentValue | (() => AgentValue)]>,
    community = 'public',
    family: 'udp4' | 'udp6' = 'udp4',
  ) {
    this.#socket = createSocket(family);
    this.#other = createSocket(family);
    this.values = new Map(values);
    this.community = community;
    this.#socket.on('message', (request, from) => this.#take(request, from));
  }

  /** Starts to listen on a free port of this loopback address and returns the port. */
  async listen(address = '127.0.0.1', port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#socket.bind(port, address, resolve));
    await new Promise<void>((resolve) => this.#other.bind(0, address, resolve));
    const bound: AddressInfo = this.#socket.address();
    return bound.port;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await new Promise<void>((resolve) => this.#socket.close(resolve));
    await new Promise<void>((resolve) => this.#other.close(resolve));
  }

  #chance(share: number | undefined): boolean {
    // A generator with a fixed seed: a failing run can be repeated.
    const before = this.#random ?? (this.misbehaviour.seed ?? 1) * 0x9e3779b1;
    this.#random = (Math.imul(before, 1664525) + 1013904223) >>> 0;
    return this.#random / 2 ** 32 < (share ?? 0);
  }

  #take(request: Buffer, from: RemoteInfo): void {
    this.requests += 1;
    const { silent, loss, delayMs, twice, garble, otherPort, lostBeyondBytes } = this.misbehaviour;
    if (silent === true || this.#chance(loss)) return;
    const answer = this.#answer(request);
    if (answer === null || this.#chance(loss) || answer.length > (lostBeyondBytes ?? Infinity)) return;
    this.lastAnswer = answer;
    const bytes = garble === undefined ? answer : garble(answer);
    const send = (): void => {
      if (this.#closed) return;
      this.answers += 1;
      const socket = otherPort === true ? this.#other : this.#socket;
      socket.send(bytes, from.port, from.address, () => undefined);
      if (twice === true) socket.send(bytes, from.port, from.address, () => undefined);
    };
    if (delayMs === undefined) send();
    else setTimeout(send, delayMs);
  }

  #answer(request: Buffer): Buffer | null {
    const message = parts(content(request, 0));
    const [version, community, pdu] = message;
    if (version === undefined || community === undefined || pdu === undefined) return null;
    if (community.body.toString() !== this.community) return null;
    const isV1 = version.body[0] === 0;
    const [id, first, second, list] = parts(pdu.body);
    if (id === undefined || first === undefined || second === undefined || list === undefined) return null;
    const asked = parts(list.body).map((one) => readOid(content(one.whole, 0)));
    const varbinds: Buffer[] = [];
    let errorStatus = 0;
    let errorIndex = 0;
    if (asked.length > (this.misbehaviour.tooBigBeyond ?? Infinity)) errorStatus = 1;
    else if (pdu.tag === 0xa0) {
      for (const [i, oid] of asked.entries()) {
        const value = this.#value(oid);
        if (isV1 && value.type === 'noSuchInstance' && errorStatus === 0) {
          errorStatus = 2;
          errorIndex = i + 1;
        }
        varbinds.push(varbind(oid, value));
      }
    } else if (pdu.tag === 0xa1) {
      for (const [i, oid] of asked.entries()) {
        const next = this.#next(this.misbehaviour.brokenNext === true ? '0' : oid);
        if (next !== null) varbinds.push(varbind(next, this.#value(next)));
        else if (!isV1) varbinds.push(tlv(0x30, Buffer.concat([encodeOid(oid), Buffer.from([0x82, 0])])));
        else if (errorStatus === 0) [errorStatus, errorIndex] = [2, i + 1];
      }
    } else {
      const count = (field: { body: Buffer }): number => Number(BigInt('0x' + field.body.toString('hex')));
      const next = (oid: string): { readonly oid: string; readonly ended: boolean } => {
        const found = this.#next(oid);
        if (found === null) varbinds.push(tlv(0x30, Buffer.concat([encodeOid(oid), Buffer.from([0x82, 0])])));
        else varbinds.push(varbind(found, this.#value(found)));
        return { oid: found ?? oid, ended: found === null };
      };
      if (this.misbehaviour.noBulk === true) errorStatus = 5;
      else {
        for (const oid of asked.slice(0, count(first))) next(oid);
        let row = asked.slice(count(first));
        for (let i = 0; i < count(second) && row.length > 0; i += 1) {
          const found = row.map(next);
          row = found.map(({ oid }) => oid);
          if (found.every(({ ended }) => ended)) break;
        }
        // RFC 3416, section 4.2.3: what does not fit is left out, and is no error.
        varbinds.splice(this.misbehaviour.tooBigBeyond ?? Infinity);
      }
    }
    varbinds.splice(this.misbehaviour.cutOffBeyond ?? Infinity);
    if (this.misbehaviour.reverse === true) varbinds.reverse();
    const answered = tlv(
      0xa2,
      Buffer.concat([
        id.whole,
        tlv(0x02, Buffer.from([errorStatus])),
        tlv(0x02, Buffer.from([this.misbehaviour.namelessErrors === true ? 0 : errorIndex])),
        errorStatus === 0 ? tlv(0x30, Buffer.concat(varbinds)) : list.whole,
      ]),
    );
    return tlv(0x30, Buffer.concat([version.whole, community.whole, answered]));
  }

  #value(oid: string): AgentValue {
    const value = this.values.get(oid) ?? { type: 'noSuchInstance' };
    return typeof value === 'function' ? value() : value;
  }

  #next(oid: string): string | null {
    if (this.#sorted.length !== this.values.size) this.#sorted = [...this.values.keys()].sort(compare);
    return this.#sorted.find((one) => compare(one, oid) > 0) ?? null;
  }
}

function compare(one: string, other: string): number {
  const left = one.split('.').map(Number);
  const right = other.split('.').map(Number);
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

interface Part {
  readonly tag: number;
  readonly body: Buffer;
  readonly whole: Buffer;
}

function header(bytes: Buffer, at: number): { from: number; length: number } {
  const first = bytes.readUInt8(at + 1);
  if (first < 0x80) return { from: at + 2, length: first };
  const count = first & 0x7f;
  return { from: at + 2 + count, length: bytes.readUIntBE(at + 2, count) };
}

function content(bytes: Buffer, at: number): Buffer {
  const { from, length } = header(bytes, at);
  return bytes.subarray(from, from + length);
}

function parts(bytes: Buffer): Part[] {
  const found: Part[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { from, length } = header(bytes, at);
    found.push({
      tag: bytes.readUInt8(at),
      body: bytes.subarray(from, from + length),
      whole: bytes.subarray(at, from + length),
    });
    at = from + length;
  }
  return found;
}

function readOid(bytes: Buffer): string {
  const body = content(bytes, 0);
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of body) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  return [Math.min(2, Math.floor(first / 40)), first - 40 * Math.min(2, Math.floor(first / 40)), ...rest].join('.');
}

function tlv(tag: number, body: Buffer): Buffer {
  const { length } = body;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), body]);
}

function encodeOid(oid: string): Buffer {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) | 0x80);
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

function varbind(oid: string, value: AgentValue): Buffer {
  return tlv(0x30, Buffer.concat([encodeOid(oid), encodeValue(value)]));
}

function encodeValue(value: AgentValue): Buffer {
  if (value.type === 'noSuchInstance') return Buffer.from([0x81, 0]);
  if (value.type === 'octets') return tlv(0x04, Buffer.from(value.value));
  const hex = BigInt(Math.trunc(value.value)).toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return tlv(tags[value.type], (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}
