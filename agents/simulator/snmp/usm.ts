import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { BerReader } from './ber-reader.ts';
import { BerWriter, tag } from './ber-writer.ts';
import type { Oid } from './oid.ts';
import { readPdu } from './request.ts';
import type { SnmpRequest } from './request.ts';
import { digestSizes, keysOf } from './usm-user.ts';
import type { UsmKeys, UsmUser } from './usm-user.ts';

/** What a message takes beside its PDU at most, in this agent. */
export const usmOverheadBytes = 200;

const flag = { authenticated: 1, encrypted: 2, reportable: 4 } as const;
const windowS = 150;
/** usmStats (RFC 3414, section 5): the last arc but one of each counter. */
const stats = {
  unsupportedLevels: 1,
  notInTimeWindows: 2,
  unknownUsers: 3,
  unknownEngines: 4,
  wrongDigests: 5,
  decryptionErrors: 6,
} as const;

export type Opened =
  | { readonly kind: 'report'; readonly message: Buffer }
  | {
      readonly kind: 'request';
      readonly request: SnmpRequest;
      /** Whether the user may read at the level of this message. */
      readonly authorized: boolean;
      /** Puts the answer's PDU into a message as secure as the request was. */
      seal(pdu: Buffer): Buffer;
    };

/** Parts of an SNMPv3 message (RFC 3412, section 6; RFC 3414, section 2.4). */
interface UserMessage {
  /** msgID with its tag and length. */
  readonly id: Buffer;
  readonly flags: number;
  readonly engineId: Buffer;
  readonly boots: number;
  readonly timeS: number;
  readonly user: string;
  readonly digest: Buffer;
  readonly salt: Buffer;
  /** The scoped PDU as it came. */
  readonly data: BerReader;
  readonly whole: Buffer;
}

export function isVersion3(datagram: Buffer): boolean {
  const body = new BerReader(datagram, 0, datagram.length).enter(tag.sequence);
  return body?.integer() === 3;
}

/** One buffer serves all engines. */
const writer = new BerWriter(70_000);

/**
 * The authoritative SNMPv3 engine of a simulated device, with one user (RFC 3414): opens requests, says in Reports what
 * it does not like, and seals answers.
 */
export class UsmEngine {
  readonly #id: Buffer;
  readonly #user: UsmUser;
  readonly #keys: UsmKeys;
  readonly #clock: { boots(): number; timeS(): number };
  readonly #stats = new Uint32Array(7);

  constructor(options: {
    readonly id: Buffer;
    readonly user: UsmUser;
    readonly clock: { boots(): number; timeS(): number };
  }) {
    this.#id = options.id;
    this.#user = options.user;
    this.#keys = keysOf(options.user, options.id);
    this.#clock = options.clock;
  }

