import { dateAndTimeS } from '../../domain/date-and-time.ts';
import { lengthAt, lengthBytes, signedAt, Tag, unsignedAt } from './ber.ts';
import type { ExpectedOids } from './request.ts';

/** Why a datagram is no answer. */
export type ResponseFault = 'not-ber' | 'version' | 'not-a-response' | 'head' | 'varbinds';

/** `ok` when its head was read. */
export type DecodeResult = 'ok' | ResponseFault;

/** msgFlags and msgSecurityModel of RFC 3412, section 6. */
export const MessageFlag = { authenticated: 1, encrypted: 2, reportable: 4 } as const;
const userSecurityModel = 3;

/** What became of one slot of a request. A byte each, so that a packet's slots are one typed array. */
export const SlotStatus = {
  absent: 0,
  value: 1,
  noSuchObject: 2,
  noSuchInstance: 3,
  endOfMibView: 4,
  null: 5,
  notANumber: 6,
} as const;

/** error-status of a PDU (RFC 3416, section 3). */
export const ErrorStatus = { noError: 0, tooBig: 1, noSuchName: 2, genErr: 5, authorizationError: 16 } as const;

/**
 * Reads the head of an answer where it lies. One reader serves all answers: its fields are those of the last `open`,
 * and nothing is copied or allocated.
 */
export class ResponseReader {
  version = 0;
  communityFrom = 0;
  communityTo = 0;
  /** Of SNMPv3 the msgID, which is known before anything is decrypted; we send the same number as both. */
  requestId = 0;
  errorStatus = 0;
  errorIndex = 0;
  pduType = 0;
  /** What the PDU lies in: the datagram, or what was decrypted of it. */
  body: Buffer = Buffer.alloc(0);
  /** The varbinds lie in `body[varbindsFrom, varbindsTo)`. */
  varbindsFrom = 0;
  varbindsTo = 0;

  /** SNMPv3 (RFC 3412, section 6; RFC 3414, section 2.4): each part lies in `datagram[…From, …To)`. */
  flags = 0;
  engineFrom = 0;
  engineTo = 0;
  engineBoots = 0;
  engineTimeS = 0;
  userFrom = 0;
  userTo = 0;
  digestFrom = 0;
  digestTo = 0;
  saltFrom = 0;
  saltTo = 0;
  /** The scoped PDU: its tag is at `scopedAt`, a SEQUENCE in clear or an OCTET STRING that is encrypted. */
  scopedAt = 0;
  scopedTo = 0;

  #from = 0;
  #to = 0;

  /** Reads the head; of SNMPv3 up to the scoped PDU, which `openScoped` reads once it is decrypted. */
  open(buffer: Buffer): DecodeResult {
    const size = buffer.length;
    if (size < 20 || buffer[0] !== Tag.sequence) return 'not-ber';
    const length = lengthAt(buffer, 1, size);
    if (length < 0) return 'not-ber';
    let at = 1 + lengthBytes(buffer, 1);
    const end = at + length;
    this.body = buffer;

    if (end - at < 3 || buffer[at] !== Tag.integer || buffer[at + 1] !== 1) return 'head';
    this.version = buffer[at + 2] ?? 0;
    at += 3;
    if (this.version === 3) return this.#openUserMessage(buffer, at, end);
    if (this.version > 1) return 'version';

    if (buffer[at] !== Tag.octetString) return 'head';
    const communityLength = lengthAt(buffer, at + 1, end);
    if (communityLength < 0) return 'head';
    this.communityFrom = at + 1 + lengthBytes(buffer, at + 1);
    this.communityTo = this.communityFrom + communityLength;
    const result = this.#openPdu(buffer, this.communityTo, end);
    return result === 'ok' && this.pduType !== Tag.response ? 'not-a-response' : result;
  }

