import type { PlanGroup, Slot } from '../domain/plan.ts';
import { measurements, type Measurement, type Series } from '../domain/point.ts';
import { baselineSlab } from './double-slab.ts';
import { varbindBytes } from './packing.ts';
import { Shared } from './shared.ts';
import { encodeOid, oidBefore } from './snmp/ber.ts';
import { cacheLineBytes } from './timer-wheel.ts';

export const Kind = { gauge: 0, timeticks: 1, until: 2, counter32: 3, counter64: 4 } as const;

const sharedMeanings = new Shared<readonly Meaning[]>();
const sharedMeaningOf = new Shared<Uint16Array>();
const sharedOutputs = new Shared<Int32Array>();
const sharedTables = new Shared<readonly OutputTable[]>();
const sharedAnswerBytes = new Shared<Uint16Array>();

const numbersInLine = cacheLineBytes / Float64Array.BYTES_PER_ELEMENT;

/** Of a group that needs no raw values, and one for all such. */
const nothing = new Float64Array(0);

/** What a raw number means: see `Slot`. */
export interface Meaning {
  readonly kind: number;
  readonly scale: number;
  readonly ceiling: number;
}

/** The rows of one measurement within a group's output: the same for all devices that are read alike. */
export interface OutputTable {
  readonly measurement: Measurement;
  readonly width: number;
  readonly rows: number;
  /** Where it begins in the output, and its rows among all of the group. */
  readonly from: number;
  readonly firstRow: number;
}

interface Ratio {
  readonly slot: number;
  readonly other: number;
  readonly ofSum: boolean;
  /** What is missing from 100. */
  readonly complement: boolean;
  /** Slots that are taken off first. */
  readonly minus: readonly number[];
}

/**
 * A group of a plan as the poll path needs it: columns by slot, so that taking in an answer is arithmetic on typed
 * arrays. The baselines of its counters live here, as long as the plan does.
 */
export class CompiledGroup {
  readonly plan: PlanGroup;
  readonly count: number;
  /** Which of `meanings` each slot has: a few for hundreds of slots, so that a poll reads little memory. */
  readonly meaningOf: Uint16Array;
  readonly meanings: readonly Meaning[];
  /** Where a slot's value goes in the output; -1 for what only serves a ratio. */
  readonly outputs: Int32Array;
  readonly tables: readonly OutputTable[];
  readonly outputLength: number;
  readonly hasCounters: boolean;
  /** Slots that are shares of another, with that other. */
  readonly ratios: readonly Ratio[];
  /** Slots whose value is the mean over more slots. */
  readonly means: readonly { readonly slot: number; readonly others: readonly number[] }[];
  /**
   * Last reading of each counter, NaN before the first; behind them when all were read at once, and when the latest was,
   * on the device's axis in milliseconds. Here, since a poll reads what lies here anyway.
   */
  readonly baselines: Float64Array;
  /** Raw values of the poll under way, where ratios and means need them. */
  readonly raw: Float64Array;
  /** Slots that the device said it does not have; null while it has all, as most devices do. */
  #absent: Set<number> | null = null;
  /** How often a slot was answered with an error; null while none was. */
  #strikes: Map<number, number> | null = null;
  /** When each counter was read last, where they were not all read at once. */
  #times: Float64Array | null = null;
  /** By table, by row. */
  readonly #series: readonly Series[];
  readonly #slots: readonly Slot[];
  readonly #answerBytes: Uint16Array;

  constructor(plan: PlanGroup) {
    const { slots } = plan;
    this.plan = plan;
    this.#slots = slots;
    this.count = slots.length;
    const answerBytes = Uint16Array.from(slots, (slot) => varbindBytes(encodeOid(slot.oid), slot.kind));
    this.#answerBytes = sharedAnswerBytes.get(answerBytes.join(' '), () => answerBytes);
    const meanings = new Map<string, { readonly index: number; readonly meaning: Meaning }>();
    const meaningOf = Uint16Array.from(slots, ({ kind, scale, ceiling }) => {
      const key = `${kind} ${scale} ${ceiling}`;
      const known = meanings.get(key);
      if (known !== undefined) return known.index;
      const index = meanings.size;
      meanings.set(key, { index, meaning: { kind: Kind[kind], scale, ceiling } });
      return index;
    });
    this.meaningOf = sharedMeaningOf.get(meaningOf.join(' '), () => meaningOf);
    this.meanings = sharedMeanings.get([...meanings.keys()].join(), () =>
      [...meanings.values()].map((one) => one.meaning),
    );
    this.hasCounters = this.meanings.some(({ kind }) => kind >= Kind.counter32);
    const { tables, series, startOf, length } = tablesOf(plan.series);
    this.tables = sharedTables.get(JSON.stringify(tables), () => tables);
    this.#series = series;
    this.outputLength = length;
    const outputs = Int32Array.from(slots, (slot) =>
      slot.silent === true ? -1 : (startOf[slot.row] ?? -1) + slot.field,
    );
    this.outputs = sharedOutputs.get(outputs.join(' '), () => outputs);
    this.ratios = slots.flatMap((slot, i) => {
      const other = slot.ratioOf ?? slot.ratioWith;
      if (other === undefined) return [];
      const { ratioMinus: minus = [], complement = false } = slot;
      return [{ slot: i, other, ofSum: slot.ratioOf === undefined, complement, minus }];
    });
    this.means = slots.flatMap(({ meanWith }, i) => (meanWith === undefined ? [] : [{ slot: i, others: meanWith }]));
    this.baselines = baselineSlab.take(this.count + 2).fill(Number.NaN, 0, this.count);
    this.raw = this.ratios.length + this.means.length === 0 ? nothing : new Float64Array(this.count);
  }

