import type { DeviceId } from '../domain/ids.ts';
import { seriesOf, type Series } from '../domain/point.ts';
import type { ProbeSummary } from '../domain/probe-summary.ts';
import { RoundTrip } from '../domain/round-trip.ts';

export interface TerminalTiming {
  /** Between two signs of life that are asked for. */
  readonly probeEveryMs: number;
  /** Between two full statuses that are asked for. */
  readonly statusEveryMs: number;
  readonly timeoutMinMs: number;
  readonly timeoutMaxMs: number;
  /** After the first miss. */
  readonly reprobeEveryMs: number;
  readonly reprobes: number;
  /** After its connection broke it has so long to connect again before its silence counts. */
  readonly reconnectMs: number;
}

export const terminalTiming: TerminalTiming = {
  probeEveryMs: 5_000,
  statusEveryMs: 60_000,
  timeoutMinMs: 1_000,
  timeoutMaxMs: 3_000,
  reprobeEveryMs: 600,
  reprobes: 12,
  reconnectMs: 15_000,
};

export type Operation = 'ping' | 'status';

interface Asked {
  readonly atMs: number;
  readonly untilMs: number;
  /** It was told as missed already; an answer is proof of life all the same. */
  missed: boolean;
}

/** Its first questions have had their answers by then. */
const firstSummaryMs = 8_000;
/** While there is nothing to sum up, it is looked again so often. */
const againMs = 1_000;
const summaryMs = 60_000;
const nothing = { ended: 0, answered: 0, rttSumMs: 0, rttMaxMs: 0, rtts: 0 };

/** Requests whose late answers are still known. */
const remembered = 32;

/**
 * One terminal and when to ask it what. Knows no clock and no broker: it is told the time (`ListeningTime`) and says what is
 * due. The first miss starts re-probes a little more than half a second apart, which do not wait for each other; they
 * end with any sign of life, or when their number is used up and only the regular probes go on.
 */
export class PolledTerminal {
  readonly deviceId: DeviceId;
  readonly serial: string;
  readonly probeSeries: Series;
  readonly statusSeries: Series;
  readonly minuteSeries: Series;
  readonly roundTrip: RoundTrip;
  readonly #timing: TerminalTiming;
  readonly #asked = new Map<string, Asked>();
  #nextProbeMs: number;
  #nextStatusMs: number;
  #nextReprobeMs = Infinity;
  #reprobesLeft = 0;
  #lastChaseMs = -Infinity;
  #connectingUntilMs = -Infinity;
  #heard = false;
  /** It missed, and gave no sign of life since. */
  #suspect = false;
  #minute = { ...nothing };
  #summaryDueMs: number | null = null;
  /** Model and firmware as last told. */
  facts = '';

  /** `phase` from 0 to 1: where in the intervals it stands, so that a thousand terminals are asked one after the other. */
  constructor(options: {
    readonly deviceId: DeviceId;
    readonly serial: string;
    readonly timing: TerminalTiming;
    readonly phase: number;
    readonly nowMs: number;
  }) {
    const { deviceId, timing } = options;
    this.deviceId = deviceId;
    this.serial = options.serial;
    this.#timing = timing;
    // Nothing is known at first, and MQTT over a satellite takes its time: as long as at all.
    this.roundTrip = new RoundTrip({
      minMs: timing.timeoutMinMs,
      maxMs: timing.timeoutMaxMs,
      firstMs: timing.timeoutMaxMs,
    });
    this.probeSeries = seriesOf('probe', { device: deviceId });
    this.statusSeries = seriesOf('terminal', { device: deviceId });
    this.minuteSeries = seriesOf('reachability', { device: deviceId });
    this.#nextProbeMs = options.nowMs + options.phase * timing.probeEveryMs;
    // The first question is for the whole status; then it comes at its own pace.
    this.#nextStatusMs = this.#nextProbeMs;
  }

  /** It has given a sign of life since the channel came up. */
  get heard(): boolean {
    return this.#heard;
  }

