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
  readonly polls: readonly { readonly poll: { readonly group: CompiledGroup } }[];
}

/** The numbers are the machine's own doubles (little-endian wherever Node runs): the file stays on it. */
const magic = 'ARUNGBL1';
/** magic, crc32 of all that follows, four bytes of nothing */
const headBytes = 8 + 4 + 4;
/** plan id (32 bytes), sysUpTime in ticks, its wall time, number of slots over all groups with counters */
const recordBytes = 32 + 8 + 8 + 8;

interface Kept {
  readonly ticks: number;
  readonly wallMs: number;
  /** By slot, over all groups with counters in the plan's order: values, then wall times. */
  readonly values: Float64Array;
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
      this.#logger.warn({ file: this.#file.path }, 'the kept counter baselines are damaged and are not used');
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
    for (const group of countersOf(holder)) {
      if (at + group.count > kept.values.length) return;
      for (let slot = 0; slot < group.count; slot += 1) {
        group.baseValues[slot] = kept.values[at + slot] ?? Number.NaN;
        group.baseTimes[slot] = earlierMs + (kept.wallTimesMs[at + slot] ?? 0) - kept.wallMs;
      }
      at += group.count;
    }
  }

  /** Writes what all devices hold now. */
  save(holders: Iterable<BaselineHolder>): Promise<void> {
    return this.#file.replace(this.#encode(holders));
  }

  #encode(holders: Iterable<BaselineHolder>): Buffer {
    const wallMs = this.#clock.now();
    const nowMs = this.#clock.monotonic();
    const parts: Buffer[] = [Buffer.alloc(headBytes)];
    for (const holder of holders) {
      const { plan, clock } = holder;
      if (plan === null || Number.isNaN(clock.ticks)) continue;
      const groups = countersOf(holder);
      const count = groups.reduce((sum, group) => sum + group.count, 0);
      if (count === 0) continue;
      const uptimeWallMs = wallMs - (nowMs - clock.atMs);
      const record = Buffer.alloc(recordBytes);
      record.write(plan.id, 0, 32, 'hex');
      record.writeDoubleLE(clock.ticks, 32);
      record.writeDoubleLE(uptimeWallMs, 40);
      record.writeDoubleLE(count, 48);
      const values = new Float64Array(count);
      const wallTimes = new Float64Array(count);
      // From the device's axis to the machine's.
      const shiftMs = uptimeWallMs - clock.timeMs;
      let at = 0;
      for (const group of groups) {
        values.set(group.baseValues, at);
        for (let slot = 0; slot < group.count; slot += 1) wallTimes[at + slot] = (group.baseTimes[slot] ?? 0) + shiftMs;
        at += group.count;
      }
      parts.push(record, Buffer.from(values.buffer), Buffer.from(wallTimes.buffer));
    }
    const bytes = Buffer.concat(parts);
    bytes.write(magic, 0, 'latin1');
    bytes.writeUInt32LE(crc32(bytes.subarray(16)), 8);
    return bytes;
  }

  #read(bytes: Buffer): boolean {
    if (bytes.length < headBytes || bytes.toString('latin1', 0, 8) !== magic) return false;
    if (bytes.readUInt32LE(8) !== crc32(bytes.subarray(16))) return false;
    let at = headBytes;
    while (at + recordBytes <= bytes.length) {
      const count = bytes.readDoubleLE(at + 48);
      const from = at + recordBytes;
      if (!Number.isInteger(count) || count < 0 || from + count * 16 > bytes.length) return false;
      const values = new Float64Array(count);
      const wallTimesMs = new Float64Array(count);
      for (let i = 0; i < count; i += 1) {
        values[i] = bytes.readDoubleLE(from + i * 8);
        wallTimesMs[i] = bytes.readDoubleLE(from + (count + i) * 8);
      }
      this.#kept.set(bytes.toString('hex', at, at + 32), {
        ticks: bytes.readDoubleLE(at + 32),
        wallMs: bytes.readDoubleLE(at + 40),
        values,
        wallTimesMs,
      });
      at = from + count * 16;
    }
    return at === bytes.length;
  }
}

function countersOf(holder: BaselineHolder): readonly CompiledGroup[] {
  return holder.polls.map(({ poll }) => poll.group).filter((group) => group.hasCounters);
}
