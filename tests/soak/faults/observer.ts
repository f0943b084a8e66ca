import { memoryMb } from '../../../bench/processes.ts';
import type { Demo, StatusAnswer } from '../../support/demo.ts';

export interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<string, 'ok' | 'failing'>>;
  readonly since?: Readonly<Record<string, string>>;
  readonly reasons?: Readonly<Record<string, string>>;
  readonly notes: {
    readonly database: { readonly waitingEntries: number; readonly lostEntries: number };
    readonly metrics: {
      readonly waitingRows: number;
      readonly lostRows: number;
      readonly refusedRows: number;
    };
  };
}

const everyMs = 2_000;
const saidEveryMs = 15_000;

/** Looks at a controller from outside while something is broken, and keeps the worst that it saw. */
export class Observer {
  readonly #demo: Demo;
  readonly #say: (text: string) => void;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();
  #said = 0;
  readonly worst = { down: 0, unreachable: 0, unknown: 0, memoryMb: 0, waitingRows: 0, silentMs: 0 };
  #answeredAt = performance.now();
  last: StatusAnswer | null = null;

  constructor(demo: Demo, say: (text: string) => void) {
    this.#demo = demo;
    this.#say = say;
  }

  start(): void {
    this.#answeredAt = performance.now();
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, everyMs);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#looking;
  }

  async readiness(): Promise<Readiness> {
    const answer = await fetch(`${this.#demo.url}/readyz`, { signal: AbortSignal.timeout(10_000) });
    return (await answer.json()) as Readiness;
  }

  async #look(): Promise<void> {
    const { worst } = this;
    const memory = memoryMb([this.#demo.pid]);
    worst.memoryMb = Math.max(worst.memoryMb, memory);
    let ready: Readiness;
    try {
      ready = await this.readiness();
    } catch {
      worst.silentMs = Math.max(worst.silentMs, performance.now() - this.#answeredAt);
      return;
    }
    this.#answeredAt = performance.now();
    const { waitingRows } = ready.notes.metrics;
    worst.waitingRows = Math.max(worst.waitingRows, waitingRows);
    // Who asks is looked up in the database: without it there is no answer, and the live stream goes on.
    const status = ready.checks['database'] === 'ok' ? await this.#demo.status().catch(() => null) : null;
    for (const counts of status === null ? [] : [status.devices, status.sites]) {
      worst.down = Math.max(worst.down, counts.down);
      worst.unreachable = Math.max(worst.unreachable, counts.unreachable);
      worst.unknown = Math.max(worst.unknown, counts.unknown);
    }
    this.last = status ?? this.last;
    if (performance.now() - this.#said < saidEveryMs) return;
    this.#said = performance.now();
    const failing = Object.entries(ready.since ?? {}).map(([part, since]) => `${part} since ${since.slice(11, 19)}`);
    this.#say(
      `${new Date().toISOString().slice(11, 19)} ${memory} MB, ${waitingRows} rows wait, ` +
        `${ready.notes.database.waitingEntries} entries wait, ` +
        `devices ${JSON.stringify(status?.devices ?? null)}, failing: ${failing.join(', ') || 'nothing'}`,
    );
  }
}