  /** What to ask now, if anything. */
  due(nowMs: number): Operation | null {
    if (nowMs >= this.#nextProbeMs) {
      // After a pause of the program the missed ones are left out, never made up for.
      while (this.#nextProbeMs <= nowMs) this.#nextProbeMs += this.#timing.probeEveryMs;
      if (nowMs < this.#nextStatusMs) return 'ping';
      this.#nextStatusMs = nowMs + this.#timing.statusEveryMs - this.#timing.probeEveryMs / 2;
      return 'status';
    }
    if (nowMs >= this.#nextReprobeMs) {
      this.#reprobesLeft--;
      this.#nextReprobeMs = this.#reprobesLeft > 0 ? nowMs + this.#timing.reprobeEveryMs : Infinity;
      return 'ping';
    }
    return null;
  }

  asked(id: string, nowMs: number): void {
    this.#asked.set(id, { atMs: nowMs, untilMs: nowMs + this.roundTrip.timeoutMs, missed: false });
    for (const [oldest, { missed }] of this.#asked) {
      if (this.#asked.size <= remembered || !missed) break;
      this.#asked.delete(oldest);
    }
  }

  /** How many requests have run out since the last call. */
  misses(nowMs: number): number {
    let misses = 0;
    for (const [id, asked] of this.#asked) {
      if (asked.missed || nowMs < asked.untilMs) continue;
      if (asked.atMs < this.#connectingUntilMs) {
        this.#asked.delete(id); // without a connection it reached nobody
        continue;
      }
      asked.missed = true;
      misses++;
      this.#minute.ended++;
      // Until a sign of life there is no second series: the regular probes are enough.
      if (!this.#suspect) this.#startReprobes(nowMs);
    }
    return misses;
  }

  #startReprobes(nowMs: number): void {
    this.#reprobesLeft = this.#timing.reprobes;
    this.#nextReprobeMs = nowMs;
    this.#suspect = true;
  }

  /** Somebody wants to know now. At most twice a second; a terminal that is silent is asked several times. */
  chase(nowMs: number): void {
    if (nowMs - this.#lastChaseMs < 500) return;
    this.#lastChaseMs = nowMs;
    this.#nextReprobeMs = nowMs;
    this.#reprobesLeft = Math.max(this.#reprobesLeft, this.#suspect ? 4 : 1);
  }

  /**
   * Its connection broke, or its broker says so (last will). That alone is no silence: who is told of it lives, or lived
   * until then, and connects again. A terminal that was silent already gets no such time.
   */
  disconnected(nowMs: number): void {
    if (!this.#suspect && this.#heard) this.#connectingUntilMs = nowMs + this.#timing.reconnectMs;
    this.chase(nowMs);
  }

  /** The round trip of an answer in milliseconds; null for an id that was not asked, or too long ago. */
  answered(id: string, nowMs: number): number | null {
    const asked = this.#asked.get(id);
    if (asked === undefined) return null;
    const rttMs = nowMs - asked.atMs;
    this.roundTrip.sample(rttMs);
    this.#minute.answered++;
    if (!asked.missed) this.#minute.ended++;
    this.#minute.rttSumMs += rttMs;
    this.#minute.rtts++;
    this.#minute.rttMaxMs = Math.max(this.#minute.rttMaxMs, rttMs);
    this.#asked.delete(id);
    this.alive();
    return rttMs;
  }

  /** A sign of life, asked for or not: what is still on its way counts no more. */
  alive(): void {
    // It may have been connecting until now: what it was asked then reached nobody.
    if (this.#suspect || !this.#heard || this.#connectingUntilMs > -Infinity) {
      for (const [id, asked] of this.#asked) if (!asked.missed) this.#asked.delete(id);
    }
    this.#heard = true;
    this.#suspect = false;
    this.#connectingUntilMs = -Infinity;
    this.#reprobesLeft = 0;
    this.#nextReprobeMs = Infinity;
  }

  /** The channel went: nothing that was asked will be answered, and nobody is to blame. */
  forget(): void {
    this.#asked.clear();
    this.#heard = false;
    this.#suspect = false;
    this.#connectingUntilMs = -Infinity;
    this.#reprobesLeft = 0;
    this.#nextReprobeMs = Infinity;
    this.#minute = { ...nothing };
  }

  /**
   * The summary of the minute that has ended; null while none has, or when nothing was asked in it. The first comes soon:
   * the minute before it ended when the program did. `steadyMs` runs on while the program is starved: of monotonic time.
   */
  summary(steadyMs: number): ProbeSummary | null {
    this.#summaryDueMs ??= steadyMs + firstSummaryMs;
    if (steadyMs < this.#summaryDueMs) return null;
    const { ended, answered, rttSumMs, rttMaxMs, rtts } = this.#minute;
    this.#summaryDueMs = steadyMs + (ended === 0 ? againMs : summaryMs);
    if (ended === 0) return null;
    this.#minute = { ...nothing };
    return {
      // A late answer may come in the minute after its miss.
      lossPercent: Math.max(0, 100 * (1 - answered / ended)),
      rttMs: rtts === 0 ? NaN : rttSumMs / rtts,
      rttMaxMs: rtts === 0 ? NaN : rttMaxMs,
    };
  }
}