  /** Whose rows a table of the output has. */
  seriesOf({ firstRow, rows }: OutputTable): readonly Series[] {
    return this.tables.length === 1 ? this.#series : this.#series.slice(firstRow, firstRow + rows);
  }

  /** See `WheelTimer.prefetch`. */
  prefetch(steps: number): number {
    const { baselines } = this;
    if (steps === 0) return this.count + this.outputLength + (this.#times === null ? 0 : 1);
    if (steps === 1) return this.#series.length + baselines.length;
    let read = 0;
    for (let i = 0; i < baselines.length; i += numbersInLine) read += baselines[i] ?? 0;
    return read;
  }

  /** Slots to ask for: those that the device has. */
  present(): readonly number[] {
    const slots = Array.from({ length: this.count }, (_, slot) => slot);
    return this.#absent === null ? slots : slots.filter((slot) => this.#absent?.has(slot) !== true);
  }

  get absentCount(): number {
    return this.#absent?.size ?? 0;
  }

  /** The device does not have it: it is not asked for again under this plan. */
  leaveOut(slot: number): void {
    this.#absent ??= new Set();
    this.#absent.add(slot);
  }

  /** A slot was answered with an error; gives how often by now. */
  strike(slot: number): number {
    this.#strikes ??= new Map();
    const strikes = (this.#strikes.get(slot) ?? 0) + 1;
    this.#strikes.set(slot, strikes);
    return strikes;
  }

  /** What a slot's variable takes in an answer at most. */
  answerBytes(slot: number): number {
    return this.#answerBytes[slot] ?? 0;
  }

  /** Encoded when a packet is made and not kept: the packet has it. */
  oid(slot: number): Buffer {
    return encodeOid(this.#slots[slot]?.oid ?? '');
  }

  oidText(slot: number): string {
    return this.#slots[slot]?.oid ?? '';
  }

  /** What a GETNEXT is asked with for a slot's variable. */
  oidBefore(slot: number): Buffer {
    return encodeOid(oidBefore(this.#slots[slot]?.oid ?? ''));
  }

  /** The device restarted, or its counters jumped: nothing before may be compared with what comes. */
  forgetBaselines(): void {
    this.baselines.fill(Number.NaN, 0, this.count);
  }

  /** When a counter was read last; 0 before the first time. */
  readMs(slot: number): number {
    return (this.#times === null ? this.baselines[this.count] : this.#times[slot]) ?? 0;
  }

  /** When all counters were read, where that was at once; else null. */
  get commonMs(): number | null {
    return this.#times === null ? (this.baselines[this.count] ?? 0) : null;
  }

  /** When any counter was read last. */
  get latestMs(): number {
    return this.baselines[this.count + 1] ?? 0;
  }

  wasRead(slot: number, ms: number): void {
    this.#times ??= new Float64Array(this.count).fill(this.baselines[this.count] ?? 0);
    this.#times[slot] = ms;
    this.baselines[this.count + 1] = Math.max(this.latestMs, ms);
  }

  /** All counters were read at once. */
  allWereRead(ms: number): void {
    this.#times = null;
    this.baselines[this.count] = ms;
    this.baselines[this.count + 1] = ms;
  }

  /** Takes over what is known of the same variables for the same series from the group of an earlier plan. */
  inherit(earlier: CompiledGroup): void {
    const places = new Map(earlier.#slots.map((slot, i) => [slotKey(earlier.plan, slot), i]));
    for (const [i, slot] of this.#slots.entries()) {
      const place = places.get(slotKey(this.plan, slot));
      if (place === undefined) continue;
      this.baselines[i] = earlier.baselines[place] ?? Number.NaN;
      this.wasRead(i, earlier.readMs(place));
    }
  }
}

function slotKey(group: PlanGroup, slot: Slot): string {
  return `${slot.oid} ${slot.kind} ${slot.field} ${group.series[slot.row]?.key ?? ''}`;
}

/**
 * One table per measurement, its series one after the other; `startOf[row]` is where the row's first field lies in the
 * output.
 */
function tablesOf(series: readonly Series[]): {
  readonly tables: readonly OutputTable[];
  readonly series: readonly Series[];
  readonly startOf: readonly number[];
  readonly length: number;
} {
  const tables: OutputTable[] = [];
  const byTable: Series[] = [];
  const startOf: number[] = [];
  let at = 0;
  for (const [measurement, rows] of Map.groupBy(series.keys(), (row) => series[row]?.measurement)) {
    if (measurement === undefined) continue;
    const width = measurements[measurement].fields.length;
    const from = at;
    const firstRow = byTable.length;
    for (const row of rows) {
      const one = series[row];
      if (one === undefined) continue;
      byTable.push(one);
      startOf[row] = at;
      at += width;
    }
    tables.push({ measurement, width, rows: byTable.length - firstRow, from, firstRow });
  }
  return { tables, series: byTable, startOf, length: at };
}
