import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { CredentialSecret } from '../../domain/device.ts';
import { lengthAt, lengthBytes, Tag } from './ber.ts';
import { CfbCipher } from './cfb-cipher.ts';
import { KeyedDigest } from './keyed-digest.ts';
import { RemoteEngine } from './remote-engine.ts';
import {
  encodePdu,
  type BulkRange,
  type ExpectedOids,
  type MessageForm,
  type Refusal,
  type RequestPacket,
  type RequestType,
  type Verdict,
} from './request.ts';
import { MessageFlag, type ResponseReader } from './response.ts';
import { digestBytes, localisedKey, privacyKey } from './usm-keys.ts';
import { discoveryMessage, scopedPdu, UserMessageHead } from './user-message.ts';
import { reasonOf } from './usm-report.ts';

type UserSecret = Extract<CredentialSecret, { kind: 'snmp-v3' }>;

/** So many requests in a row without an answer, and the engine is asked anew who it is. */
const rediscoverAfter = 2;
/** Requests that wait while an engine starts all bring a Report when it is there; more than so many mean that it is lost. */
const mostReports = 24;
/** msgID, maximum size, flags, models, engine id twice, boots, time, user, and what holds them: beside digest and salt. */
const headBytes = 110;

/** A PDU and the message that it is sealed into, which is made anew for every send in the same memory. */
class SealedPacket implements RequestPacket {
  readonly bytes: Buffer;
  readonly requestIdAt: number;
  expected: ExpectedOids;
  /** The scoped PDU for `engine`, in clear. */
  scoped: Buffer = Buffer.alloc(0);
  engine: RemoteEngine | null = null;
  message: Buffer = Buffer.alloc(0);

  constructor(type: RequestType, oids: readonly Uint8Array[], bulk: BulkRange | undefined) {
    const { bytes, requestIdAt, expected } = encodePdu({ type, oids, bulk, wrap: (pdu) => pdu });
    this.bytes = bytes;
    this.requestIdAt = requestIdAt;
    this.expected = expected;
  }
}

/**
 * SNMPv3 with the user-based security model (RFC 3412, RFC 3414; AES of RFC 3826; SHA-2 of RFC 7860). It learns who the
 * engine is by asking without a user, and what time it has from its answers. All that changes from send to send is
 * patched: message and request id, time, salt; the digest is made and the PDU encrypted anew.
 */
export class UserForm implements MessageForm {
  readonly version = 'v3';
  readonly number = 3;
  refusal: Refusal | null = null;
  readonly sharesPackets = false;
  readonly #secret: UserSecret;
  readonly #flags: number;
  readonly #encrypts: boolean;
  /** Of the digest of a message; 0 without one. */
  readonly #digestBytes: number;
  /** The digest that a message came with. */
  readonly #given: Buffer;
  readonly #user: Buffer;
  readonly #iv = Buffer.alloc(16);
  /** Counted up from a random start: no two messages under one key and time have the same (RFC 3826, section 3.1.2.1). */
  readonly #salt = randomBytes(8);
  #engine: RemoteEngine | null = null;
  #head: UserMessageHead | null = null;
  #rediscover = false;
  #unanswered = 0;
  /** Reports since the last answer. */
  #reports = 0;
  /** It answered a discovery and nothing since. */
  #onlyDiscovered = false;