  /** Null: what is no request of SNMPv3, to which an engine is silent. */
  open(datagram: Buffer): Opened | null {
    const message = readMessage(datagram);
    if (message === null) return null;
    const { flags } = message;
    if (!message.engineId.equals(this.#id)) return this.#report(message, 'unknownEngines');
    if (message.user !== this.#user.name) return this.#report(message, 'unknownUsers');
    const authenticated = (flags & flag.authenticated) !== 0;
    const encrypted = (flags & flag.encrypted) !== 0;
    if ((authenticated && this.#keys.auth === null) || (encrypted && this.#keys.priv === null))
      return this.#report(message, 'unsupportedLevels');
    let data = message.data;
    if (authenticated) {
      if (!this.#digestIsRight(message)) return this.#report(message, 'wrongDigests');
      if (message.boots !== this.#clock.boots() || Math.abs(message.timeS - this.#clock.timeS()) > windowS)
        return this.#report(message, 'notInTimeWindows', flag.authenticated);
    }
    if (encrypted) {
      const plain = this.#decrypted(message);
      if (plain === null) return this.#report(message, 'decryptionErrors');
      data = new BerReader(plain, 0, plain.length);
    }
    const scoped = data.enter(tag.sequence);
    // contextEngineID and contextName: there is one context.
    if (scoped === null || scoped.value(tag.octets) === null || scoped.value(tag.octets) === null) return null;
    const request = readPdu(scoped, 3, '');
    if (typeof request === 'string') return null;
    const level = flags & (flag.authenticated | flag.encrypted);
    return {
      kind: 'request',
      request,
      authorized: level === this.#keys.flags,
      seal: (pdu) => this.#seal(message, level, pdu),
    };
  }

  #digestIsRight(message: UserMessage): boolean {
    const { digest, whole } = message;
    if (this.#keys.auth === null || digest.length !== digestSizes[this.#user.authProtocol]) return false;
    const at = digest.byteOffset - whole.byteOffset;
    const blank = Buffer.from(whole);
    blank.fill(0, at, at + digest.length);
    return timingSafeEqual(this.#digest(this.#keys.auth, blank), digest);
  }

  #digest(key: Buffer, message: Buffer): Buffer {
    const { authProtocol } = this.#user;
    return createHmac(authProtocol, key).update(message).digest().subarray(0, digestSizes[authProtocol]);
  }

  #decrypted({ data, salt, boots, timeS }: UserMessage): Buffer | null {
    const content = data.value(tag.octets);
    if (content === null || this.#keys.priv === null || salt.length !== 8) return null;
    return createDecipheriv(this.#keys.cipher, this.#keys.priv, ivOf(boots, timeS, salt)).update(content);
  }

  /** RFC 3412, section 7.1: one counter that says why. */
  #report(message: UserMessage, why: keyof typeof stats, level = 0): Opened | null {
    if ((message.flags & flag.reportable) === 0) return null;
    const arc = stats[why];
    const count = (this.#stats[arc] ?? 0) + 1;
    this.#stats[arc] = count;
    writer.length = 0;
    const pdu = writer.open(tag.report);
    for (let i = 0; i < 3; i++) writer.integer(0);
    const list = writer.open(tag.sequence);
    const binding = writer.openSmall(tag.sequence);
    const oid: Oid = [1, 3, 6, 1, 6, 3, 15, 1, 1, arc, 0];
    writer.oid(oid, []);
    writer.unsigned(tag.counter32, count);
    writer.closeSmall(binding);
    writer.close(list);
    writer.close(pdu);
    const bytes = Buffer.from(writer.buffer.subarray(0, writer.length));
    return { kind: 'report', message: this.#seal(message, level, bytes) };
  }

  #seal({ id, user }: UserMessage, level: number, pdu: Buffer): Buffer {
    const { auth, priv, cipher } = this.#keys;
    const boots = this.#clock.boots();
    const timeS = this.#clock.timeS();
    const encrypts = (level & flag.encrypted) !== 0 && priv !== null;
    const authenticates = (level & flag.authenticated) !== 0 && auth !== null;
    const salt = encrypts ? randomBytes(8) : Buffer.alloc(0);
    const scoped = this.#scoped(pdu);

    writer.length = 0;
    const message = writer.open(tag.sequence);
    writer.integer(3);
    const global = writer.openSmall(tag.sequence);
    writer.bytes(id);
    writer.integer(65_507);
    writer.octets(Uint8Array.of(level));
    writer.integer(3);
    writer.closeSmall(global);
    const parameters = writer.open(tag.octets);
    const security = writer.open(tag.sequence);
    writer.octets(this.#id);
    writer.integer(boots);
    writer.integer(timeS);
    writer.octets(user); // of a Report: the one who asked, whoever that is
    const digest = Buffer.alloc(authenticates ? digestSizes[this.#user.authProtocol] : 0);
    writer.octets(digest);
    const digestAt = writer.length - digest.length;
    writer.octets(salt);
    writer.close(security);
    writer.close(parameters);
    if (encrypts) writer.octets(createCipheriv(cipher, priv, ivOf(boots, timeS, salt)).update(scoped));
    else writer.bytes(scoped);
    writer.close(message);
    const sealed = Buffer.from(writer.buffer.subarray(0, writer.length));
    if (authenticates) this.#digest(auth, sealed).copy(sealed, digestAt);
    return sealed;
  }

  #scoped(pdu: Buffer): Buffer {
    writer.length = 0;
    const scoped = writer.open(tag.sequence);
    writer.octets(this.#id);
    writer.octets('');
    writer.bytes(pdu);
    writer.close(scoped);
    return Buffer.from(writer.buffer.subarray(0, writer.length));
  }
}

/** RFC 3826, section 3.1.2.1. */
function ivOf(boots: number, timeS: number, salt: Buffer): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32BE(boots, 0);
  iv.writeUInt32BE(timeS, 4);
  salt.copy(iv, 8);
  return iv;
}

function readMessage(whole: Buffer): UserMessage | null {
  const data = new BerReader(whole, 0, whole.length).enter(tag.sequence);
  if (data === null || data.integer() !== 3) return null;
  const global = data.enter(tag.sequence);
  if (global === null) return null;
  const idAt = global.offset;
  if (global.integer() === null) return null;
  const id = global.slice(idAt, global.offset);
  if (global.integer() === null) return null;
  const flags = global.value(tag.octets)?.[0];
  if (flags === undefined || global.integer() !== 3) return null;
  const security = data.enter(tag.octets)?.enter(tag.sequence) ?? null;
  if (security === null) return null;
  const engineId = security.value(tag.octets);
  const boots = security.integer();
  const timeS = security.integer();
  const user = security.value(tag.octets);
  const digest = security.value(tag.octets);
  const salt = security.value(tag.octets);
  if (engineId === null || boots === null || timeS === null || user === null || digest === null || salt === null)
    return null;
  return { id, flags, engineId, boots, timeS, user: user.toString('utf8'), digest, salt, data, whole };
}
