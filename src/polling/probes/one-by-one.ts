import { notUp, shown, type Probe, type ProbeBudget, type ProbeOutcome } from './probe.ts';

/** What a single check gets: when it must be over, and a signal that says so. */
export interface Turn {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A probe out of a way to run one check: bounded in time and in how many run at once, and never rejecting. */
export function oneByOne<Check>(runOne: (check: Check, turn: Turn) => Promise<ProbeOutcome>): Probe<Check> {
  return {
    async run(checks, budget) {
      const outcomes: ProbeOutcome[] = [];
      let next = 0;
      const worker = async (): Promise<void> => {
        for (let index = next++; index < checks.length; index = next++) {
          const check = checks[index];
          if (check !== undefined) outcomes[index] = await within(budget, (turn) => runOne(check, turn));
        }
      };
      await Promise.all(Array.from({ length: Math.max(1, Math.min(budget.concurrency, checks.length)) }, worker));
      return outcomes;
    },
  };
}

async function within(budget: ProbeBudget, run: (turn: Turn) => Promise<ProbeOutcome>): Promise<ProbeOutcome> {
  if (budget.signal?.aborted === true) return notUp('down', 'stopped');
  const ends = new AbortController();
  const late = notUp('down', 'timeout', { ms: budget.timeoutMs });
  let over: (outcome: ProbeOutcome) => void = () => undefined;
  const ended = new Promise<ProbeOutcome>((resolve) => {
    over = resolve;
  });
  const stop = (): void => {
    over(notUp('down', 'stopped'));
    ends.abort();
  };
  // The outcome is settled before what runs is told to end, so that its own complaint about that is not heard.
  const timer = setTimeout(() => {
    over(late);
    ends.abort();
  }, budget.timeoutMs);
  budget.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([ended, run({ timeoutMs: budget.timeoutMs, signal: ends.signal }).catch(failure)]);
  } finally {
    clearTimeout(timer);
    budget.signal?.removeEventListener('abort', stop);
    ends.abort();
  }
}

const named = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  ETIMEDOUT: 'unanswered',
  ENOTFOUND: 'no-such-name',
  EAI_AGAIN: 'no-such-name',
  ENODATA: 'no-such-name',
} as const satisfies Readonly<Record<string, string>>;

/** What an error of a socket, a resolver or a parser means for who asked. */
export function failure(error: unknown): ProbeOutcome {
  const code = codeOf(error);
  const known = Object.hasOwn(named, code) ? named[code as keyof typeof named] : undefined;
  if (known !== undefined) return notUp('down', known);
  return notUp('down', 'failed', { reason: shown(error instanceof Error ? error.message : String(error)) });
}

export function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
