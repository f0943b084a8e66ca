import { BerReader } from './ber-reader.ts';
import { tag } from './ber-writer.ts';

/** A request as the agent needs it. Everything is checked against the datagram's end; what does not fit is refused. */
export interface SnmpRequest {
  /** 3: only the PDU is answered, its message is sealed elsewhere. */
  readonly version: 0 | 1 | 3;
  readonly community: string;
  readonly type: number;
  /** The request id with its tag and length, to be sent back as it came. */
  readonly requestId: Buffer;
  /** error-status, or non-repeaters of a GETBULK. */
  readonly first: number;
  /** error-index, or max-repetitions of a GETBULK. */
  readonly second: number;
  readonly names: readonly (readonly number[])[];
  /** The variable bindings as they came, for answers that repeat them. */
  readonly bindings: Buffer;
}

export type RequestFault = 'malformed' | 'version' | 'type';

const maxNames = 4096;

/** Decodes an SNMPv1 or v2c request (RFC 1157, RFC 3416). */
export function readRequest(datagram: Buffer): SnmpRequest | RequestFault {
  const message = new BerReader(datagram, 0, datagram.length);
  const body = message.enter(tag.sequence);
  if (body === null) return 'malformed';
  const version = body.integer();
  if (version === null) return 'malformed';
  if (version !== 0 && version !== 1) return 'version';
  const community = body.value(tag.octets);
  if (community === null) return 'malformed';
  return readPdu(body, version, community.toString('latin1'));
}

/** The PDU at which `body` stands. */
export function readPdu(body: BerReader, version: 0 | 1 | 3, community: string): SnmpRequest | RequestFault {
  const type = body.peek();
  if (type !== tag.get && type !== tag.getNext && type !== tag.getBulk && type !== tag.set) return 'type';
  if (type === tag.getBulk && version === 0) return 'type';
  const pdu = body.enter(type);
  if (pdu === null) return 'malformed';
  const idStart = pdu.offset;
  if (pdu.integer() === null) return 'malformed';
  const requestId = pdu.slice(idStart, pdu.offset);
  const first = pdu.integer();
  const second = pdu.integer();
  if (first === null || second === null) return 'malformed';
  const bindingsAt = pdu.offset;
  const list = pdu.enter(tag.sequence);
  if (list === null) return 'malformed';
  const bindings = pdu.slice(bindingsAt, pdu.offset);
  const names: number[][] = [];
  while (list.offset < list.end) {
    const binding = list.enter(tag.sequence);
    const name = binding?.oid() ?? null;
    if (binding === null || name === null || !binding.skip() || names.length >= maxNames) return 'malformed';
    names.push(name);
  }
  return { version, community, type, requestId, first, second, names, bindings };
}
