import { encodeInteger, encodeTlv, Tag } from './ber.ts';
import type { RemoteEngine } from './remote-engine.ts';
import { MessageFlag } from './response.ts';

const version3 = encodeInteger(3);
/** msgMaxSize: the largest datagram that UDP over IPv4 carries. */
const largestMessage = encodeInteger(65_507);
const userSecurityModel = encodeInteger(3);
const empty = encodeTlv(Tag.octetString);
const saltBytes = 8;
/** Tag and long length of the whole message. */
const outerBytes = 4;

function globalData(messageId: number, flags: number): Buffer {
  return encodeTlv(
    Tag.sequence,
    encodeInteger(messageId),
    largestMessage,
    encodeTlv(Tag.octetString, Buffer.from([flags])),
    userSecurityModel,
  );
}

/** Ids have four bytes: one as a place that is patched. */
const placeholderId = 0x01010101;

/**
 * What comes before the scoped PDU of every message to one engine (RFC 3412, section 6; RFC 3414, section 2.4). It stays
 * the same but for id, time, salt and digest while the engine does not restart; only when its time grows by a byte are
 * the lengths others.
 */
export class UserMessageHead {
  readonly digestAt: number;
  readonly saltAt: number;
  readonly #engine: RemoteEngine;
  readonly #boots: number;
  readonly #timeBytes: number;
  readonly #bytes: Buffer;
  readonly #encrypts: boolean;
  readonly #messageIdAt: number;
  readonly #timeAt: number;

  constructor(options: {
    readonly engine: RemoteEngine;
    readonly timeS: number;
    readonly user: Buffer;
    readonly flags: number;
    /** 0 without authentication. */
    readonly digestBytes: number;
  }) {
    const { engine, timeS, user, flags } = options;
    this.#engine = engine;
    this.#boots = engine.boots;
    this.#encrypts = (flags & MessageFlag.encrypted) !== 0;
    const time = encodeInteger(timeS);
    this.#timeBytes = time.length - 2;
    const digest = encodeTlv(Tag.octetString, Buffer.alloc(options.digestBytes));
    const salt = encodeTlv(Tag.octetString, Buffer.alloc(this.#encrypts ? saltBytes : 0));
    const tail = [encodeTlv(Tag.octetString, user), digest, salt];
    const global = globalData(placeholderId, flags);
    const security = encodeTlv(
      Tag.octetString,
      encodeTlv(Tag.sequence, encodeTlv(Tag.octetString, engine.id), encodeInteger(engine.boots), time, ...tail),
    );
    this.#bytes = Buffer.concat([version3, global, security]);
    const end = outerBytes + this.#bytes.length;
    // SEQUENCE and INTEGER each have two bytes before the id's four.
    this.#messageIdAt = outerBytes + version3.length + 4;
    this.saltAt = end - (salt.length - 2);
    this.digestAt = end - salt.length - options.digestBytes;
    this.#timeAt = end - tail.reduce((sum, one) => sum + one.length, 0) - this.#timeBytes;
  }

  /** Whether this is the head for the engine at this time. */
  fits(engine: RemoteEngine, timeS: number): boolean {
    return engine === this.#engine && engine.boots === this.#boots && bytesOf(timeS) === this.#timeBytes;
  }

  /** Of a whole message that holds a scoped PDU of so many bytes. */
  size(scopedBytes: number): number {
    return outerBytes + this.#bytes.length + (this.#encrypts ? outerBytes : 0) + scopedBytes;
  }

  /** Writes all but salt, digest and the scoped PDU; returns where the latter begins. */
  write(message: Buffer, { requestId, timeS }: { readonly requestId: number; readonly timeS: number }): number {
    writeLongHead(message, 0, Tag.sequence);
    this.#bytes.copy(message, outerBytes);
    message.writeInt32BE(requestId, this.#messageIdAt);
    message.writeIntBE(timeS, this.#timeAt, this.#timeBytes);
    const at = outerBytes + this.#bytes.length;
    if (!this.#encrypts) return at;
    writeLongHead(message, at, Tag.octetString);
    return at + outerBytes;
  }
}

/** Tag and length, in the long form with two bytes, of what reaches from `at` to the end of `message`. */
function writeLongHead(message: Buffer, at: number, tag: number): void {
  message[at] = tag;
  message[at + 1] = 0x82;
  message.writeUInt16BE(message.length - at - outerBytes, at + 2);
}

/** Content bytes of a whole number that is not negative. */
function bytesOf(value: number): number {
  return value < 0x80 ? 1 : value < 0x8000 ? 2 : value < 0x800000 ? 3 : 4;
}

/** ScopedPDU (RFC 3412, section 6): the engine itself as context engine, the default context. */
export function scopedPdu(engineId: Uint8Array, pdu: Buffer): Buffer {
  return encodeTlv(Tag.sequence, encodeTlv(Tag.octetString, engineId), empty, pdu);
}

/** RFC 3414, section 4: a request without user or engine id, which every SNMPv3 engine answers with a Report. */
export function discoveryMessage(requestId: number): Buffer {
  const security = encodeTlv(Tag.sequence, empty, encodeInteger(0), encodeInteger(0), empty, empty, empty);
  const zero = encodeInteger(0);
  const pdu = encodeTlv(Tag.get, encodeInteger(requestId), zero, zero, encodeTlv(Tag.sequence));
  return encodeTlv(
    Tag.sequence,
    version3,
    globalData(requestId, MessageFlag.reportable),
    encodeTlv(Tag.octetString, security),
    scopedPdu(Buffer.alloc(0), pdu),
  );
}
