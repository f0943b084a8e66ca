import type { Entry, Menu } from './menu.ts';
import { readTime } from './values.ts';

/** The zone that simulated devices stand in: WITA, UTC+8, without summer time. */
export const zoneS = 8 * 3_600;
/** `start-time=startup` runs so long after a start (help.mikrotik.com, "Scheduler"). */
const startupS = 3;

export interface SchedulerHost {
  /** Seconds since 1970 UTC. */
  clockS(): number;
  bootedS(): number;
  isOn(): boolean;
  /** Calls after so many seconds; gives the way to stop. */
  after(seconds: number, run: () => void): () => void;
}

/** Runs what /system/scheduler says, when it says it. A device that is off runs nothing, and makes up for nothing. */
export class Scheduler {
  readonly #menu: Menu;
  readonly #host: SchedulerHost;
  readonly #fire: (name: string, source: string) => void;
  #stop: () => void = () => undefined;
  #lookedS: number;
  /** Since when each entry is known, by its id: what would have been due before does not run. */
  #since = new Map<number, number>();

  constructor(options: {
    readonly menu: Menu;
    readonly host: SchedulerHost;
    readonly fire: (name: string, source: string) => void;
  }) {
    this.#menu = options.menu;
    this.#host = options.host;
    this.#fire = options.fire;
    this.#lookedS = options.host.clockS();
  }

  /** Entries or the clock may have changed: finds what is due next. */
  renew(): void {
    this.#stop();
    this.#stop = () => undefined;
    if (!this.#host.isOn()) return;
    const nowS = this.#host.clockS();
    this.#since = new Map(this.#menu.entries.map(({ id }) => [id, this.#since.get(id) ?? nowS]));
    const due = Math.min(...this.#menu.entries.map((entry) => this.#nextS(entry, this.#lookedS)));
    if (Number.isFinite(due)) this.#stop = this.#host.after(Math.max(0, due - nowS), () => this.#run());
  }

  stop(): void {
    this.#stop();
  }

  /** The device has started: what was due while it was off is past. */
  booted(): void {
    this.#lookedS = this.#host.clockS();
    this.#since.clear();
    this.renew();
  }

  #run(): void {
    const fromS = this.#lookedS;
    this.#lookedS = this.#host.clockS();
    // What an event adds or removes makes a new list; this one is as it was.
    const { entries } = this.#menu;
    for (const entry of entries) {
      if (this.#nextS(entry, fromS) > this.#lookedS) continue;
      entry.values.set('run-count', String(Number(entry.values.get('run-count') ?? '0') + 1));
      this.#fire(entry.values.get('name') ?? '', entry.values.get('on-event') ?? '');
      if (!this.#host.isOn()) return;
    }
    this.renew();
  }

  /** When an entry is due after a moment; infinite when never. */
  #nextS(entry: Entry, lookedS: number): number {
    const afterS = Math.max(lookedS, this.#since.get(entry.id) ?? lookedS);
    if (this.#menu.value(entry, 'disabled') === 'true') return Number.POSITIVE_INFINITY;
    const everyS = readTime(this.#menu.value(entry, 'interval') ?? '0s') ?? 0;
    const startS = this.#startS(entry);
    if (startS > afterS) return startS;
    if (everyS === 0) return Number.POSITIVE_INFINITY;
    return startS + Math.floor((afterS - startS) / everyS + 1) * everyS;
  }

  #startS(entry: Entry): number {
    const time = this.#menu.value(entry, 'start-time') ?? 'startup';
    if (time === 'startup') return this.#host.bootedS() + startupS;
    const date = this.#menu.value(entry, 'start-date');
    const today = new Date((this.#host.clockS() + zoneS) * 1_000).toISOString().slice(0, 10);
    const midnightS = Date.parse(`${date ?? today}T00:00:00Z`) / 1_000 - zoneS;
    return midnightS + (readTime(time) ?? 0);
  }
}
