import type { PlanGroup, Slot } from '../domain/plan.ts';
import { measurements, type Measurement, type Series } from '../domain/point.ts';
import { varbindBytes } from './packing.ts';
import { ReadingTimes } from './reading-times.ts';
import { Shared } from './shared.ts';
import { encodeOid, oidBefore } from './snmp/ber.ts';

export const Kind = { gauge: 0, timeticks: 1, until: 2, counter32: 3, counter64: 4 } as const;

const sharedMeanings = new Shared<readonly Meaning[]>();
const sharedMeaningOf = new Shared<Uint16Array>();
const sharedOutputs = new Shared<Int32Array>();
const sharedAnswerBytes = new Shared<Uint16Array>();

/** Of a group that needs no raw values, and one for all such. */
const nothing = new Float64Array(0);

/** What a raw number means: see `Slot`. */
export interface Meaning {
  readonly kind: number;
  readonly scale: number;
  readonly ceiling: number;
}

/** The rows of one measurement within a group's output. */
export interface OutputTable {
  readonly measurement: Measurement;
  readonly series: readonly Series[];
  readonly width: number;
  /** The table is `output[from, to)`. */
  readonly from: number;
  readonly to: number;
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
  /** Last reading of each counter, NaN before the first, and when that was. */
  readonly baseValues: Float64Array;
  readonly baseTimes: ReadingTimes;
  /** Raw values of the poll under way, where ratios and means need them. */
  readonly raw: Float64Array;
  /** 1 for slots that the device said it does not have: not asked again under this plan. */
  readonly absent: Uint8Array;
  /** How often a slot was answered with an error. */
  readonly strikes: Uint8Array;
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
    const { tables, startOf, length } = tablesOf(plan.series);
    this.tables = tables;
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
    this.baseValues = new Float64Array(this.count).fill(Number.NaN);
    this.baseTimes = new ReadingTimes(this.count);
    this.raw = this.ratios.length + this.means.length === 0 ? nothing : new Float64Array(this.count);
    this.absent = new Uint8Array(this.count);
    this.strikes = new Uint8Array(this.count);
  }

  /** Slots to ask for: those that the device has. */
  present(): readonly number[] {
    const slots: number[] = [];
    for (let i = 0; i < this.count; i += 1) if (this.absent[i] === 0) slots.push(i);
    return slots;
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
    this.baseValues.fill(Number.NaN);
  }

  /** Takes over what is known of the same variables for the same series from the group of an earlier plan. */
  inherit(earlier: CompiledGroup): void {
    const places = new Map(earlier.#slots.map((slot, i) => [slotKey(earlier.plan, slot), i]));
    for (const [i, slot] of this.#slots.entries()) {
      const place = places.get(slotKey(this.plan, slot));
      if (place === undefined) continue;
      this.baseValues[i] = earlier.baseValues[place] ?? Number.NaN;
      this.baseTimes.set(i, earlier.baseTimes.at(place));
    }
  }
}

function slotKey(group: PlanGroup, slot: Slot): string {
  return `${slot.oid} ${slot.kind} ${slot.field} ${group.series[slot.row]?.key ?? ''}`;
}

/** One table per measurement; `startOf[row]` is where the row's first field lies in the output. */
function tablesOf(series: readonly Series[]): {
  readonly tables: readonly OutputTable[];
  readonly startOf: readonly number[];
  readonly length: number;
} {
  const tables: OutputTable[] = [];
  const startOf: number[] = [];
  let at = 0;
  for (const [measurement, rows] of Map.groupBy(series.keys(), (row) => series[row]?.measurement)) {
    if (measurement === undefined) continue;
    const width = measurements[measurement].fields.length;
    const members: Series[] = [];
    const from = at;
    for (const row of rows) {
      const one = series[row];
      if (one === undefined) continue;
      members.push(one);
      startOf[row] = at;
      at += width;
    }
    tables.push({ measurement, series: members, width, from, to: at });
  }
  return { tables, startOf, length: at };
}
