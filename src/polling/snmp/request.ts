import type { CredentialSecret } from '../../domain/device.ts';
import { ArungError } from '../../domain/errors.ts';
import { encodeInteger, encodeTlv, Tag } from './ber.ts';

/** A request as it goes on the wire, encoded once; before each send only the request id is patched. */
export interface RequestPacket {
  readonly bytes: Buffer;
  /** Where the four content bytes of the request id lie. */
  readonly requestIdAt: number;
  readonly expected: ExpectedOids;
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

export type RequestType = typeof Tag.get | typeof Tag.getNext | typeof Tag.getBulk;

/**
 * How a PDU travels: the wrapper of a version and its security. v1 and v2c carry a community in clear; v3 will be
 * another one, whose `prepare` seals the PDU anew for every send.
 */
export interface MessageForm {
  readonly version: 'v1' | 'v2c';
  /** The version number in the message's head (RFC 1157: 0, RFC 1901: 1). */
  readonly number: number;
  readonly community: Buffer;
  encode(type: RequestType, oids: readonly Uint8Array[], bulk?: BulkRange): RequestPacket;
  /** The bytes to send under this request id; valid until the next call for the same packet. */
  prepare(packet: RequestPacket, requestId: number): Buffer;
}

export interface BulkRange {
  readonly nonRepeaters: number;
  readonly maxRepetitions: number;
}

class CommunityForm implements MessageForm {
  readonly version: 'v1' | 'v2c';
  readonly number: number;
  readonly community: Buffer;

  constructor(version: 'v1' | 'v2c', community: string) {
    this.version = version;
    this.number = version === 'v1' ? 0 : 1;
    this.community = Buffer.from(community, 'utf8');
  }

  encode(type: RequestType, oids: readonly Uint8Array[], bulk?: BulkRange): RequestPacket {
    const starts = new Uint16Array(oids.length);
    const lengths = Uint16Array.from(oids, (oid) => oid.length);
    const list = encodeNullVarbinds(oids, starts);
    const varbinds = encodeTlv(Tag.sequence, list);
    const range = [encodeInteger(bulk?.nonRepeaters ?? 0), encodeInteger(bulk?.maxRepetitions ?? 0)];
    const requestId = encodeTlv(Tag.integer, Buffer.alloc(4, 1));
    const pdu = encodeTlv(type, requestId, ...range, varbinds);
    const head = [encodeInteger(this.number), encodeTlv(Tag.octetString, this.community)];
    const message = encodeTlv(Tag.sequence, ...head, pdu);
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

  prepare(packet: RequestPacket, requestId: number): Buffer {
    packet.bytes.writeInt32BE(requestId, packet.requestIdAt);
    return packet.bytes;
  }
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

/** The message form that a credential asks for. Throws an ArungError that says what the credential lacks. */
export function messageForm(deviceName: string, secret: CredentialSecret | null): MessageForm {
  if (secret === null) {
    throw new ArungError(
      'invalid',
      `${deviceName} has no credential: give it one of kind snmp-v2c or snmp-v1 in the inventory.`,
      { code: 'polling.no-credential', arguments: { device: deviceName } },
    );
  }
  if (secret.kind === 'snmp-v1') return new CommunityForm('v1', secret.community);
  if (secret.kind === 'snmp-v2c') return new CommunityForm('v2c', secret.community);
  if (secret.kind === 'snmp-v3') {
    throw new ArungError(
      'invalid',
      `${deviceName} has an SNMPv3 credential, which Arung does not read with yet: give it one of kind snmp-v2c.`,
      { code: 'polling.snmp-v3-unsupported', arguments: { device: deviceName } },
    );
  }
  throw new ArungError(
    'invalid',
    `${deviceName} is polled by SNMP, but its credential is of kind ${secret.kind}: give it one of kind snmp-v2c.`,
    { code: 'polling.wrong-credential', arguments: { device: deviceName, kind: secret.kind } },
  );
}