  constructor(secret: UserSecret) {
    this.#secret = secret;
    const { authProtocol, level } = secret;
    const authenticates = level !== 'noAuthNoPriv';
    this.#encrypts = level === 'authPriv';
    this.#flags =
      MessageFlag.reportable |
      (authenticates ? MessageFlag.authenticated : 0) |
      (this.#encrypts ? MessageFlag.encrypted : 0);
    this.#digestBytes = authenticates ? digestBytes[authProtocol ?? 'sha1'] : 0;
    this.#given = Buffer.alloc(this.#digestBytes);
    this.#user = Buffer.from(secret.user, 'utf8');
  }

  get overheadBytes(): number {
    return headBytes + this.#user.length + this.#digestBytes;
  }

  encode(type: RequestType, oids: readonly Uint8Array[], bulk?: BulkRange): RequestPacket {
    return new SealedPacket(type, oids, bulk);
  }

  prepare(packet: RequestPacket, requestId: number, nowMs: number): Buffer {
    if (!(packet instanceof SealedPacket)) throw new TypeError('the packet was encoded by another message form');
    const engine = this.#engine;
    if (engine === null || this.#rediscover) return discoveryMessage(requestId);
    if (packet.engine !== engine) {
      packet.scoped = scopedPdu(engine.id, packet.bytes);
      packet.engine = engine;
    }
    const { scoped } = packet;
    const requestIdAt = scoped.length - packet.bytes.length + packet.requestIdAt;
    scoped.writeInt32BE(requestId, requestIdAt);

    const timeS = engine.timeAt(nowMs);
    if (this.#head?.fits(engine, timeS) !== true) {
      this.#head = new UserMessageHead({
        engine,
        timeS,
        user: this.#user,
        flags: this.#flags,
        digestBytes: this.#digestBytes,
      });
    }
    const head = this.#head;
    const size = head.size(scoped.length);
    if (packet.message.length !== size) packet.message = Buffer.allocUnsafeSlow(size);
    const { message } = packet;
    const bodyAt = head.write(message, { requestId, timeS });
    if (engine.cipher === null) scoped.copy(message, bodyAt);
    else {
      this.#countSalt();
      this.#salt.copy(message, head.saltAt);
      engine.cipher.encrypt(scoped, this.#ivOf(engine.boots, timeS, this.#salt), message, bodyAt);
    }
    engine.digest?.of(message).copy(message, head.digestAt, 0, this.#digestBytes);
    return message;
  }

  accept(datagram: Buffer, reader: ResponseReader, nowMs: number): Verdict {
    if (reader.version !== 3) return 'version';
    const encrypted = (reader.flags & MessageFlag.encrypted) !== 0;
    if ((reader.flags & MessageFlag.authenticated) === 0) {
      if (encrypted) return 'head'; // RFC 3412, section 7.2, step 5d
      return this.#acceptPlain(datagram, reader, nowMs);
    }
    const engine = this.#engine;
    if (engine === null || engine.digest === null) return 'digest';
    if (!isAt(datagram, reader.engineFrom, reader.engineTo, engine.id)) return 'engine';
    if (!isAt(datagram, reader.userFrom, reader.userTo, this.#user)) return 'user';
    if (!this.#hasRightDigest(datagram, reader, engine.digest)) return 'digest';
    const asked = reader.requestId;
    const { engineBoots, engineTimeS } = reader;
    let opened;
    if (encrypted) {
      const scoped = this.#decrypted(datagram, reader, engine);
      if (scoped === null) return 'decryption';
      opened = reader.openScoped(scoped, 0, scoped.length);
      if (opened !== 'ok') return 'decryption';
    } else opened = reader.openScoped(datagram, reader.scopedAt, reader.scopedTo);
    if (opened !== 'ok') return opened;
    if (reader.pduType === Tag.report) {
      const reason = reasonOf(reader);
      if (reason !== 'not-in-time-window') return this.#refuse(reason);
      engine.synchronise(engineBoots, engineTimeS, nowMs);
      return this.#again(reason);
    }
    if (!encrypted && this.#encrypts) return 'unencrypted';
    if (!engine.believes(engineBoots, engineTimeS, nowMs)) return 'window';
    return this.#answered(reader, asked);
  }

  unanswered(): void {
    this.#unanswered += 1;
    if (this.#unanswered < rediscoverAfter) return;
    this.#unanswered = 0;
    if (this.#onlyDiscovered) this.refusal = 'silent';
    this.#rediscover = true;
  }

  /** Without a digest only two things are believed: a Report, and an answer where the user's level is noAuthNoPriv. */
  #acceptPlain(datagram: Buffer, reader: ResponseReader, nowMs: number): Verdict {
    const asked = reader.requestId;
    const { engineBoots, engineTimeS, engineFrom, engineTo } = reader;
    const opened = reader.openScoped(datagram, reader.scopedAt, reader.scopedTo);
    if (opened !== 'ok') return opened;
    if (reader.pduType === Tag.report) {
      const reason = reasonOf(reader);
      if (reason === 'unknown-engine')
        return this.#learnEngine(datagram.subarray(engineFrom, engineTo), engineBoots, engineTimeS, nowMs);
      if (reason !== 'not-in-time-window' || this.#engine === null) return this.#refuse(reason);
      this.#engine.suppose(engineBoots, engineTimeS, nowMs);
      return this.#again(reason);
    }
    if (this.#secret.level !== 'noAuthNoPriv') return 'unauthenticated';
    if (this.#engine === null || !isAt(datagram, engineFrom, engineTo, this.#engine.id)) return 'engine';
    return this.#answered(reader, asked);
  }

  #answered(reader: ResponseReader, asked: number): Verdict {
    if (reader.requestId !== asked) return 'head';
    this.refusal = null;
    this.#unanswered = 0;
    this.#reports = 0;
    this.#onlyDiscovered = false;
    return 'ok';
  }

  #refuse(reason: Refusal): Verdict {
    this.refusal = reason;
    this.#unanswered = 0;
    return 'refusal';
  }

  /** RFC 3414, section 4. An engine that has another id than before is another one: keys are made for it. */
  #learnEngine(id: Buffer, boots: number, timeS: number, nowMs: number): Verdict {
    this.#rediscover = false;
    if (id.length < 5 || id.length > 32) return this.#refuse('unknown-engine'); // RFC 3411, SnmpEngineID
    this.#onlyDiscovered = true;
    if (this.#engine?.id.equals(id) !== true) {
      const engineId = Buffer.from(id);
      this.#engine = new RemoteEngine(engineId, this.#keysFor(engineId));
    }
    this.#engine?.suppose(boots, timeS, nowMs);
    return this.#again('unknown-engine');
  }

  /** It told what the next send must know; when that goes on and on, it is no help. */
  #again(reason: Refusal): Verdict {
    this.#reports += 1;
    return this.#reports > mostReports ? this.#refuse(reason) : 'again';
  }

  #keysFor(engineId: Buffer): { digest: KeyedDigest | null; cipher: CfbCipher | null } {
    const { level, authProtocol = 'sha1', authKey = '', privProtocol = 'aes128', privKey = '' } = this.#secret;
    if (level === 'noAuthNoPriv') return { digest: null, cipher: null };
    const digest = new KeyedDigest(authProtocol, localisedKey(authProtocol, Buffer.from(authKey, 'utf8'), engineId));
    if (level === 'authNoPriv') return { digest, cipher: null };
    const password = Buffer.from(privKey, 'utf8');
    return { digest, cipher: new CfbCipher(privacyKey({ authProtocol, privProtocol, password, engineId })) };
  }

  /** The digest is made over the message with zeros in its place (RFC 3414, section 6.3.2). */
  #hasRightDigest(datagram: Buffer, reader: ResponseReader, digest: KeyedDigest): boolean {
    const { digestFrom, digestTo } = reader;
    const given = this.#given;
    if (digestTo - digestFrom !== given.length) return false;
    datagram.copy(given, 0, digestFrom, digestTo);
    datagram.fill(0, digestFrom, digestTo);
    const right = digest.of(datagram).subarray(0, given.length);
    given.copy(datagram, digestFrom);
    return timingSafeEqual(given, right);
  }

  #decrypted(datagram: Buffer, reader: ResponseReader, engine: RemoteEngine): Buffer | null {
    if (engine.cipher === null || reader.saltTo - reader.saltFrom !== 8) return null;
    const content = contentAt(datagram, reader.scopedAt, reader.scopedTo);
    if (content === null) return null;
    const iv = this.#ivOf(reader.engineBoots, reader.engineTimeS, datagram.subarray(reader.saltFrom, reader.saltTo));
    return engine.cipher.decrypt(content, iv);
  }

  /** RFC 3826, section 3.1.2.1: boots, time, salt. */
  #ivOf(boots: number, timeS: number, salt: Buffer): Buffer {
    this.#iv.writeUInt32BE(boots, 0);
    this.#iv.writeUInt32BE(timeS, 4);
    salt.copy(this.#iv, 8);
    return this.#iv;
  }

  #countSalt(): void {
    for (let i = 7; i >= 0; i -= 1) {
      const next = ((this.#salt[i] ?? 0) + 1) & 0xff;
      this.#salt[i] = next;
      if (next !== 0) return;
    }
  }
}

function isAt(buffer: Buffer, from: number, to: number, wanted: Buffer): boolean {
  // A few bytes: a call out of JavaScript would cost more than looking at them.
  if (to - from !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i += 1) if (buffer[from + i] !== wanted[i]) return false;
  return true;
}

/** The content of the OCTET STRING that holds an encrypted scoped PDU. */
function contentAt(buffer: Buffer, at: number, end: number): Buffer | null {
  if (buffer[at] !== Tag.octetString) return null;
  const length = lengthAt(buffer, at + 1, end);
  if (length < 0) return null;
  const from = at + 1 + lengthBytes(buffer, at + 1);
  return buffer.subarray(from, from + length);
}
