import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { ArungError } from '../../domain/errors.ts';
import { measurements, type Measurement, type PointBatch, type Series } from '../../domain/point.ts';
import type { LatestPoint, MetricStore, SeriesFilter, SeriesQuery, SeriesResult, StoreStatistics } from '../store.ts';
import type {
  Retention,
  RowBlock,
  WorkerFailure,
  WorkerMessage,
  WorkerOptions,
  WorkerRequest,
  WorkerResults,
  WriteRequest,
} from './messages.ts';

const day = 86_400;

export interface EmbeddedStoreOptions {
  /** The file; beside it lies its WAL. */
  readonly path: string;
  readonly logger: Logger;
  /** Bytes that the file may hold before the oldest raw points go. Default 4 GB. */
  readonly maxBytes?: number;
  /** Ages in seconds. Defaults: raw 7 days, five-minute roll-ups 90 days, hourly ones 2 years. */
  readonly retention?: Partial<Retention>;
}

type WithoutId<Request> = Request extends { readonly id: number } ? Omit<Request, 'id'> : never;

interface Waiting {
  readonly resolve: (value: WorkerResults[keyof WorkerResults]) => void;
  readonly reject: (error: ArungError) => void;
}

interface Handle {
  readonly handle: number;
  /** The worker knows it: a write that introduced it was acknowledged. */
  known: boolean;
}

/** The member of the family that needs no server: one SQLite file behind a worker thread. */
export class EmbeddedStore implements MetricStore {
  readonly name = 'metric store (embedded)';
  readonly #options: WorkerOptions;
  readonly #logger: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #stopping = false;
  #nextRequest = 1;
  /** By series key. Keys are interned once, so that a batch costs one look-up a row. */
  #handles = new Map<string, Handle>();
  /** By the series object of a plan, which is the same in every batch. */
  #bySeries = new WeakMap<Series, Handle>();

