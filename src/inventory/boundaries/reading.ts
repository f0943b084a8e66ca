import { Worker } from 'node:worker_threads';
import { ArungError, type ErrorDetail, type ErrorKind } from '../../domain/errors.ts';

/** A boundary of a file that is fine as far as the file alone can tell. */
export interface BoundaryText {
  readonly code: string;
  /** From 0, as in the file. */
  readonly feature: number;
  /** JSON of the coordinates of a MultiPolygon: this thread only hands it on. */
  readonly coordinates: string;
  /** A point inside. Degrees. */
  readonly longitude: number;
  readonly latitude: number;
}

/** What went wrong with single features, in the order in which it was found; `told` has the first of them. */
export interface Problems {
  readonly count: number;
  readonly told: readonly ErrorDetail[];
}

/** A problem that only the database knows of: its line is looked up by who has the text. */
export interface LaterProblem {
  readonly feature: number;
  readonly code: 'does-not-exist';
  readonly says: string;
  readonly args: { readonly value: string };
}

export interface ReadingJob {
  readonly text: string;
  readonly property: string | undefined;
}

/** From the thread that reads: some boundaries at a time, then how it ended, then answers about lines. */
export type ReadingMessage =
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'boundaries'; readonly list: readonly BoundaryText[] }
  | { readonly type: 'read'; readonly property: string; readonly problems: Problems }
  | { readonly type: 'problems'; readonly problems: Problems }
  | {
      readonly type: 'refused';
      readonly kind: ErrorKind;
      readonly message: string;
      readonly code: string;
      readonly args: Readonly<Record<string, string | number>>;
    };

/** Largest heap of the thread that reads: what 64 MB of GeoJSON need, with room. */
const heapMb = 2_048;

/**
 * A GeoJSON file that is read in a thread of its own: parsing and checking the largest takes seconds, in which this
 * thread has a network to watch. `close` ends the thread; it must be called.
 */
export class Reading {
  readonly boundaries: BoundaryText[] = [];
  property = '';
  problems: Problems = { count: 0, told: [] };
  readonly #worker: Worker;
  readonly #onProgress: (share: number) => void;

  private constructor(job: ReadingJob, onProgress: (share: number) => void) {
    this.#onProgress = onProgress;
    this.#worker = new Worker(new URL('./reading-thread.ts', import.meta.url), {
      workerData: job,
      name: 'boundaries',
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
  }

  /** Resolves when all is read. Rejects with `invalid` where the file as a whole is none of boundaries. */
  static async of(job: ReadingJob, onProgress: (share: number) => void): Promise<Reading> {
    const reading = new Reading(job, onProgress);
    try {
      await reading.#until('read');
      return reading;
    } catch (error) {
      await reading.close();
      throw error;
    }
  }

  /** Adds problems with their lines. */
  async add(found: readonly LaterProblem[]): Promise<void> {
    if (found.length === 0) return;
    const told = this.#until('problems');
    this.#worker.postMessage(found, []);
    await told;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #until(type: 'read' | 'problems'): Promise<void> {
    return new Promise((resolve, reject) => {
      const heard = (message: ReadingMessage): void => {
        if (message.type === 'progress') this.#onProgress(message.share);
        else if (message.type === 'boundaries') this.boundaries.push(...message.list);
        else if (message.type === 'refused') {
          const { kind, code, args } = message;
          ended(() => reject(new ArungError(kind, message.message, { code, arguments: args })));
        } else {
          this.problems = message.problems;
          if (message.type === 'read') this.property = message.property;
          if (message.type === type) ended(resolve);
        }
      };
      const failed = (error: unknown): void => ended(() => reject(explained(error)));
      const exited = (): void => failed(new Error('the thread that reads boundaries ended'));
      const ended = (settle: () => void): void => {
        this.#worker.off('message', heard).off('error', failed).off('exit', exited);
        settle();
      };
      this.#worker.on('message', heard).on('error', failed).on('exit', exited);
    });
  }
}

function explained(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new ArungError('invalid', 'The file needs more memory than there is for it: import it by parts.', {
    code: 'boundary.too-much',
    cause: error,
  });
}
