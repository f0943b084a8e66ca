import type { Logger } from 'pino';
import type { Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ProgramRollout, ProgramRunState } from '../../domain/program-run.ts';
import type { Said } from '../../domain/rollout.ts';
import { saidOf } from '../rollouts/said.ts';
import type { TextCleaner } from './program-text.ts';
import { changedDuringPreview, changedSincePreview, diedAlone, failureOf, notLoaded, stillEnding } from './reasons.ts';
import { RunEntries } from './run-entries.ts';
import type { ProgramRun, RunChange, RunStore } from './run-store.ts';
import type { FromRunner } from './runner/messages.ts';
import type { RunnerOptions, RunnerProcess } from './runner/runner-process.ts';

/** What a run must find the program to be, or it does nothing: what the preview was made of. */
export interface Expected {
  readonly programHash: string;
  /** Number of the preview. */
  readonly preview: number;
}

export interface ActiveRunOptions {
  readonly run: ProgramRun;
  readonly askedBy: Access;
  /** Of the token that it speaks to our API with. */
  readonly tokenId: string;
  readonly expected: Expected | null;
  readonly store: RunStore;
  readonly clean: TextCleaner;
  /** What the program is just now. */
  readonly hash: () => Promise<string>;
  readonly start: (told: Pick<RunnerOptions, 'heard' | 'ended'>) => RunnerProcess;
  /** It is over, and kept: before others may begin. */
  readonly over: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const flushEveryMs = 300;
/** Before that a second wish to end it is refused: it is ending. */
export const killAfterMs = 10_000;

/** One run while it goes on: hears what its process tells, keeps it, and says how it ended. */
export class ActiveRun {
  readonly #options: ActiveRunOptions;
  readonly #entries: RunEntries;
  readonly #waves: ProgramRollout[] = [];
  readonly #rollouts = new Set<number>();
  readonly #ended: Promise<void>;
  #process: RunnerProcess;
  #writes: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #hash: string | null = null;
  #outcome: 'done' | Said | null = null;
  #isDead = false;
  #cancelledAt: number | null = null;
  #cancelReason: Said | null = null;
  #isKilled = false;

