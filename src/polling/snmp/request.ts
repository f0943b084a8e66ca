import { encodeInteger, encodeTlv, Tag } from './ber.ts';
import type { ResponseFault, ResponseReader } from './response.ts';

/** A request, encoded once; before each send only the request id is patched. */
export interface RequestPacket {
  /** The whole message, or for SNMPv3 the PDU that is sealed into one. Others take their place while they wait to be sent. */
  bytes: Buffer;
  /** Where the four content bytes of the request id lie. */
  readonly requestIdAt: number;
  expected: ExpectedOids;
}

/**
 * The OIDs that were asked for: number `i` is `bytes[starts[i], starts[i] + lengths[i])`. They lie in the request itself:
 * what is read again and again for every device is worth keeping small.
 */
export interface ExpectedOids {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly starts: Uint16Array;
  readonly lengths: Uint16Array;
}

/** The same request, of whose answer something else is expected than the OIDs that it names. */
export function expecting(packet: RequestPacket, expected: ExpectedOids): RequestPacket {
  // In place: a packet of SNMPv3 is more than what shows here.
  packet.expected = expected;
  return packet;
}

export type RequestType = typeof Tag.get | typeof Tag.getNext | typeof Tag.getBulk;

/**
 * What an answer is worth: `ok`; `again`, for it told what the next send must know (engine, boots, time); `refusal`, for
 * the device answered that it will not (`MessageForm.refusal` says why); or the reason for which it is not believed.
 */
export type Verdict = 'ok' | 'again' | 'refusal' | MessageFault;

export type MessageFault =
  | ResponseFault
  | 'version'
  | 'community'
  // RFC 3414, section 3.2, seen from the asking side
  | 'unauthenticated'
  | 'unencrypted'
  | 'engine'
  | 'user'
  | 'digest'
  | 'window'
  | 'decryption';

/** Why an SNMPv3 agent does not answer us, as it says in a Report (RFC 3414, section 3; RFC 3412, section 7.1). */
export type Refusal =
  | 'unsupported-level'
  | 'not-in-time-window'
  | 'unknown-user'
  | 'unknown-engine'
  | 'wrong-digest'
  | 'decryption-error'
  | 'unknown-context'
  | 'unknown-report'
  /** It answers engine discovery and nothing else. */
  | 'silent';

/** How a PDU travels: the wrapper of a version and its security. One for each device where it remembers anything of it. */
export interface MessageForm {
  readonly version: 'v1' | 'v2c' | 'v3';
  /** The version number in the message's head (RFC 1157: 0, RFC 1901: 1, RFC 3412: 3). */
  readonly number: number;
  /** Bytes that an answer takes beside its PDU, beyond those of a message with an empty community. */
  readonly overheadBytes: number;
  /** Why the device last refused; null from its next answer on. */
  readonly refusal: Refusal | null;
  /** It keeps nothing of a device in a packet: what is asked alike may be one packet for many devices. */
  readonly sharesPackets: boolean;
  encode(type: RequestType, oids: readonly Uint8Array[], bulk?: BulkRange): RequestPacket;
  /** The bytes to send under this request id; valid until the next call for the same packet. */
  prepare(packet: RequestPacket, requestId: number, nowMs: number): Buffer;
  /** Judges a datagram that came from the right place under an id of ours; `reader` has opened it. */
  accept(datagram: Buffer, reader: ResponseReader, nowMs: number): Verdict;
  /** A request got no answer in all its tries. */
  unanswered(): void;
}

export interface BulkRange {
  readonly nonRepeaters: number;
  readonly maxRepetitions: number;
}

/** A PDU within the buffer that holds it: its tag is at `at`. */
export interface EncodedPdu {
  readonly bytes: Buffer;
  readonly requestIdAt: number;
  readonly expected: ExpectedOids;
}

/** A PDU (RFC 3416, section 3; the same bytes in RFC 1157) behind `head`, which is what its message puts before it. */
export function encodePdu(options: {
  readonly type: RequestType;
  readonly oids: readonly Uint8Array[];
  readonly bulk?: BulkRange | undefined;
  /** Wraps the PDU into its message; the PDU must be at the end. */
  readonly wrap: (pdu: Buffer) => Buffer;
}): EncodedPdu {
  const { type, oids, bulk } = options;
  const starts = new Uint16Array(oids.length);
  const lengths = Uint16Array.from(oids, (oid) => oid.length);
  const list = encodeNullVarbinds(oids, starts);
  const varbinds = encodeTlv(Tag.sequence, list);
  const range = [encodeInteger(bulk?.nonRepeaters ?? 0), encodeInteger(bulk?.maxRepetitions ?? 0)];
  const requestId = encodeTlv(Tag.integer, Buffer.alloc(4, 1));
  const message = options.wrap(encodeTlv(type, requestId, ...range, varbinds));
  // Of its own and not of Node's pool: packets live long, and would keep the pool's other tenants with them.
  const bytes = Buffer.allocUnsafeSlow(message.length);
  message.copy(bytes);
  const pduContent = requestId.length + range.reduce((sum, one) => sum + one.length, 0) + varbinds.length;
  const listAt = bytes.length - list.length;
  for (let i = 0; i < starts.length; i += 1) starts[i] = (starts[i] ?? 0) + listAt;
  return {
    bytes,
    requestIdAt: bytes.length - pduContent + 2,
    expected: { count: oids.length, bytes, starts, lengths },
  };
}

/**
 * `SEQUENCE { OID, NULL }` for each, in one buffer (an OID's content is at most 640 bytes); `starts` is told where each
 * OID's content lies.
 */
function encodeNullVarbinds(oids: readonly Uint8Array[], starts: Uint16Array): Buffer {
  const bytes = Buffer.allocUnsafe(oids.reduce((sum, oid) => sum + oid.length + 10, 0));
  let at = 0;
  for (const [i, oid] of oids.entries()) {
    at = writeHead(bytes, at, Tag.sequence, oid.length + headSize(oid.length) + 2);
    at = writeHead(bytes, at, Tag.oid, oid.length);
    starts[i] = at;
    bytes.set(oid, at);
    at += oid.length;
    bytes[at] = Tag.null;
    bytes[at + 1] = 0;
    at += 2;
  }
  return bytes.subarray(0, at);
}

function headSize(length: number): number {
  return length < 0x80 ? 2 : length < 0x100 ? 3 : 4;
}

function writeHead(bytes: Buffer, at: number, tag: number, length: number): number {
  bytes[at] = tag;
  const size = headSize(length);
  if (size === 2) bytes[at + 1] = length;
  else if (size === 3) {
    bytes[at + 1] = 0x81;
    bytes[at + 2] = length;
  } else {
    bytes[at + 1] = 0x82;
    bytes.writeUInt16BE(length, at + 2);
  }
  return at + size;
}
