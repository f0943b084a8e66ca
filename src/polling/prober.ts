import type { PlanGroup } from '../domain/plan.ts';
import { seriesOf, type Series } from '../domain/point.ts';
import type { DeviceId } from '../domain/ids.ts';
import type { PollingEngine } from './engine.ts';
import type { Peer } from './peer.ts';
import type { PointRows } from './point-rows.ts';
import { ProbeMinute } from './probe-minute.ts';
import { ProbeTry, type Probe, type ProbeOwner } from './probe-try.ts';
import { packSlots, varbindBytes } from './packing.ts';
import { slotStatus, slotValues } from './poll-packet.ts';
import type { Scheduler } from './scheduler.ts';
import { sharedRequest } from './shared-request.ts';
import { encodeOid, Tag } from './snmp/ber.ts';
import type { RequestPacket } from './snmp/request.ts';
import { ErrorStatus, SlotStatus } from './snmp/response.ts';
import type { WheelTimer } from './timer-wheel.ts';

/** What the prober tells the device that it probes. */
export interface ProbedDevice {
  uptime(ticks: number, atMs: number): void;
  missingPort(): void;
  /** An answer came; `misses` were lost in a row before it. */
  heard(misses: number): void;
  /** `misses` in a row by now. */
  missed(misses: number): void;
}

export interface ProbeRows {
  readonly probe: PointRows;
  readonly port: PointRows;
  readonly reachability: PointRows;
}

const sysUpTime = '1.3.6.1.2.1.1.3.0';
const sysUpTimeBytes = encodeOid(sysUpTime);
/** Re-probes when somebody asks for a device that has been silent for long. */
const chaseReprobes = 5;
const shortestChaseMs = 500;
/** How much a single lost try says of a packet's size: little on a path that loses anything now and then. */
const oneTryProves = 1 / 3;

/**
 * Asks one device for a sign of life. A regular probe reads sysUpTime and the state of the ports that carry links. The
 * first miss starts re-probes a little more than half a second apart, which do not wait for each other; they go on until
 * an answer or until their number is used up; then only the regular probes go on. Every probe that ends is a row.
 */
export class Prober implements ProbeOwner {
  readonly #engine: PollingEngine;
  readonly #peer: Peer;
  readonly #device: ProbedDevice;
  readonly #rows: ProbeRows;
  readonly #scheduler: Scheduler;
  readonly #series: Series;
  readonly #minuteSeries: Series;
  readonly #minimal: Probe;
  /** What a regular probe sends: the first counts as the probe, further ones only bring more ports. */
  #full: readonly Probe[];
  #ports: { readonly series: Series; readonly oid: string; absent: boolean }[] = [];
  #packedAs = -1;
  readonly #under: Set<ProbeTry> = new Set();
  readonly #spare: ProbeTry[] = [];
  #reprobesLeft = 0;
  #timer: WheelTimer | null = null;
  #lostFull: Probe | null = null;
  #lastChaseMs = Number.NEGATIVE_INFINITY;
  #misses = 0;
  readonly #minute: ProbeMinute;
  lastRttMs = Number.NaN;
  /** When the last probe ended, monotonic; NaN before the first. */
  lastEndMs = Number.NaN;

  constructor(options: {
    readonly engine: PollingEngine;
    readonly scheduler: Scheduler;
    readonly peer: Peer;
    readonly device: ProbedDevice;
    readonly deviceId: DeviceId;
    readonly rows: ProbeRows;
    /** Where in a minute (0 to 1) its summary is made. */
    readonly minutePhase: number;
  }) {
    this.#engine = options.engine;
    this.#minute = new ProbeMinute({ phase: options.minutePhase, nowMs: options.engine.clock.monotonic() });
    this.#scheduler = options.scheduler;
    this.#peer = options.peer;
    this.#device = options.device;
    this.#rows = options.rows;
    this.#series = seriesOf('probe', { device: options.deviceId });
    this.#minuteSeries = seriesOf('reachability', { device: options.deviceId });
    this.#minimal = { packet: this.#request([]), ports: [], counts: true };
    this.#full = [this.#minimal];
  }

  /** Probes lost in a row. */
  get misses(): number {
    return this.#misses;
  }

  /** Packets of a regular probe. */
  get packets(): number {
    return this.#full.length;
  }