  constructor(options: ActiveRunOptions) {
    this.#options = options;
    this.#entries = new RunEntries({ isPreview: options.run.operation === 'preview', clean: options.clean });
    let end = (): void => undefined;
    this.#ended = new Promise((resolve) => (end = resolve));
    this.#process = options.start({
      heard: (message) => this.#heard(message),
      ended: (written) => void this.#finish(written).finally(end),
    });
    this.#write({ pid: this.#process.pid });
  }

  get run(): ProgramRun {
    return this.#options.run;
  }

  get askedBy(): Access {
    return this.#options.askedBy;
  }

  get tokenId(): string {
    return this.#options.tokenId;
  }

  /** Resolves when it is over and kept. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** From when on it can be killed; null while nobody has told it to end. */
  get killableAt(): number | null {
    return this.#cancelledAt === null ? null : this.#cancelledAt + killAfterMs;
  }

  /** A Rollout of it has asked in which waves it would go. */
  previewed(waves: ProgramRollout): void {
    this.#waves.push(waves);
    this.#write({ waves: [...this.#waves] });
  }

  /** It has started a rollout, or joined one. */
  started(rollout: number): void {
    this.#rollouts.add(rollout);
    this.#write({ rollouts: [...this.#rollouts] });
  }

  /**
   * Ends it as Ctrl-C does; a second time, some seconds later, at once. Resolves when that it was told is kept. Throws
   * `program.ending`.
   */
  async cancel(reason: Said | null = null): Promise<void> {
    const now = this.#options.clock.now();
    if (this.#cancelledAt === null) {
      this.#cancelledAt = now;
      this.#cancelReason = reason;
      this.#write({ state: 'cancelling' });
      this.#process.interrupt();
    } else {
      const leftMs = this.#cancelledAt + killAfterMs - now;
      if (leftMs > 0) throw stillEnding(this.run.number, Math.ceil(leftMs / 1000));
      this.kill();
    }
    await this.#writes;
  }

  kill(): void {
    this.#isKilled = true;
    this.#process.kill();
  }

  #heard(message: FromRunner): void {
    switch (message.heard) {
      case 'selected':
        this.#writes = this.#writes.then(() => this.#selected(message.version));
        break;
      case 'event':
        this.#entries.take(message.event);
        this.#timer ??= setTimeout(() => this.#flush(), flushEveryMs);
        break;
      case 'done':
        this.#outcome = 'done';
        break;
      case 'not-loaded':
        this.#outcome ??= notLoaded({ ...message, reason: this.#options.clean(message.reason, 600) });
        break;
      case 'failed':
        this.#outcome ??= failureOf(message, { stack: this.run.stack, clean: this.#options.clean });
        break;
    }
  }

  /** The stack is there: what it is of now is what it will be run as. */
  async #selected(cliVersion: string): Promise<void> {
    const { hash, expected, store } = this.#options;
    try {
      // The interrupt found nothing yet that it could end.
      if (this.#cancelledAt !== null) return this.#process.kill();
      this.#hash = await hash();
      if (expected !== null && expected.programHash !== this.#hash) throw changedSincePreview(expected.preview);
      await store.lockBroken(this.run.stack);
      await store.write(this.run.id, { programHash: this.#hash, cliVersion });
      this.#process.go();
    } catch (error) {
      this.#outcome = this.#saidAndLogged(error);
      this.#process.kill();
    }
  }

  #flush(): void {
    this.#timer = null;
    const [entries, counts, leftOut] = [this.#entries.takeChanged(), this.#entries.counts, this.#entries.left];
    this.#writes = this.#writes.then(() => this.#kept({ counts, leftOut }, entries));
  }

  #write(change: RunChange): void {
    this.#writes = this.#writes.then(() => this.#kept(change));
  }

  /** What cannot be kept just now is lost, and the run goes on: what it does matters more than what is told of it. */
  async #kept(change: RunChange, entries: Parameters<RunStore['write']>[2] = []): Promise<void> {
    try {
      await this.#options.store.write(this.run.id, change, entries);
    } catch (error) {
      this.#options.logger.error({ error, run: this.run.number }, 'what a run of a program told could not be kept');
    }
  }

  async #finish(written: string): Promise<void> {
    if (this.#isDead) return;
    this.#isDead = true;
    const { store, run, over, clean, clock, logger } = this.#options;
    // What else of it may be there goes, too: a program that starts others and does not end them.
    this.#process.kill();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flush();
    await this.#writes;
    const ending = await this.#ending();
    if (this.#outcome === null && !this.#isKilled) {
      logger.warn({ run: run.number, written: clean(written, 2_000) }, 'the process of a program ended without a word');
    }
    const end = { ...ending, tokenId: null, pid: null, endedAt: clock.now() };
    // Until that is kept nobody else may begin, so it is tried again; at last the next start finds it open.
    for (let pauseMs = 500; pauseMs < 60_000; pauseMs *= 2) {
      try {
        await store.write(run.id, end);
        break;
      } catch (error) {
        logger.error({ error, run: run.number }, 'the end of a run of a program could not be kept');
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    await over().catch((error: unknown) => logger.error(error, 'the token of a run could not be revoked'));
  }

  async #ending(): Promise<RunChange & { readonly state: ProgramRunState }> {
    const holdsLock = this.#isKilled || (this.#outcome === null && this.#hash !== null);
    if (this.#outcome === 'done') {
      const { run, hash } = this.#options;
      if (run.operation !== 'preview') return { state: 'done', holdsLock: false };
      const now = await hash().catch(() => null);
      if (now === this.#hash) return { state: 'done', holdsLock: false };
      return { state: 'done', holdsLock: false, programHash: null, problem: changedDuringPreview() };
    }
    if (this.#cancelledAt !== null) return { state: 'cancelled', problem: this.#cancelReason, holdsLock };
    return { state: 'failed', problem: this.#outcome ?? diedAlone(), holdsLock };
  }

  #saidAndLogged(error: unknown): Said {
    const said = saidOf(error);
    if (said.code === 'internal') this.#options.logger.error(error, 'a run of a program failed');
    return said;
  }
}
