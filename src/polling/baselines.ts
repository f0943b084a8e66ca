import { crc32 } from 'node:zlib';
import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import type { Plan } from '../domain/plan.ts';
import type { CompiledGroup } from './compiled-group.ts';
import type { DeviceClock } from './device-clock.ts';
import { KeptFile } from './kept-file.ts';
import { longestSpanMs } from './rates.ts';

/** A device whose counters outlive this process. */
export interface BaselineHolder {
  readonly plan: Plan | null;
  readonly clock: DeviceClock;
  readonly polls: readonly { readonly group: CompiledGroup }[];
}

/** The numbers are the machine's own doubles (little-endian wherever Node runs): the file stays on it. */
const magic = 'ARUNGBL3';
/** Behind the records: the crc32 of all of them, four bytes of nothing. */
const tailBytes = 4 + 4;
/**
 * Plan id (32 bytes), sysUpTime in ticks, its wall time, number of slots over all groups with counters, and of times: one for
 * each, or one for all.
 */
const recordBytes = 32 + 8 + 8 + 8 + 8;

/** Written at a time. */
const pieceBytes = 1 << 20;

interface Kept {
  readonly ticks: number;
  readonly wallMs: number;
  /** By slot, over all groups with counters in the plan's order. */
  readonly values: Float64Array;
  /** The same, or one for all of them. */
  readonly wallTimesMs: Float64Array;
}

/**
 * Keeps the last reading of every counter in a file, so that the first poll after a restart gives the rate over the gap
 * and not a hole. The file is replaced as a whole, bears a checksum and is simply not used when it is damaged, when the
 * plan is another, or when the readings are more than an hour old.
 */
export class Baselines {
  readonly #file: KeptFile;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #kept = new Map<string, Kept>();

  constructor(options: { readonly file: string; readonly clock: Clock; readonly logger: Logger }) {
    this.#file = new KeptFile(options.file, options.logger);
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async load(): Promise<void> {
    const bytes = await this.#file.read();
    if (bytes !== null && !this.#read(bytes)) {
      this.#kept.clear();
      this.#logger.warn(
        { file: this.#file.path },
        'the kept counter baselines are damaged, or of another release, and are not used',
      );
    }
  }

  /** Gives a device that has just got its plan the readings of the earlier run, if the device has run on since. */
  restore(holder: BaselineHolder): void {
    const id = holder.plan?.id ?? '';
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    const { clock } = holder;
    const wallAgeMs = this.#clock.now() - (this.#clock.monotonic() - clock.atMs) - kept.wallMs;
    if (Number.isNaN(clock.ticks) || wallAgeMs < 0 || wallAgeMs > longestSpanMs) return;
    if (!clock.resume({ ticks: kept.ticks, wallAgeMs }, clock.ticks, clock.atMs)) return;
    // On the device's axis the earlier sysUpTime was read `wallAgeMs` before the first reading of now.
    const earlierMs = clock.atMs - wallAgeMs;
    let at = 0;
    for (const group of countersOf(holder.polls)) {
      if (at + group.count > kept.values.length) return;
      const readMs = (slot: number): number => earlierMs + (kept.wallTimesMs[slot] ?? 0) - kept.wallMs;
      group.baselines.set(kept.values.subarray(at, at + group.count));
      if (kept.wallTimesMs.length === 1) group.allWereRead(readMs(0));
      else for (let slot = 0; slot < group.count; slot += 1) group.wasRead(slot, readMs(at + slot));
      at += group.count;
    }
  }

  /** Writes what all devices hold now. */
  save(holders: Iterable<BaselineHolder>): Promise<void> {
    return this.#file.replace(this.#encoded(holders));
  }

  /**
   * In pieces, each good until the next is asked for: with ten thousand devices these are tens of megabytes, every time,
   * which nobody shall wait for nor collect.
   */
  *#encoded(holders: Iterable<BaselineHolder>): Generator<Buffer, void, undefined> {
    yield Buffer.from(magic, 'latin1');
    let doubles = new Float64Array(pieceBytes / 8);
    let used = 0;
    let sum = 0;
    const piece = (): Buffer => {
      const bytes = Buffer.from(doubles.buffer, 0, used);
      sum = crc32(bytes, sum);
      used = 0;
      return bytes;
    };
    for (const { plan, clock, polls } of holders) {
      const groups = countersOf(polls);
      const count = groups.reduce((slots, group) => slots + group.count, 0);
      if (plan === null || Number.isNaN(clock.ticks) || count === 0) continue;
      const commonMs = commonTimeMs(groups);
      const timeCount = commonMs === null ? count : 1;
      const size = recordBytes + (count + timeCount) * 8;
      if (used + size > doubles.byteLength) {
        if (used > 0) yield piece();
        if (size > doubles.byteLength) doubles = new Float64Array(size / 8);
      }
      const uptimeWallMs = this.#clock.now() - (this.#clock.monotonic() - clock.atMs);
      Buffer.from(doubles.buffer, used, 32).write(plan.id, 'hex');
      doubles.set([clock.ticks, uptimeWallMs, count, timeCount], (used + 32) / 8);
      // From the device's axis to the machine's.
      const shiftMs = uptimeWallMs - clock.timeMs;
      let value = (used + recordBytes) / 8;
      for (const group of groups) {
        doubles.set(group.baselines.subarray(0, group.count), value);
        if (commonMs === null) writeTimes(doubles.subarray(value + count), group, shiftMs);
        value += group.count;
      }
      if (commonMs !== null) doubles[value] = commonMs + shiftMs;
      used += size;
    }
    if (used > 0) yield piece();
    const tail = Buffer.alloc(tailBytes);
    tail.writeUInt32LE(sum);
    yield tail;
  }

  #read(bytes: Buffer): boolean {
    const end = bytes.length - tailBytes;
    if (end < magic.length || bytes.toString('latin1', 0, magic.length) !== magic) return false;
    if (bytes.readUInt32LE(end) !== crc32(bytes.subarray(magic.length, end))) return false;
    let at = magic.length;
    while (at + recordBytes <= end) {
      const count = bytes.readDoubleLE(at + 48);
      const timeCount = bytes.readDoubleLE(at + 56);
      const from = at + recordBytes;
      if (!Number.isInteger(count) || count < 0 || (timeCount !== count && timeCount !== 1)) return false;
      const next = from + (count + timeCount) * 8;
      if (next > end) return false;
      const values = new Float64Array(count);
      for (let i = 0; i < count; i += 1) values[i] = bytes.readDoubleLE(from + i * 8);
      const wallTimesMs = new Float64Array(timeCount);
      for (let i = 0; i < timeCount; i += 1) wallTimesMs[i] = bytes.readDoubleLE(from + (count + i) * 8);
      this.#kept.set(bytes.toString('hex', at, at + 32), {
        ticks: bytes.readDoubleLE(at + 32),
        wallMs: bytes.readDoubleLE(at + 40),
        values,
        wallTimesMs,
      });
      at = next;
    }
    return at === end;
  }
}

function countersOf(polls: BaselineHolder['polls']): readonly CompiledGroup[] {
  return polls.map(({ group }) => group).filter((group) => group.hasCounters);
}

function writeTimes(into: Float64Array, group: CompiledGroup, shiftMs: number): void {
  for (let slot = 0; slot < group.count; slot += 1) into[slot] = group.readMs(slot) + shiftMs;
}

/** When all counters were read, where that was at once. */
function commonTimeMs(groups: readonly CompiledGroup[]): number | null {
  const [first, ...others] = groups;
  const ms = first?.commonMs ?? null;
  return others.every(({ commonMs }) => commonMs === ms) ? ms : null;
}
