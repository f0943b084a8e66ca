import { parentPort, workerData } from 'node:worker_threads';
import { ArungError } from '../../domain/errors.ts';
import { systemClock } from '../../domain/clock.ts';
import { Engine } from './engine.ts';
import { asArungError, isFull } from './file.ts';
import type { WorkerFailure, WorkerMessage, WorkerOptions, WorkerRequest, WorkerResults } from './messages.ts';

/** The thread that alone touches the file of the embedded store: requests one after the other, upkeep in between. */
const maintainEveryMs = 1_000;
const pauseAfterFailureMs = 30_000;

const port = parentPort;
if (port === null) throw new Error('the worker of the metric store runs as a worker thread only');
const options = workerData as WorkerOptions;

function post(message: WorkerMessage): void {
  port?.postMessage(message);
}

function failureOf(error: unknown): WorkerFailure {
  const { kind, code, message } = asArungError(error, options.path);
  return { kind, code, message };
}

function run(engine: Engine, request: Exclude<WorkerRequest, { op: 'copy' }>): WorkerResults[keyof WorkerResults] {
  switch (request.op) {
    case 'write':
      engine.write(request.request);
      return null;
    case 'query':
      return engine.query(request.query);
    case 'latest':
      return engine.latest(request.measurement, request.filter, request.maxAgeS);
    case 'statistics':
      return engine.statistics();
    case 'close':
      engine.close();
      return null;
  }
}

try {
  const engine = new Engine(options, systemClock, (level, message, fields) =>
    post({ type: 'log', level, message, fields }),
  );

  port.on('message', (request: WorkerRequest) => {
    if (request.op === 'copy') {
      // Goes on page by page between the other requests.
      engine.copy(request.to).then(
        () => post({ type: 'result', id: request.id, value: null }),
        (error: unknown) => post({ type: 'error', id: request.id, failure: failureOf(error) }),
      );
      return;
    }
    try {
      post({ type: 'result', id: request.id, value: run(engine, request) });
    } catch (error) {
      try {
        if (!engine.recover(error)) throw error;
        post({ type: 'result', id: request.id, value: run(engine, request) });
      } catch (again) {
        post({ type: 'error', id: request.id, failure: failureOf(again) });
      }
    }
    if (request.op === 'close') {
      clearTimeout(timer);
      clearImmediate(soon);
      port.close();
    }
  });

  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;
  const maintain = (): void => {
    let pause = maintainEveryMs;
    try {
      if (engine.maintain()) {
        // Lets requests that wait go first.
        soon = setImmediate(maintain);
        return;
      }
    } catch (error) {
      const recovered = !(error instanceof ArungError) && engine.recover(error);
      if (!recovered) {
        pause = isFull(error) ? pauseAfterFailureMs / 3 : pauseAfterFailureMs;
        post({
          type: 'log',
          level: 'error',
          message: 'upkeep of the metric store failed and will be tried again',
          fields: { reason: failureOf(error).message, retryMs: pause },
        });
      }
    }
    timer = setTimeout(maintain, pause);
  };
  maintain();
  post({ type: 'ready' });
} catch (error) {
  post({ type: 'failed', failure: failureOf(error) });
  port.close();
}