  constructor(options: EmbeddedStoreOptions) {
    this.#logger = options.logger;
    this.#options = {
      path: options.path,
      maxBytes: options.maxBytes ?? 4e9,
      retention: {
        rawS: options.retention?.rawS ?? 7 * day,
        fiveMinutesS: options.retention?.fiveMinutesS ?? 90 * day,
        hourlyS: options.retention?.hourlyS ?? 730 * day,
      },
    };
  }

  async start(): Promise<void> {
    await this.#spawn();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const worker = this.#worker;
    if (worker === null) return;
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    await this.#ask({ op: 'close' });
    await gone;
  }

  async write(batches: readonly PointBatch[]): Promise<void> {
    const introduced: Handle[] = [];
    const request = this.#encode(batches, introduced);
    if (request.blocks.length === 0) return;
    await this.#ask({ op: 'write', request });
    for (const handle of introduced) handle.known = true;
  }

  async query(query: SeriesQuery): Promise<SeriesResult> {
    return (await this.#ask({ op: 'query', query })) as SeriesResult;
  }

  async latest(measurement: Measurement, filter: SeriesFilter, maxAgeS: number): Promise<readonly LatestPoint[]> {
    return (await this.#ask({ op: 'latest', measurement, filter, maxAgeS })) as readonly LatestPoint[];
  }

  async statistics(): Promise<StoreStatistics> {
    return (await this.#ask({ op: 'statistics' })) as StoreStatistics;
  }

  /** Copies all that is kept into a file that this store would open; writes and queries go on meanwhile. */
  async copyTo(path: string): Promise<void> {
    await this.#ask({ op: 'copy', to: path });
  }

  /** One block a measurement, however many batches there are. */
  #encode(batches: readonly PointBatch[], introduced: Handle[]): WriteRequest {
    const introduce: WriteRequest['introduce'][number][] = [];
    const byMeasurement = new Map<Measurement, PointBatch[]>();
    for (const batch of batches) {
      const list = byMeasurement.get(batch.measurement);
      if (list === undefined) byMeasurement.set(batch.measurement, [batch]);
      else list.push(batch);
    }
    const blocks: RowBlock[] = [];
    const inRequest = new Set<Handle>();
    for (const [measurement, list] of byMeasurement) {
      const width = measurements[measurement].fields.length;
      let rows = 0;
      for (const batch of list) rows += batch.times.length;
      const block = {
        measurement,
        series: new Int32Array(rows),
        times: new Float64Array(rows),
        values: new Float64Array(rows * width),
      };
      let at = 0;
      for (const batch of list) {
        block.times.set(batch.times, at);
        block.values.set(batch.values, at * width);
        for (const series of batch.series) {
          const handle = this.#handleOf(series);
          block.series[at++] = handle.handle;
          if (handle.known || inRequest.has(handle)) continue;
          inRequest.add(handle);
          introduced.push(handle);
          introduce.push({ handle: handle.handle, series: { key: series.key, measurement, tags: series.tags } });
        }
      }
      if (rows > 0) blocks.push(block);
    }
    return { introduce, blocks };
  }

  #handleOf(series: Series): Handle {
    let handle = this.#bySeries.get(series);
    if (handle !== undefined) return handle;
    handle = this.#handles.get(series.key);
    if (handle === undefined) {
      handle = { handle: this.#handles.size, known: false };
      this.#handles.set(series.key, handle);
    }
    this.#bySeries.set(series, handle);
    return handle;
  }

  #ask(request: WithoutId<WorkerRequest>): Promise<WorkerResults[keyof WorkerResults]> {
    const worker = this.#worker;
    if (worker === null) return Promise.reject(notRunning());
    const id = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const message = { id, ...request } as WorkerRequest;
      worker.postMessage(message, transfers(message));
    });
  }

  async #spawn(): Promise<void> {
    // Messages are short-lived garbage: a small young generation keeps the thread's memory near to what it holds.
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: this.#options,
      name: 'metrics',
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    // A new worker has seen no series.
    this.#handles = new Map();
    this.#bySeries = new WeakMap();
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: WorkerMessage) => {
        switch (message.type) {
          case 'ready':
            this.#worker = worker;
            resolve();
            break;
          case 'failed':
            reject(errorOf(message.failure));
            break;
          case 'log':
            this.#logger[message.level](message.fields, message.message);
            break;
          case 'result':
            this.#settle(message.id)?.resolve(message.value);
            break;
          case 'error':
            this.#settle(message.id)?.reject(errorOf(message.failure));
            break;
        }
      });
      worker.on('error', (error) => {
        this.#logger.error({ err: error }, 'the thread of the metric store failed');
        reject(
          new ArungError('unavailable', 'The thread of the metric store failed at its start.', {
            code: 'metrics.not-running',
            cause: error,
          }),
        );
      });
      worker.on('exit', () => {
        const ran = this.#worker === worker;
        if (ran) this.#worker = null;
        for (const id of this.#waiting.keys()) this.#settle(id)?.reject(notRunning());
        if (ran && !this.#stopping) this.#respawn(1_000);
      });
    });
  }

  #respawn(pauseMs: number): void {
    setTimeout(() => {
      if (this.#stopping) return;
      this.#spawn().then(
        () => this.#logger.info('the metric store runs again'),
        (error: unknown) => {
          this.#logger.error({ err: error }, 'the metric store could not be started again');
          this.#respawn(Math.min(pauseMs * 2, 60_000));
        },
      );
    }, pauseMs).unref();
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

function transfers(message: WorkerRequest): ArrayBuffer[] {
  if (message.op !== 'write') return [];
  return message.request.blocks.flatMap((block) =>
    [block.series, block.times, block.values].map((array) => array.buffer as ArrayBuffer),
  );
}

function errorOf(failure: WorkerFailure): ArungError {
  const retry = failure.kind === 'unavailable' ? { retryAfterS: 10 } : {};
  return new ArungError(failure.kind, failure.message, { code: failure.code, ...retry });
}

function notRunning(): ArungError {
  return new ArungError('unavailable', 'The metric store is not running just now: try again in a few seconds.', {
    code: 'metrics.not-running',
    retryAfterS: 5,
  });
}
