import { setImmediate } from 'node:timers/promises';
import { ArungError } from '../../domain/errors.ts';
import type { Peer } from '../peer.ts';
import { compareOids, encodeOid, Tag } from './ber.ts';
import type { BulkRange, RequestType } from './request.ts';
import { ErrorStatus } from './response.ts';
import type { Varbind } from './varbinds.ts';

export interface PduAnswer {
  readonly errorStatus: number;
  readonly errorIndex: number;
  readonly varbinds: readonly Varbind[];
  /** Of all varbinds, as they came. */
  readonly bytes: number;
}

/** Asks one request; rejects with an ArungError when there is no answer (`polling.timeout`) or a refusal. */
export type AskPdu = (type: RequestType, oids: readonly string[], bulk?: BulkRange) => Promise<PduAnswer>;

const firstRepetitions = 20;
/** Before the first answer has shown how long a variable of this device is. */
const firstVarbindBytes = 60;
const leastVarbindBytes = 24;
/** The next variables may be longer than the last. */
const reserve = 1.2;

/** A subtree that is being read. */
class Walk {
  readonly root: string;
  readonly prefix: Buffer;
  readonly maxRows: number;
  readonly rows: Varbind[] = [];
  readonly done: Promise<readonly Varbind[]>;
  end: () => void = () => undefined;
  fail: (reason: unknown) => void = () => undefined;
  #last: Uint8Array;

  constructor(root: string, maxRows: number) {
    this.root = root;
    this.prefix = encodeOid(root);
    this.maxRows = maxRows;
    this.#last = this.prefix;
    this.done = new Promise((resolve, reject) => {
      this.end = () => resolve(this.rows);
      this.fail = reject;
    });
  }

  /** After which the next row is asked for. */
  get after(): string {
    return this.rows.at(-1)?.oid ?? this.root;
  }

  get isFull(): boolean {
    return this.rows.length >= this.maxRows;
  }

  /** Takes the next row; false where the subtree ends, or where OIDs do not grow. */
  take(varbind: Varbind): boolean {
    if (isException(varbind.tag) || !startsWith(varbind.oidBytes, this.prefix)) return false;
    if (compareOids(varbind.oidBytes, this.#last) <= 0) return false;
    this.rows.push(varbind);
    this.#last = varbind.oidBytes;
    return true;
  }
}

/**
 * Reads subtrees of one device. Those that are asked for at the same time share their GETBULKs, one column beside the
 * other: most tables of a profile are not there, and one answer says so of twenty. Where a shared request fails (an agent
 * that hangs in one of the tables, or bears no GETBULK of many), and for SNMPv1, each is read alone.
 */
export class Walks {
  readonly #peer: Peer;
  readonly #ask: AskPdu;
  #together: Walk[] = [];
  #running = false;
  #varbindBytes = firstVarbindBytes;

  constructor(peer: Peer, ask: AskPdu) {
    this.#peer = peer;
    this.#ask = ask;
  }

  /** The rows below `root` in order, at most `maxRows`. */
  read(root: string, maxRows: number): Promise<readonly Varbind[]> {
    const walk = new Walk(root, maxRows);
    const { form, limits } = this.#peer;
    if (maxRows <= 0) walk.end();
    else if (form.version === 'v1' || limits.maxRepetitions !== null) this.#readAlone(walk);
    else {
      this.#together.push(walk);
      void this.#work();
    }
    return walk.done;
  }

  async #work(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#together.length > 0) {
      // Who was told of the end of a table may ask for the next: in the same request.
      await setImmediate();
      await this.#round();
    }
    this.#running = false;
  }

