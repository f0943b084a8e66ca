import { daysUntil } from '../domain/date-and-time.ts';
import type { AgentId } from '../domain/ids.ts';
import type { PointBatch } from '../domain/point.ts';
import { Kind, type CompiledGroup } from './compiled-group.ts';
import { batchSlab } from './double-slab.ts';
import type { DeviceClock } from './device-clock.ts';
import type { PollingEngine } from './engine.ts';
import { filledRows } from './filled-rows.ts';
import { control, packPoll } from './pack-poll.ts';
import type { PacketLimits } from './packet-size.ts';
import type { Peer } from './peer.ts';
import { slotStatus, slotValues, type PollPacket, type PollPacketOwner } from './poll-packet.ts';
import { rate, shortestSpanMs } from './rates.ts';
import { RegularTask, type Scheduler } from './scheduler.ts';
import { writeShares } from './shares.ts';
import { ErrorStatus, SlotStatus } from './snmp/response.ts';

/** What a poll needs of the device it belongs to. */
export interface PolledDevice {
  readonly peer: Peer;
  readonly clock: DeviceClock;
  /** It is not polled while it does not. */
  readonly answers: boolean;
  /** See `WheelTimer.prefetch`. */
  prefetch(steps: number): number;
  /** sysUpTime arrived; the device forgets all baselines when it shows a restart. */
  uptime(ticks: number, atMs: number): void;
  /** ifTableLastChange arrived. */
  ifTableLastChange(ticks: number): void;
  /** The device has no such variable. */
  missing(poll: GroupPoll, slot: number): void;
  /** A request of this size got no answer in all its tries. */
  lost(size: PacketLimits): void;
  /** A poll has ended. */
  polled(poll: GroupPoll): void;
}

const nothing = new Float64Array(0);
const none: readonly PollPacket[] = [];
const mostRepairs = 16;
const mostStrikes = 3;
/** After a poll out of turn, the regular one is left out only so soon: what it skips is a gap in every chart. */
const justPolledMs = 2_000;
/** After so many failures in a row a device is not asked by GETBULK any more, as long as its plan holds. */
const mostBulkFailures = 3;

/**
 * Reads one group of one device, at its interval while the device answers: sends its packets, takes in the answers as they
 * come and publishes one batch per measurement at the end, with what has arrived. The packets are made once and remade when
 * the device's limits change.
 */
export class GroupPoll extends RegularTask implements PollPacketOwner {
  readonly group: CompiledGroup;
  /** Of the last poll: when it began and how long it took in ms, its packets, how many of them got no answer. */
  startedMs = Number.NEGATIVE_INFINITY;
  tookMs = Number.NaN;
  packetCount = 0;
  lostCount = 0;
  valueCount = 0;
  /** Counters that gave no rate in the last poll, and those that did. */
  withheldCount = 0;
  rateCount = 0;
  running = false;
  skipped = 0;

  readonly #engine: PollingEngine;
  readonly #device: PolledDevice;
  readonly #agent: AgentId;
  readonly #publish: (batch: PointBatch) => void;
  /** Control variables that are read along; without those that the device turned out not to have. */
  readonly #controls: Set<string>;
  /** Mostly one request is the whole poll: it is held without a list. */
  #first: PollPacket | null = null;
  #further: readonly PollPacket[] = none;
  /** What this poll asks again in smaller requests; the next begins with the first packet. */
  #again: readonly PollPacket[] = none;
  #packedAs = -1;
  /** Its GETNEXT tells nothing of use: what it does not have is found one by one. */
  #nextFails = false;
  /** A poll was answered whole: what the device has of the plan is known, and may be asked for as a table. */
  #known = false;
  /** Answers to a GETBULK that did not bring what a GET did, in a row. */
  #bulkFailures = 0;
  #open = 0;
  #repairs = 0;
  /** The longest that an answer of this poll took, in whole milliseconds. */
  #slowestMs = 0;
  #timeS = 0;
  #lastTimeS = 0;
  #output: Float64Array = nothing;