  /** The ports to read along: those of the plan's reachability group. */
  usePlan(group: PlanGroup | undefined): void {
    this.#ports = [];
    for (const slot of group?.slots ?? []) {
      const series = group?.series[slot.row];
      if (series?.measurement !== 'port') continue;
      this.#ports.push({ series, oid: slot.oid, absent: false });
    }
    this.#packedAs = -1;
  }

  /** A regular probe. */
  probe(): void {
    if (this.#packedAs !== this.#peer.size.revision) this.#pack();
    for (const probe of this.#full) this.#send(probe);
  }

  /** A probe now, out of turn; of a silent device, with re-probes. At most two a second. */
  chase(): void {
    const nowMs = this.#engine.clock.monotonic();
    if (this.#reprobesLeft > 0 || nowMs - this.#lastChaseMs < shortestChaseMs) return;
    this.#lastChaseMs = nowMs;
    this.probe();
    if (this.#misses > 0) this.#startReprobes(chaseReprobes);
  }

  /** No more re-probes: somebody is certain. Regular probes go on. */
  settle(): void {
    this.#reprobesLeft = 0;
    if (this.#timer !== null) this.#scheduler.cancel(this.#timer);
    this.#timer = null;
  }

  stop(): void {
    this.settle();
    for (const one of this.#under) this.#engine.cancel(one);
    this.#under.clear();
  }

  probeAnswered(one: ProbeTry, answer: { errorStatus: number; errorIndex: number; rttMs: number; atMs: number }): void {
    this.#done(one);
    const { probe } = one;
    if (answer.errorStatus !== ErrorStatus.noError)
      this.#repair(probe, answer.errorStatus, answer.errorIndex, answer.atMs);
    const alive = answer.errorStatus === ErrorStatus.noError && slotStatus[0] === SlotStatus.value;
    const ticks = alive ? (slotValues[0] ?? Number.NaN) : Number.NaN;
    if (!Number.isNaN(ticks)) this.#device.uptime(ticks, answer.atMs);
    if (answer.errorStatus === ErrorStatus.noError) this.#readPorts(probe, answer.rttMs);
    if (!probe.counts) return;
    this.#learnSize(probe, answer.atMs);
    this.#minute.answered(answer.rttMs);
    this.#engine.counters.probes += 1;
    this.#heard(answer.rttMs, ticks / 100);
  }

  probeFailed(one: ProbeTry): void {
    const { probe } = one;
    // Not used again: its exchange still waits for an answer that is late.
    this.#under.delete(one);
    if (!probe.counts) return;
    if (probe.ports.length > 0) this.#lostFull = probe;
    this.#misses += 1;
    this.lastEndMs = this.#engine.clock.monotonic();
    this.#minute.lost();
    this.#engine.counters.probes += 1;
    this.#engine.counters.probesLost += 1;
    this.#rows.probe.add(this.#series, this.#nowS(), 0);
    this.#closeMinute(this.lastEndMs);
    if (this.#misses === 1) this.#startReprobes(this.#engine.options.reprobes);
    this.#device.missed(this.#misses);
  }

  /** It will not tell us anything, but it is there to say so. */
  probeRefused(one: ProbeTry, rttMs: number): void {
    this.#done(one);
    if (!one.probe.counts) return;
    this.#minute.answered(rttMs);
    this.#engine.counters.probes += 1;
    this.#heard(rttMs, Number.NaN);
  }

  /** Too late to count as answered in its time, but the device lives: from now on it is waited for longer. */
  probeLate(one: ProbeTry, rttMs: number): void {
    if (!one.probe.counts || this.#misses === 0) return;
    this.#minute.late(rttMs);
    this.#heard(rttMs, Number.NaN);
  }

  /** Where the short probe gets through and the long one did not, it may be the size. */
  #learnSize(probe: Probe, atMs: number): void {
    const lost = this.#lostFull;
    if (probe.ports.length > 0) {
      this.#peer.size.answered({ bytes: probeBytes(probe), varbinds: probe.packet.expected.count }, atMs);
      this.#lostFull = null;
    } else if (lost !== null) {
      const sent = { bytes: probeBytes(lost), varbinds: lost.packet.expected.count, weight: oneTryProves };
      this.#peer.size.lost(sent, atMs);
      this.#lostFull = null;
    }
  }

  #heard(rttMs: number, uptimeS: number): void {
    const misses = this.#misses;
    this.#misses = 0;
    this.lastRttMs = rttMs;
    this.lastEndMs = this.#engine.clock.monotonic();
    this.#rows.probe.add(this.#series, this.#nowS(), 1, rttMs, uptimeS);
    this.#closeMinute(this.lastEndMs);
    this.settle();
    // What was sent before has had its answer in this one.
    for (const other of this.#under) {
      if (!other.probe.counts) continue;
      this.#engine.cancel(other);
      this.#done(other);
    }
    this.#device.heard(misses);
  }

  #closeMinute(nowMs: number): void {
    const summary = this.#minute.close(nowMs);
    if (summary === null) return;
    const { lossPercent, rttMs, rttMaxMs } = summary;
    this.#rows.reachability.add(this.#minuteSeries, this.#nowS(), lossPercent, rttMs, rttMaxMs);
  }

  #startReprobes(count: number): void {
    this.#reprobesLeft = count;
    if (this.#timer === null) this.#reprobe();
  }

  #reprobe(): void {
    this.#timer = null;
    if (this.#reprobesLeft === 0) return;
    this.#reprobesLeft -= 1;
    this.#send(this.#minimal);
    this.#timer = this.#scheduler.after(this.#engine.options.reprobeMs, () => this.#reprobe());
  }

  #send(probe: Probe): void {
    const one = this.#spare.pop() ?? new ProbeTry({ engine: this.#engine, peer: this.#peer, owner: this, probe });
    one.probe = probe;
    one.request = probe.packet;
    this.#under.add(one);
    this.#engine.begin(one);
  }

  #done(one: ProbeTry): void {
    this.#under.delete(one);
    this.#spare.push(one);
  }

  /** A port was so at some time since the question: counted from there, it never looks fresher than it is. */
  #readPorts(probe: Probe, rttMs: number): void {
    const timeS = Math.floor((this.#engine.clock.now() - rttMs) / 1000);
    for (const [i, index] of probe.ports.entries()) {
      const port = this.#ports[index];
      if (port === undefined) continue;
      const status = slotStatus[i + 1] ?? SlotStatus.absent;
      if (status === SlotStatus.value) this.#rows.port.add(port.series, timeS, slotValues[i + 1] ?? Number.NaN);
      else if (status !== SlotStatus.absent) this.#withoutPort(index);
    }
  }

  #repair(probe: Probe, errorStatus: number, errorIndex: number, atMs: number): void {
    this.#engine.counters.errorAnswers += 1;
    const index = probe.ports[errorIndex - 2];
    if (errorStatus === ErrorStatus.tooBig)
      this.#peer.size.tooBig({ bytes: probeBytes(probe), varbinds: probe.packet.expected.count }, atMs);
    else if (index !== undefined) this.#withoutPort(index);
  }

  #withoutPort(index: number): void {
    const port = this.#ports[index];
    if (port === undefined || port.absent) return;
    port.absent = true;
    this.#packedAs = -1;
    this.#device.missingPort();
  }

  #pack(): void {
    const { size, form } = this.#peer;
    this.#packedAs = size.revision;
    const present = [...this.#ports.keys()].filter((i) => this.#ports[i]?.absent === false);
    const oidOf = (i: number): Buffer => encodeOid(this.#ports[i]?.oid ?? sysUpTime);
    const packed = packSlots({
      units: present.map((i) => [i]),
      mostUnits: Number.POSITIVE_INFINITY,
      bytesOf: (i) => varbindBytes(oidOf(i), 'gauge'),
      // A sign of life must not hang on fragments.
      varbinds: size.small.varbinds,
      bytes: size.small.bytes - form.overheadBytes,
      everyCount: 1,
      everyBytes: varbindBytes(sysUpTimeBytes, 'timeticks'),
    });
    this.#full = packed.map(({ units }, i) => ({
      packet: this.#request(units.flat().map(oidOf)),
      ports: units.flat(),
      counts: i === 0,
    }));
    if (this.#full.length === 0) this.#full = [this.#minimal];
  }

  #request(ports: readonly Buffer[]): RequestPacket {
    const { form } = this.#peer;
    return sharedRequest(form, form.encode(Tag.get, [sysUpTimeBytes, ...ports]));
  }

  #nowS(): number {
    return Math.floor(this.#engine.clock.now() / 1000);
  }
}

/** An answer repeats the request with values in place of nulls. */
function probeBytes(probe: Probe): number {
  return probe.packet.bytes.length + 2 * probe.ports.length + 4;
}
