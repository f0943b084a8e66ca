import { BerWriter, tag } from './ber-writer.ts';
import type { Column, Instance, MibView } from './mib.ts';
import type { Oid } from './oid.ts';
import { readRequest } from './request.ts';
import type { SnmpRequest } from './request.ts';
import { isVersion3, usmOverheadBytes } from './usm.ts';
import type { UsmEngine } from './usm.ts';

/** Error statuses of RFC 3416, section 3; a v1 manager gets those of RFC 1157 (RFC 3584, section 4.4). */
const status = { noError: 0, tooBig: 1, noSuchName: 2, noAccess: 6, authorizationError: 16 } as const;

export interface AgentCounters {
  answered: number;
  badCommunity: number;
  /** SNMPv3 Reports sent. */
  reports: number;
  malformed: number;
  tooBig: number;
  variables: number;
}

/** What one device needs to answer: its objects, the community it knows, the largest message it sends. */
export interface AgentIdentity<D> {
  readonly device: D;
  readonly mib: MibView<D>;
  /** Null: it speaks SNMPv3 only. */
  readonly community: string | null;
  readonly maxMessageBytes: number;
  /** Null: it speaks no SNMPv3. */
  readonly usm?: UsmEngine | null;
}

/** One buffer serves all devices: an answer is copied out before the next is begun. */
const writer = new BerWriter(70_000);
const room = 1500;

/**
 * The command responder of an SNMP agent (RFC 1157, RFC 3416; RFC 3412 and RFC 3414 for v3). Returns the answer, or null where an agent is
 * silent: a wrong community, another version, what is no SNMP.
 */
export function answer<D>(identity: AgentIdentity<D>, datagram: Buffer, counters: AgentCounters): Buffer | null {
  const { usm = null } = identity;
  if (usm !== null && isVersion3(datagram)) return answerUser(identity, usm, datagram, counters);
  const request = readRequest(datagram);
  if (typeof request === 'string') {
    counters.malformed++;
    return null;
  }
  if (request.community !== identity.community) {
    counters.badCommunity++;
    return null;
  }
  return respond(identity, request, counters);
}

/** SNMPv3: the message is opened, its PDU answered, and the answer sealed; or there is only a Report to send. */
function answerUser<D>(
  identity: AgentIdentity<D>,
  usm: UsmEngine,
  datagram: Buffer,
  counters: AgentCounters,
): Buffer | null {
  const opened = usm.open(datagram);
  if (opened === null) {
    counters.malformed++;
    return null;
  }
  if (opened.kind === 'report') {
    counters.reports++;
    return opened.message;
  }
  const { request } = opened;
  if (!opened.authorized) return opened.seal(repeat(request, status.authorizationError, 0));
  const inner = { ...identity, maxMessageBytes: identity.maxMessageBytes - usmOverheadBytes };
  return opened.seal(respond(inner, request, counters));
}

function respond<D>(identity: AgentIdentity<D>, request: SnmpRequest, counters: AgentCounters): Buffer {
  counters.answered++;
  if (request.type === tag.set) return refuseSet(request);
  if (request.type === tag.getBulk) return bulk(identity, request, counters);
  return simple(identity, request, counters);
}

function simple<D>(identity: AgentIdentity<D>, request: SnmpRequest, counters: AgentCounters): Buffer {
  const open = begin(request);
  const v1 = request.version === 0;
  const accept = v1 ? notCounter64 : all;
  for (let i = 0; i < request.names.length; i++) {
    const name = request.names[i] ?? [];
    const found =
      request.type === tag.get
        ? identity.mib.get(identity.device, name)
        : (identity.mib.next(identity.device, name, accept) ?? 'endOfMibView');
    if (v1 && (typeof found === 'string' || found.column.type === 'counter64')) {
      return repeat(request, status.noSuchName, i + 1);
    }
    if (typeof found === 'string') writeException(name, found);
    else writeInstance(found);
    counters.variables++;
    if (writer.length > identity.maxMessageBytes) {
      counters.tooBig++;
      return tooBig(request);
    }
  }
  return finish(open);
}