  async #round(): Promise<void> {
    const { size } = this.#peer;
    const most = Math.max(1, Math.min(size.varbinds, Math.floor(size.bytes / this.#varbindBytes)));
    const walks = this.#together.slice(0, most);
    const repetitions = Math.min(firstRepetitions, Math.floor(most / walks.length));
    const oids = walks.map((walk) => walk.after);
    let answer: PduAnswer;
    try {
      answer = await this.#ask(Tag.getBulk, oids, { nonRepeaters: 0, maxRepetitions: repetitions });
    } catch (error) {
      this.#leave(walks);
      for (const walk of walks) {
        if (isTimeout(error)) this.#readAlone(walk);
        else walk.fail(error);
      }
      return;
    }
    const { varbinds } = answer;
    if (answer.errorStatus !== ErrorStatus.noError || varbinds.length === 0) {
      this.#leave(walks);
      for (const walk of walks) this.#readAlone(walk);
      return;
    }
    this.#varbindBytes = Math.max(leastVarbindBytes, (answer.bytes / varbinds.length) * reserve);
    const ended = endedBy(varbinds, walks, repetitions);
    this.#leave(ended);
    for (const walk of ended) walk.end();
  }

  #leave(walks: Iterable<Walk>): void {
    const left = new Set(walks);
    this.#together = this.#together.filter((walk) => !left.has(walk));
  }

  #readAlone(walk: Walk): void {
    this.#alone(walk).then(walk.end, walk.fail);
  }

  /** By GETBULK, and by GETNEXT for v1 or where GETBULK fails. A device whose OIDs do not grow ends the walk. */
  async #alone(walk: Walk): Promise<void> {
    const { limits, form, size } = this.#peer;
    const most = limits.maxRepetitions ?? firstRepetitions;
    let repetitions = form.version === 'v1' ? 0 : Math.min(most, Math.floor(size.bytes / firstVarbindBytes));
    let lowered = false;
    while (!walk.isFull) {
      const type = repetitions === 0 ? Tag.getNext : Tag.getBulk;
      let answer: PduAnswer;
      try {
        answer = await this.#ask(type, [walk.after], { nonRepeaters: 0, maxRepetitions: repetitions });
      } catch (error) {
        if (repetitions === 0 || !isTimeout(error)) throw error;
        // Large answers may be what gets lost: smaller ones, then one at a time.
        repetitions = repetitions > 5 ? 5 : 0;
        lowered = true;
        continue;
      }
      if (answer.errorStatus !== ErrorStatus.noError) {
        if (repetitions === 0) return;
        repetitions = Math.floor(repetitions / 4);
        lowered = true;
        continue;
      }
      if (lowered) limits.bears(repetitions);
      lowered = false;
      if (answer.varbinds.length === 0) return;
      for (const varbind of answer.varbinds) {
        if (walk.isFull || !walk.take(varbind)) return;
      }
    }
  }
}

/**
 * Gives each walk its column of an answer (RFC 3416, section 4.2.3: a row of one variable of each, then the next); returns
 * those that came to their end. In an answer that is cut short, an end is believed in the first row only: an agent
 * that leaves out what has ended shifts the rest, and whoever seems to have ended there is asked again.
 */
function endedBy(varbinds: readonly Varbind[], walks: readonly Walk[], repetitions: number): ReadonlySet<Walk> {
  const whole = varbinds.length === walks.length * repetitions;
  const ended = new Set<Walk>();
  const unsure = new Set<Walk>();
  for (const [index, varbind] of varbinds.entries()) {
    const walk = walks[index % walks.length];
    if (walk === undefined || ended.has(walk) || unsure.has(walk)) continue;
    const isEnd = !walk.take(varbind);
    if (walk.isFull || (isEnd && (whole || index < walks.length))) ended.add(walk);
    else if (isEnd) unsure.add(walk);
  }
  return ended;
}

export function isException(tag: number): boolean {
  return tag === Tag.noSuchObject || tag === Tag.noSuchInstance || tag === Tag.endOfMibView || tag === Tag.null;
}

function isTimeout(error: unknown): boolean {
  return error instanceof ArungError && error.code === 'polling.timeout';
}

function startsWith(oid: Uint8Array, prefix: Uint8Array): boolean {
  if (oid.length <= prefix.length) return false;
  for (let i = 0; i < prefix.length; i += 1) if (oid[i] !== prefix[i]) return false;
  return true;
}