  constructor(options: {
    readonly engine: PollingEngine;
    readonly scheduler: Scheduler;
    /** Where in its interval it begins, 0 to 1. */
    readonly phase: number;
    readonly device: PolledDevice;
    readonly group: CompiledGroup;
    readonly agent: AgentId;
    readonly readsTableChange: boolean;
    readonly publish: (batch: PointBatch) => void;
  }) {
    super(options.scheduler, { intervalMs: options.group.plan.intervalMs, phase: options.phase });
    this.#engine = options.engine;
    this.#device = options.device;
    this.group = options.group;
    this.#agent = options.agent;
    this.#controls = new Set([
      ...(options.group.hasCounters ? [control.sysUpTime] : []),
      ...(options.readsTableChange ? [control.ifTableLastChange] : []),
    ]);
    this.#publish = options.publish;
  }

  /** The last poll read counters for the first time: there was nothing to compare them with. */
  get onlyBaselines(): boolean {
    return this.withheldCount > 0 && this.rateCount === 0;
  }

  get packetsPerPoll(): number {
    return this.#packets().length;
  }

  get largestPacket(): number {
    return Math.max(0, ...this.#packets().map((packet) => packet.slots.length));
  }

  run(): void {
    if (this.#device.answers) this.begin();
  }

  override prefetch(steps: number): number {
    if (steps === 0) return this.dueTick + this.packetCount + this.skipped + this.#packedAs + this.#lastTimeS;
    const own = steps === 1 ? this.startedMs + this.tookMs : 0;
    const packet = this.#first === null ? 0 : this.#first.prefetch(steps - 1);
    return own + packet + this.#device.prefetch(steps - 1) + this.group.prefetch(steps - 1);
  }

  /** Begins a poll out of turn. */
  beginNow(): void {
    this.begin();
    this.leaveOut(Math.min(this.intervalMs / 4, justPolledMs));
  }

  /** Begins a poll, unless the last one still runs: that one is let finish, and this one is skipped. */
  begin(): void {
    if (this.running) {
      this.skipped += 1;
      return;
    }
    const { clock } = this.#engine;
    const trial = this.#trial();
    if (trial !== null || this.#packedAs !== this.#device.peer.size.revision) this.#pack(trial);
    const first = this.#first;
    if (first === null) return;
    this.running = true;
    this.startedMs = clock.monotonic();
    this.#timeS = Math.floor(clock.now() / 1000);
    this.group.raw.fill(Number.NaN);
    this.#again = none;
    this.#repairs = 0;
    this.#slowestMs = 0;
    this.packetCount = 0;
    this.lostCount = 0;
    this.valueCount = 0;
    this.withheldCount = 0;
    this.rateCount = 0;
    this.#open = 1 + this.#further.length;
    this.#send(first);
    for (const packet of this.#further) this.#send(packet);
  }

  cancel(): void {
    for (const packet of [...this.#packets(), ...this.#again]) this.#engine.cancel(packet);
    this.running = false;
    this.#output = nothing;
    this.#packedAs = -1;
  }

  packetAnswered(packet: PollPacket, errorStatus: number, errorIndex: number, atMs: number): void {
    const { size } = this.#device.peer;
    if (errorStatus !== ErrorStatus.noError) {
      this.#engine.counters.errorAnswers += 1;
      this.#repair(packet, errorStatus, errorIndex, atMs);
      return;
    }
    this.#slowestMs = Math.max(this.#slowestMs, Math.ceil(packet.rttMs));
    const output = this.#filledSoFar();
    this.#absorb(packet, atMs, output);
    if (packet.byNext) {
      this.#passedOver(packet, output);
      return;
    }
    if (packet.byBulk) this.#bulkFailures = packet.cutOff ? this.#bulkFailures + 1 : 0;
    if (packet.cutOff) {
      const missing = packet.slots.filter((_, i) => slotStatus[packet.controlCount + i] === SlotStatus.absent);
      // A GETBULK may be cut off for rows that we do not read: that says nothing of size.
      if (packet.large) size.tooBig(packet.size, atMs);
      if (packet.byBulk) this.#packedAs = -1;
      this.#askAgain(missing, { output });
      return;
    }
    size.answered(packet.size, atMs);
    if (packet.trial !== null) size.grow(packet.trial, packet.size);
    this.#closeOne(output);
  }

  packetFailed(packet: PollPacket): void {
    this.#device.lost(packet.size);
    if (packet.byBulk) this.#bulkFailures += 1;
    if (packet.large || packet.byBulk) {
      this.#askAgain(packet.slots);
      return;
    }
    this.lostCount += 1;
    this.#closeOne();
  }

  #packets(): readonly PollPacket[] {
    return this.#first === null ? none : [this.#first, ...this.#further];
  }

  #send(packet: PollPacket): void {
    this.packetCount += 1;
    this.#engine.begin(packet);
  }

  /** Larger limits to try, when the last poll took several packets and all were answered soon. */
  #trial(): PacketLimits | null {
    if (this.#further.length === 0 || this.lostCount > 0 || this.packetCount === 0) return null;
    // At twice the size an answer shall still come within the shortest time that is waited for it.
    if (this.#slowestMs > this.#engine.options.minTimeoutMs / 2) return null;
    return this.#device.peer.size.trial(this.#engine.clock.monotonic());
  }

  #pack(trial: PacketLimits | null): void {
    const { size } = this.#device.peer;
    for (const packet of this.#packets()) this.#engine.cancel(packet);
    const packets = this.#packetsFor(this.group.present(), size, { trial, mostRows: this.#mostRows() });
    this.#first = packets[0] ?? null;
    this.#further = packets.length > 1 ? packets.slice(1) : none;
    // A trial is made once: the next poll is packed by what it has shown.
    this.#packedAs = trial === null ? size.revision : -1;
  }

  #packetsFor(
    slots: readonly number[],
    limits: PacketLimits,
    {
      trial = null,
      byNext = false,
      mostRows = 0,
    }: { readonly trial?: PacketLimits | null; readonly byNext?: boolean; readonly mostRows?: number } = {},
  ): PollPacket[] {
    const { group } = this;
    const controls = this.#controls;
    const { peer } = this.#device;
    return packPoll({
      engine: this.#engine,
      peer,
      owner: this,
      group,
      slots,
      limits,
      trial,
      controls,
      byNext,
      mostRows,
    });
  }

  /** Rows that one GETBULK may ask for; none before it is known what the device has, and where it does not bear it. */
  #mostRows(): number {
    const { form, limits } = this.#device.peer;
    if (form.version === 'v1' || !this.#known || this.#bulkFailures >= mostBulkFailures) return 0;
    return limits.maxRepetitions ?? Number.POSITIVE_INFINITY;
  }

  /** What a GETNEXT did not come to is not there. An answer without anything of ours is of no use, and asked again. */
  #passedOver(packet: PollPacket, output: Float64Array): void {
    if (packet.found <= packet.controlCount) {
      this.#nextFails = true;
      this.#askAgain(packet.slots, { output });
      return;
    }
    for (const [i, slot] of packet.slots.entries()) {
      if (slotStatus[packet.controlCount + i] !== SlotStatus.absent) continue;
      this.group.leaveOut(slot);
      this.#device.missing(this, slot);
    }
    this.#closeOne(output);
  }

  /** An SNMP error names what it did not like: the rest is asked for again, at once and not for ever. */
  #repair(packet: PollPacket, errorStatus: number, errorIndex: number, atMs: number): void {
    const { peer } = this.#device;
    this.#repairs += 1;
    this.#packedAs = -1;
    const { slots, controlCount } = packet;
    if (packet.byBulk) {
      // The index of a GETBULK's error counts columns: what it did not like is found one by one.
      this.#bulkFailures += 1;
      this.#askAgain(slots);
      return;
    }
    const ofControl = errorIndex >= 1 && errorIndex <= controlCount;
    const culprit = slots.length === 1 && !ofControl ? slots[0] : slots[errorIndex - 1 - controlCount];
    let rest: readonly number[] = [];
    let limits = peer.size.small;
    if (packet.byNext && errorStatus !== ErrorStatus.noSuchName) this.#nextFails = true;
    // SNMPv1 names one variable that it does not have and gives no value: a GETNEXT shows all that are missing at once.
    const byNext = errorStatus === ErrorStatus.noSuchName && !this.#nextFails;
    if (errorStatus === ErrorStatus.tooBig || (packet.large && culprit === undefined)) {
      peer.size.tooBig(packet.size, atMs);
      limits = peer.size.small;
      if (slots.length > 1) rest = slots;
    } else if (culprit !== undefined) {
      // genErr may pass; what is always refused is left out in the end.
      const strikes = this.group.strike(culprit);
      if (errorStatus === ErrorStatus.noSuchName || strikes >= mostStrikes) this.group.leaveOut(culprit);
      if (errorStatus === ErrorStatus.noSuchName) this.#device.missing(this, culprit);
      rest = slots.filter((slot) => slot !== culprit);
    } else if (ofControl && errorStatus === ErrorStatus.noSuchName) {
      this.#controls.delete(packet.control[errorIndex - 1] ?? '');
      rest = slots;
    } else if (byNext && !packet.byNext) {
      rest = slots;
    } else if (!ofControl) {
      // It says that something is wrong and not what (some SNMPv1 agents): halves tell.
      limits = { ...limits, varbinds: Math.ceil(slots.length / 2) + controlCount };
      rest = slots;
    }
    if (rest.length === 0 || this.#repairs > mostRepairs) {
      this.lostCount += 1;
      this.#closeOne();
      return;
    }
    this.#askAgain(rest, { limits, byNext });
  }

  /** Asks for these slots of a packet that has ended, in requests that travel unfragmented. */
  #askAgain(
    slots: readonly number[],
    {
      limits = this.#device.peer.size.small,
      byNext = false,
      output = this.#filledSoFar(),
    }: { readonly limits?: PacketLimits; readonly byNext?: boolean; readonly output?: Float64Array } = {},
  ): void {
    const smaller = this.#packetsFor(slots, limits, { byNext });
    this.#again = [...this.#again, ...smaller];
    this.#open += smaller.length;
    for (const one of smaller) this.#send(one);
    this.#closeOne(output);
  }

  /** What the packets of this poll gave: kept only while more than one of them is under way. */
  #filledSoFar(): Float64Array {
    const { outputLength } = this.group;
    return this.#output.length > 0 ? this.#output : batchSlab.take(outputLength).fill(Number.NaN);
  }

  #absorb(packet: PollPacket, atMs: number, output: Float64Array): void {
    const { group } = this;
    const { counters } = this.#engine;
    const device = this.#device;
    for (let i = 0; i < packet.controlCount; i += 1) {
      if (slotStatus[i] !== SlotStatus.value) continue;
      const ticks = slotValues[i] ?? 0;
      if (packet.control[i] === control.sysUpTime) device.uptime(ticks, atMs);
      else device.ifTableLastChange(ticks);
    }
    const timeMs = device.clock.timeAt(atMs);
    const { meaningOf, meanings, outputs, baselines, raw } = group;
    const { slots, controlCount } = packet;
    const hasRatios = raw.length > 0;
    const together = this.#isWholeGroup(packet) && timeMs - group.latestMs >= shortestSpanMs;
    let values = 0;
    let withheld = 0;
    let rates = 0;
    for (let i = 0; i < slots.length; i += 1) {
      const slot = slots[i] ?? 0;
      const status = slotStatus[controlCount + i] ?? SlotStatus.absent;
      if (status !== SlotStatus.value) {
        if (status !== SlotStatus.absent) this.#without(slot, status);
        continue;
      }
      const value = slotValues[controlCount + i] ?? 0;
      const meaning = meanings[meaningOf[slot] ?? 0];
      if (meaning === undefined) continue;
      const { kind, scale } = meaning;
      let result: number;
      if (kind >= Kind.counter32) {
        const before = baselines[slot] ?? Number.NaN;
        const spanMs = timeMs - group.readMs(slot);
        if (before === before && spanMs < shortestSpanMs && spanMs > -shortestSpanMs) continue;
        result = rate(kind === Kind.counter64 ? 64 : 32, before, value, spanMs, scale, meaning.ceiling);
        baselines[slot] = value;
        if (!together) group.wasRead(slot, timeMs);
        if (result !== result) {
          withheld += 1;
          continue;
        }
        rates += 1;
      } else {
        if (hasRatios) raw[slot] = value;
        result = value * scale;
        if (kind !== Kind.gauge) result = kind === Kind.timeticks ? result / 100 : daysUntil(result, this.#timeS);
      }
      const place = outputs[slot] ?? -1;
      if (place >= 0) output[place] = result;
      values += 1;
    }
    if (together) group.allWereRead(timeMs);
    counters.values += values;
    counters.ratesWithheld += withheld;
    this.valueCount += values;
    this.withheldCount += withheld;
    this.rateCount += rates;
  }

  /** The answer that was read has everything that the group asks for. */
  #isWholeGroup({ slots, controlCount }: PollPacket): boolean {
    if (slots.length !== this.group.count) return false;
    for (let i = 0; i < slots.length; i += 1) if (slotStatus[controlCount + i] !== SlotStatus.value) return false;
    return true;
  }

  #without(slot: number, status: number): void {
    if (status === SlotStatus.notANumber) return;
    if (this.group.plan.group !== 'interfaces') {
      // A port that is gone means a new plan; a load or a sensor may be there only later (net-snmp: after a minute).
      if (this.group.strike(slot) < mostStrikes) return;
    }
    this.group.leaveOut(slot);
    this.#packedAs = -1;
    this.#device.missing(this, slot);
  }

  #closeOne(output = this.#filledSoFar()): void {
    this.#open -= 1;
    if (this.#open > 0) {
      this.#output = output;
      return;
    }
    // Held until the next poll it would grow old, and its slab with it. The usual poll of one packet holds it never: what is
    // old and points at what is new costs a garbage collection its time, by the number of devices.
    if (this.#output.length > 0) this.#output = nothing;
    this.running = false;
    this.tookMs = this.#engine.clock.monotonic() - this.startedMs;
    writeShares(this.group, output);
    if (!this.#known && this.lostCount === 0 && this.#again.length === 0) {
      this.#known = true;
      this.#packedAs = -1;
    }
    // Two polls within one second would be one point with two readings.
    if (this.#timeS !== this.#lastTimeS) this.#publishTables(output);
    this.#lastTimeS = this.#timeS;
    this.#device.polled(this);
  }

  #publishTables(output: Float64Array): void {
    const { group } = this;
    for (const table of group.tables) {
      const batch = filledRows({ agent: this.#agent, group, table, output, timeS: this.#timeS });
      if (batch !== null) this.#publish(batch);
    }
  }
}