/** GETBULK (RFC 3416, section 4.2.3): fills the message up to the device's limit, never beyond. */
function bulk<D>(identity: AgentIdentity<D>, request: SnmpRequest, counters: AgentCounters): Buffer {
  const open = begin(request);
  const single = Math.min(Math.max(request.first, 0), request.names.length);
  const repetitions = Math.max(request.second, 0);
  const repeaters: Oid[] = request.names.slice(single).map((name) => name);
  const put = (name: Oid): Oid | null => {
    const before = writer.length;
    const found = identity.mib.next(identity.device, name, all);
    if (found === null) writeException(name, 'endOfMibView');
    else writeInstance(found);
    if (writer.length > identity.maxMessageBytes || writer.length > writer.buffer.length - room) {
      writer.length = before;
      return null;
    }
    counters.variables++;
    return found === null ? name : [...found.column.oid, ...found.suffix];
  };
  for (let i = 0; i < single; i++) {
    if (put(request.names[i] ?? []) === null) return finish(open);
  }
  for (let round = 0; round < repetitions && repeaters.length > 0; round++) {
    let moved = false;
    for (let i = 0; i < repeaters.length; i++) {
      const name = repeaters[i] ?? [];
      const next = put(name);
      if (next === null) return finish(open);
      if (next !== name) moved = true;
      repeaters[i] = next;
    }
    if (!moved) break;
  }
  return finish(open);
}

/** The community may read, nothing else: noAccess, or noSuchName in version 1. */
function refuseSet(request: SnmpRequest): Buffer {
  return repeat(request, request.version === 0 ? status.noSuchName : status.noAccess, 1);
}

const all = (): boolean => true;
/** A Counter64 does not exist for an SNMPv1 manager (RFC 3584, section 4.2.2.1). */
const notCounter64 = (column: Column<never>): boolean => column.type !== 'counter64';

interface Open {
  readonly message: number;
  readonly pdu: number;
  readonly list: number;
}

function head(request: SnmpRequest, errorStatus: number, errorIndex: number): { message: number; pdu: number } {
  writer.length = 0;
  let message = noMessage;
  if (request.version !== 3) {
    message = writer.open(tag.sequence);
    writer.integer(request.version);
    writer.octets(Buffer.from(request.community, 'latin1'));
  }
  const pdu = writer.open(tag.response);
  writer.bytes(request.requestId);
  writer.integer(errorStatus);
  writer.integer(errorIndex);
  return { message, pdu };
}

/** A PDU alone. */
const noMessage = -1;

function closeMessage(message: number): void {
  if (message !== noMessage) writer.close(message);
}

function begin(request: SnmpRequest): Open {
  const { message, pdu } = head(request, status.noError, 0);
  return { message, pdu, list: writer.open(tag.sequence) };
}

function finish(open: Open): Buffer {
  writer.close(open.list);
  writer.close(open.pdu);
  closeMessage(open.message);
  return Buffer.from(writer.buffer.subarray(0, writer.length));
}

/** An error answer carries the request's variable bindings as they came. */
function repeat(request: SnmpRequest, errorStatus: number, errorIndex: number): Buffer {
  const { message, pdu } = head(request, errorStatus, errorIndex);
  writer.bytes(request.bindings);
  writer.close(pdu);
  closeMessage(message);
  return Buffer.from(writer.buffer.subarray(0, writer.length));
}

/** tooBig: version 2 sends no bindings, version 1 those of the request. */
function tooBig(request: SnmpRequest): Buffer {
  if (request.version === 0) return repeat(request, status.tooBig, 0);
  const { message, pdu } = head(request, status.tooBig, 0);
  const list = writer.open(tag.sequence);
  return finish({ message, pdu, list });
}

function writeException(name: Oid, kind: 'noSuchObject' | 'noSuchInstance' | 'endOfMibView'): void {
  const binding = writer.openSmall(tag.sequence);
  writer.oid(name, []);
  writer.empty(tag[kind]);
  writer.closeSmall(binding);
}

function writeInstance<D>(instance: Instance<D>): void {
  const binding = writer.openSmall(tag.sequence);
  writer.oid(instance.column.oid, instance.suffix);
  writeValue(instance);
  writer.closeSmall(binding);
}

function writeValue<D>({ column, value }: Instance<D>): void {
  switch (column.type) {
    case 'integer':
      writer.integer(Number(value));
      return;
    case 'counter32':
    case 'gauge32':
    case 'timeTicks':
      writer.unsigned(tag[column.type], Number(value));
      return;
    case 'counter64':
      writer.counter64(Number(value));
      return;
    case 'octets':
      writer.octets(typeof value === 'string' || value instanceof Uint8Array ? value : String(value));
      return;
    case 'ipAddress':
      writer.ipAddress(String(value));
      return;
    case 'oid':
      writer.oid(Array.isArray(value) ? value : [0, 0], []);
  }
}