  /**
   * The scoped PDU in `body[from, to)`: contextEngineID and contextName are passed over, since a context that is not ours
   * could not be asked for under our request id. `requestId` is then that of the PDU.
   */
  openScoped(body: Buffer, from: number, to: number): DecodeResult {
    this.body = body;
    if (!this.#enter(body, from, to, Tag.sequence)) return 'head';
    const end = this.#to;
    if (!this.#enter(body, this.#from, end, Tag.octetString)) return 'head';
    if (!this.#enter(body, this.#to, end, Tag.octetString)) return 'head';
    return this.#openPdu(body, this.#to, end);
  }

  #openUserMessage(buffer: Buffer, at: number, end: number): DecodeResult {
    // msgGlobalData: msgID, msgMaxSize, msgFlags, msgSecurityModel
    if (!this.#enter(buffer, at, end, Tag.sequence)) return 'head';
    const globalTo = this.#to;
    this.requestId = this.#unsigned(buffer, this.#from, globalTo);
    if (this.requestId < 0 || this.#unsigned(buffer, this.#to, globalTo) < 0) return 'head';
    if (!this.#enter(buffer, this.#to, globalTo, Tag.octetString) || this.#to - this.#from !== 1) return 'head';
    this.flags = buffer[this.#from] ?? 0;
    if (this.#unsigned(buffer, this.#to, globalTo) !== userSecurityModel) return 'head';

    // msgSecurityParameters: an OCTET STRING that holds UsmSecurityParameters
    if (!this.#enter(buffer, globalTo, end, Tag.octetString)) return 'head';
    this.scopedAt = this.#to;
    this.scopedTo = end;
    if (!this.#enter(buffer, this.#from, this.#to, Tag.sequence)) return 'head';
    const to = this.#to;
    if (!this.#enter(buffer, this.#from, to, Tag.octetString)) return 'head';
    this.engineFrom = this.#from;
    this.engineTo = this.#to;
    this.engineBoots = this.#unsigned(buffer, this.#to, to);
    if (this.engineBoots < 0) return 'head';
    this.engineTimeS = this.#unsigned(buffer, this.#to, to);
    if (this.engineTimeS < 0 || !this.#enter(buffer, this.#to, to, Tag.octetString)) return 'head';
    this.userFrom = this.#from;
    this.userTo = this.#to;
    if (!this.#enter(buffer, this.#to, to, Tag.octetString)) return 'head';
    this.digestFrom = this.#from;
    this.digestTo = this.#to;
    if (!this.#enter(buffer, this.#to, to, Tag.octetString)) return 'head';
    this.saltFrom = this.#from;
    this.saltTo = this.#to;
    return this.scopedAt < end ? 'ok' : 'head';
  }

  /** The content of the value at `at`, when it has this tag: `#from` to `#to`. */
  #enter(buffer: Buffer, at: number, end: number, tag: number): boolean {
    if (at >= end || buffer[at] !== tag) return false;
    const length = lengthAt(buffer, at + 1, end);
    if (length < 0) return false;
    this.#from = at + 1 + lengthBytes(buffer, at + 1);
    this.#to = this.#from + length;
    return true;
  }

  /** INTEGER (0..2147483647), or -1. */
  #unsigned(buffer: Buffer, at: number, end: number): number {
    if (!this.#enter(buffer, at, end, Tag.integer)) return -1;
    const size = this.#to - this.#from;
    if (size < 1 || size > 5) return -1;
    const value = signedAt(buffer, this.#from, this.#to);
    return value > 0x7fffffff ? -1 : value;
  }

  #openPdu(buffer: Buffer, start: number, end: number): DecodeResult {
    let at = start;
    if (at >= end) return 'head';
    this.pduType = buffer[at] ?? 0;
    if (this.pduType !== Tag.response && this.pduType !== Tag.report) return 'not-a-response';
    const pduLength = lengthAt(buffer, at + 1, end);
    if (pduLength < 0) return 'head';
    at += 1 + lengthBytes(buffer, at + 1);
    const pduEnd = at + pduLength;

    for (let field = 0; field < 3; field += 1) {
      if (at + 2 > pduEnd || buffer[at] !== Tag.integer) return 'head';
      const size = buffer[at + 1] ?? 0;
      if (size < 1 || size > 5 || at + 2 + size > pduEnd) return 'head';
      const value = signedAt(buffer, at + 2, at + 2 + size);
      if (field === 0) this.requestId = value;
      else if (field === 1) this.errorStatus = value;
      else this.errorIndex = value;
      at += 2 + size;
    }

    if (at >= pduEnd || buffer[at] !== Tag.sequence) return 'varbinds';
    const varbindsLength = lengthAt(buffer, at + 1, pduEnd);
    if (varbindsLength < 0) return 'varbinds';
    this.varbindsFrom = at + 1 + lengthBytes(buffer, at + 1);
    this.varbindsTo = this.varbindsFrom + varbindsLength;
    return 'ok';
  }

  hasCommunity(buffer: Uint8Array, community: Uint8Array): boolean {
    if (this.communityTo - this.communityFrom !== community.length) return false;
    for (let i = 0; i < community.length; i += 1) {
      if (buffer[this.communityFrom + i] !== community[i]) return false;
    }
    return true;
  }
}

/**
 * Reads the varbinds in `buffer[from, to)` against the OIDs that were asked for: the number of slot `i` lands in
 * `values[i]`, what became of it in `status[i]`. Varbinds out of order find their slot by search; strangers are passed
 * over. Returns how many slots were found, or -1 when the bytes are malformed (then every status is `absent`).
 */
export function readSlots(
  buffer: Uint8Array,
  from: number,
  to: number,
  expected: ExpectedOids,
  values: Float64Array,
  status: Uint8Array,
): number {
  const { count, bytes, starts, lengths } = expected;
  for (let i = 0; i < count; i += 1) status[i] = SlotStatus.absent;
  let at = from;
  let next = 0;
  let found = 0;
  while (at < to) {
    if (buffer[at] !== Tag.sequence) return malformed(count, status);
    let length = buffer[at + 1] ?? 0;
    let head = 2;
    if (length >= 0x80) {
      length = lengthAt(buffer, at + 1, to);
      if (length < 0) return malformed(count, status);
      head = 1 + lengthBytes(buffer, at + 1);
    }
    const oidTag = at + head;
    const end = oidTag + length;
    if (end > to || length < 4 || buffer[oidTag] !== Tag.oid) return malformed(count, status);
    let oidLength = buffer[oidTag + 1] ?? 0;
    let oidFrom = oidTag + 2;
    if (oidLength >= 0x80) {
      oidLength = lengthAt(buffer, oidTag + 1, end);
      if (oidLength < 0) return malformed(count, status);
      oidFrom = oidTag + 1 + lengthBytes(buffer, oidTag + 1);
    }
    const valueTag = oidFrom + oidLength;
    if (valueTag + 2 > end) return malformed(count, status);
    let valueLength = buffer[valueTag + 1] ?? 0;
    let valueFrom = valueTag + 2;
    if (valueLength >= 0x80) {
      valueLength = lengthAt(buffer, valueTag + 1, end);
      if (valueLength < 0) return malformed(count, status);
      valueFrom = valueTag + 1 + lengthBytes(buffer, valueTag + 1);
    }
    const valueTo = valueFrom + valueLength;
    if (valueTo !== end) return malformed(count, status);

    let slot = -1;
    if (next < count) {
      const start = starts[next] ?? 0;
      if (lengths[next] === oidLength && sameOid(buffer, oidFrom, bytes, start, oidLength)) slot = next;
    }
    if (slot < 0) slot = search(buffer, oidFrom, oidLength, expected);
    if (slot >= 0) {
      next = slot + 1;
      if (status[slot] === SlotStatus.absent) found += 1;
      const tag = buffer[valueTag] ?? 0;
      let state: number = SlotStatus.value;
      if (tag === Tag.counter64 || (tag >= Tag.counter32 && tag <= Tag.timeTicks)) {
        if (valueLength === 0 || valueLength > 9) state = SlotStatus.notANumber;
        else values[slot] = unsignedAt(buffer, valueFrom, valueTo);
      } else if (tag === Tag.integer) {
        if (valueLength === 0 || valueLength > 8) state = SlotStatus.notANumber;
        else values[slot] = signedAt(buffer, valueFrom, valueTo);
      } else if (tag === Tag.noSuchInstance) state = SlotStatus.noSuchInstance;
      else if (tag === Tag.noSuchObject) state = SlotStatus.noSuchObject;
      else if (tag === Tag.endOfMibView) state = SlotStatus.endOfMibView;
      else if (tag === Tag.null) state = SlotStatus.null;
      else {
        const number = rareNumber(buffer, tag, valueFrom, valueTo);
        if (Number.isNaN(number)) state = SlotStatus.notANumber;
        else values[slot] = number;
      }
      status[slot] = state;
    }
    at = end;
  }
  return found;
}

/** From the end, where OIDs of one table differ. */
function sameOid(one: Uint8Array, oneFrom: number, other: Uint8Array, otherFrom: number, length: number): boolean {
  let i = length - 1;
  while (i >= 3) {
    const a = oneFrom + i;
    const b = otherFrom + i;
    const differing =
      ((one[a] ?? 0) ^ (other[b] ?? 0)) |
      ((one[a - 1] ?? 0) ^ (other[b - 1] ?? 0)) |
      ((one[a - 2] ?? 0) ^ (other[b - 2] ?? 0)) |
      ((one[a - 3] ?? 0) ^ (other[b - 3] ?? 0));
    if (differing !== 0) return false;
    i -= 4;
  }
  while (i >= 0 && one[oneFrom + i] === other[otherFrom + i]) i -= 1;
  return i < 0;
}

function malformed(count: number, status: Uint8Array): -1 {
  for (let i = 0; i < count; i += 1) status[i] = SlotStatus.absent;
  return -1;
}

function search(buffer: Uint8Array, from: number, length: number, expected: ExpectedOids): number {
  const { count, bytes, starts, lengths } = expected;
  for (let slot = 0; slot < count; slot += 1) {
    const start = starts[slot] ?? 0;
    if (lengths[slot] !== length) continue;
    let i = length - 1;
    while (i >= 0 && buffer[from + i] === bytes[start + i]) i -= 1;
    if (i < 0) return slot;
  }
  return -1;
}

const decimal = /^\s{0,4}[-+]?\d{1,15}(?:\.\d{1,12})?(?=$|[\s%°CVAWdBm\0])/;

/** Times, in seconds since the epoch, and sensors that answer as text ("23.5", "23.5 C") or as net-snmp's opaque float (RFC draft: 9f 78 04, then IEEE 754). */
function rareNumber(buffer: Uint8Array, tag: number, from: number, to: number): number {
  if (tag === Tag.opaque && to - from === 7 && buffer[from] === 0x9f && buffer[from + 1] === 0x78) {
    return new DataView(buffer.buffer, buffer.byteOffset + from + 3, 4).getFloat32(0);
  }
  if (tag !== Tag.octetString || to - from > 32) return Number.NaN;
  const seconds = dateAndTimeS(buffer, from, to);
  if (!Number.isNaN(seconds)) return seconds;
  const match = decimal.exec(Buffer.from(buffer.buffer, buffer.byteOffset + from, to - from).toString('latin1'));
  return match === null ? Number.NaN : Number(match[0]);
}
