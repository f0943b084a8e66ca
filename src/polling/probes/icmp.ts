import { spawn } from 'node:child_process';
import { isIP } from 'node:net';
import { notUp, up, type Probe, type ProbeBudget, type ProbeOutcome } from './probe.ts';

export interface IcmpCheck {
  readonly kind: 'icmp';
  /** An IPv4 or IPv6 address. */
  readonly address: string;
  /** More loss than this is degraded; 20 when not given. */
  readonly mostLossPercent?: number;
}

const echoes = 5;
const betweenMs = 100;

/**
 * Echo requests (RFC 792, RFC 4443) by fping: one process for all targets, since it has the right to raw sockets that we
 * do not want. Where there is no fping every outcome says so.
 */
export class IcmpProbe implements Probe<IcmpCheck> {
  readonly #program: string;

  constructor(options: { readonly program?: string } = {}) {
    this.#program = options.program ?? 'fping';
  }

  async run(checks: readonly IcmpCheck[], budget: ProbeBudget): Promise<readonly ProbeOutcome[]> {
    // Nothing but addresses reaches fping: no name to look up, no option.
    const addresses = [...new Set(checks.map((check) => check.address).filter((one) => isIP(one) !== 0))];
    let answers: ReadonlyMap<string, readonly number[]> | null = new Map();
    if (addresses.length > 0) answers = await this.#ping(addresses, budget);
    return checks.map((check) => {
      if (isIP(check.address) === 0) return notUp('down', 'icmp-address');
      if (answers === null) return notUp('down', budget.signal?.aborted === true ? 'stopped' : 'icmp-no-fping');
      return judged(answers.get(check.address) ?? [], check.mostLossPercent ?? 20);
    });
  }

  /** Round trips in milliseconds by address, NaN for a lost one; null when fping did not run. */
  #ping(addresses: readonly string[], budget: ProbeBudget): Promise<ReadonlyMap<string, readonly number[]> | null> {
    const timeoutMs = Math.max(50, Math.floor(budget.timeoutMs - (echoes - 1) * betweenMs));
    const args = ['-C', String(echoes), '-q', '-p', String(betweenMs), '-t', String(timeoutMs), '-i', '1'];
    return new Promise((resolve) => {
      const child = spawn(this.#program, args, { stdio: ['pipe', 'ignore', 'pipe'], env: { LC_ALL: 'C' } });
      // Its pace is 1 ms a packet: with many targets it takes that longer, and no more than a little beyond.
      const limitMs = budget.timeoutMs + addresses.length * echoes * 2 + 5_000;
      const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
      const stop = (): void => void child.kill('SIGKILL');
      budget.signal?.addEventListener('abort', stop, { once: true });
      let told = '';
      child.stderr.setEncoding('latin1').on('data', (part: string) => {
        if (told.length < addresses.length * 200 + 10_000) told += part;
      });
      const done = (answers: ReadonlyMap<string, readonly number[]> | null): void => {
        clearTimeout(timer);
        budget.signal?.removeEventListener('abort', stop);
        resolve(answers);
      };
      child.on('error', () => done(null));
      child.stdin.on('error', () => undefined);
      // 0 all answered, 1 some did not, 2 some address was refused, 3 wrong arguments, 4 no right to raw sockets
      child.on('close', (code) => done(code === null || code > 2 ? null : parseFping(told)));
      child.stdin.end(addresses.join('\n') + '\n');
    });
  }
}

/** `127.0.0.1 : 0.05 - 0.07`: a line for each target, with its round trips in milliseconds or a dash. */
export function parseFping(text: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const line of text.split('\n')) {
    const match = /^(\S+)\s+:\s+((?:[\d.]+|-)(?:\s+(?:[\d.]+|-))*)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined || isIP(match[1]) === 0) continue;
    found.set(
      match[1],
      match[2].split(/\s+/).map((word) => (word === '-' ? Number.NaN : Number(word))),
    );
  }
  return found;
}

function judged(trips: readonly number[], mostLossPercent: number): ProbeOutcome {
  const answered = trips.filter((trip) => Number.isFinite(trip));
  const loss = trips.length === 0 ? 100 : (100 * (trips.length - answered.length)) / trips.length;
  if (answered.length === 0) return notUp('down', 'icmp-silent', {}, { loss_percent: 100 });
  const steps = answered.slice(1).map((trip, index) => Math.abs(trip - (answered[index] ?? trip)));
  const values = {
    loss_percent: loss,
    total_ms: mean(answered),
    rtt_min_ms: Math.min(...answered),
    rtt_max_ms: Math.max(...answered),
    ...(steps.length > 0 ? { jitter_ms: mean(steps) } : {}),
  };
  if (loss > mostLossPercent)
    return notUp('degraded', 'icmp-loss', { percent: Math.round(loss), limit: mostLossPercent }, values);
  return up(values);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
