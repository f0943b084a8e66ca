import type { BulkRows } from './bulk-rows.ts';
import type { CompiledGroup } from './compiled-group.ts';
import type { PollingEngine } from './engine.ts';
import { Exchange, type Answer } from './exchange.ts';
import { packetLimits, type PacketLimits } from './packet-size.ts';
import type { Peer } from './peer.ts';
import { sharedRequest } from './shared-request.ts';
import { Shared } from './shared.ts';
import { encodeOid, oidBefore, Tag } from './snmp/ber.ts';
import { expectedOids } from './snmp/expected-oids.ts';
import { expecting, type RequestPacket } from './snmp/request.ts';
import { ErrorStatus, readSlots } from './snmp/response.ts';

/** More variables than any packet holds. */
const mostVarbinds = 512;

/** Where an answer is read into, by position in its packet: valid until the next answer of anyone is read. */
export const slotValues = new Float64Array(mostVarbinds);
export const slotStatus = new Uint8Array(mostVarbinds);

const sharedSlots = new Shared<readonly number[]>();

export interface PollPacketOwner {
  /** The answer's values lie in `slotValues` and `slotStatus`, unless `errorStatus` says otherwise. */
  packetAnswered(packet: PollPacket, errorStatus: number, errorIndex: number, atMs: number): void;
  packetFailed(packet: PollPacket): void;
}

/** One request of a poll: some slots of a group, behind the variables that every packet carries. */
export class PollPacket extends Exchange {
  readonly slots: readonly number[];
  /** OIDs of what it carries beside the slots, in front of them. */
  readonly control: readonly string[];
  readonly controlCount: number;
  /** How many variables it asks for, and what its answer is expected to take. */
  readonly size: PacketLimits;
  /** Beyond what travels unfragmented: sent once only, since its loss is answered with smaller requests. */
  readonly large: boolean;
  /** The limits that it tries out; null when they have proved themselves. */
  readonly trial: PacketLimits | null;
  /** Asks by GETNEXT, with what stands before each variable: what the device does not have is passed over, and no error. */
  readonly byNext: boolean;
  /** Asks by GETBULK, with what stands before the first row of each column. */
  readonly byBulk: boolean;
  /** Variables of the last answer that were asked for, and how long it took. */
  found = 0;
  rttMs = 0;
  readonly #owner: PollPacketOwner;

  constructor(options: {
    readonly engine: PollingEngine;
    readonly peer: Peer;
    readonly owner: PollPacketOwner;
    readonly group: CompiledGroup;
    readonly slots: readonly number[];
    readonly control: readonly string[];
    readonly answerBytes: number;
    readonly trial: PacketLimits | null;
    readonly byNext: boolean;
    readonly bulk: BulkRows | null;
  }) {
    const size = packetLimits(options.control.length + options.slots.length, options.answerBytes);
    const large = options.peer.size.isLarge(size);
    const { engine, peer } = options;
    super({ engine, peer, request: sharedRequest(peer.form, requestFor(options)), ...(large ? { tries: 1 } : {}) });
    this.#owner = options.owner;
    this.slots = sharedSlots.get(options.slots.join(' '), () => options.slots);
    this.control = options.control;
    this.controlCount = options.control.length;
    this.size = size;
    this.large = large;
    this.trial = options.trial;
    this.byNext = options.byNext;
    this.byBulk = options.bulk !== null;
  }

  /** The answer left out some of what was asked, though it was no error: a device that cuts off what it has no room for. */
  get cutOff(): boolean {
    return (this.large || this.byBulk) && !this.byNext && this.found < this.size.varbinds;
  }

  override prefetch(steps: number): number {
    const own = steps === 0 ? this.controlCount + this.found : steps === 1 ? this.rttMs : 0;
    return own + super.prefetch(steps);
  }

  decode({ buffer, reader }: Answer): boolean {
    if (reader.errorStatus !== ErrorStatus.noError) return true;
    const { expected } = this.request;
    this.found = readSlots(buffer, reader.varbindsFrom, reader.varbindsTo, expected, slotValues, slotStatus);
    return this.found >= 0;
  }

  answered({ reader, rttMs, atMs }: Answer): void {
    this.rttMs = rttMs;
    this.#owner.packetAnswered(this, reader.errorStatus, reader.errorIndex, atMs);
  }

  failed(): void {
    this.#owner.packetFailed(this);
  }
}

/** What is expected of the answer does not depend on how it is asked for. */
function requestFor(options: {
  readonly peer: Peer;
  readonly group: CompiledGroup;
  readonly slots: readonly number[];
  readonly control: readonly string[];
  readonly byNext: boolean;
  readonly bulk: BulkRows | null;
}): RequestPacket {
  const { group, slots, control, byNext, bulk } = options;
  const { form } = options.peer;
  const oids = [...control.map(encodeOid), ...slots.map((slot) => group.oid(slot))];
  const controlsBefore = () => control.map((oid) => encodeOid(oidBefore(oid)));
  if (bulk !== null) {
    const before = [...controlsBefore(), ...bulk.before.map(encodeOid)];
    const range = { nonRepeaters: control.length, maxRepetitions: bulk.rows };
    return expecting(form.encode(Tag.getBulk, before, range), expectedOids(oids));
  }
  const get = form.encode(Tag.get, oids);
  if (!byNext) return get;
  const before = [...controlsBefore(), ...slots.map((slot) => group.oidBefore(slot))];
  return expecting(form.encode(Tag.getNext, before), get.expected);
}
