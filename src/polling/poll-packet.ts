import type { CompiledGroup } from './compiled-group.ts';
import type { PollingEngine } from './engine.ts';
import type { Answer, Exchange, ExchangeOwner } from './exchange.ts';
import type { Peer } from './peer.ts';
import { encodeOid, Tag } from './snmp/ber.ts';
import { ErrorStatus, readSlots } from './snmp/response.ts';

/** More variables than any packet holds. */
const mostVarbinds = 512;

/** Where an answer is read into, by position in its packet: valid until the next answer of anyone is read. */
export const slotValues = new Float64Array(mostVarbinds);
export const slotStatus = new Uint8Array(mostVarbinds);

export interface PollPacketOwner {
  /** The answer's values lie in `slotValues` and `slotStatus`, unless `errorStatus` says otherwise. */
  packetAnswered(packet: PollPacket, errorStatus: number, errorIndex: number, atMs: number): void;
  packetFailed(packet: PollPacket): void;
}

/** One request of a poll: some slots of a group, behind the variables that every packet carries. */
export class PollPacket implements ExchangeOwner {
  readonly slots: readonly number[];
  /** OIDs of what it carries beside the slots, in front of them. */
  readonly control: readonly string[];
  readonly controlCount: number;
  /** What its answer is expected to take. */
  readonly answerBytes: number;
  readonly exchange: Exchange;
  readonly #owner: PollPacketOwner;

  constructor(options: {
    readonly engine: PollingEngine;
    readonly peer: Peer;
    readonly owner: PollPacketOwner;
    readonly group: CompiledGroup;
    readonly slots: readonly number[];
    readonly control: readonly string[];
    readonly answerBytes: number;
  }) {
    this.#owner = options.owner;
    this.slots = options.slots;
    this.control = options.control;
    this.controlCount = options.control.length;
    this.answerBytes = options.answerBytes;
    const oids = [...options.control.map(encodeOid), ...options.slots.map((slot) => options.group.oid(slot))];
    this.exchange = options.engine.exchange({
      peer: options.peer,
      packet: options.peer.form.encode(Tag.get, oids),
      owner: this,
    });
  }

  decode(exchange: Exchange, { buffer, reader }: Answer): boolean {
    if (reader.errorStatus !== ErrorStatus.noError) return true;
    const { expected } = exchange.packet;
    return readSlots(buffer, reader.varbindsFrom, reader.varbindsTo, expected, slotValues, slotStatus) >= 0;
  }

  answered(_exchange: Exchange, { reader, atMs }: Answer): void {
    this.#owner.packetAnswered(this, reader.errorStatus, reader.errorIndex, atMs);
  }

  failed(): void {
    this.#owner.packetFailed(this);
  }
}
