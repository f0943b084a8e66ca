import type { Logger } from 'pino';
import { alertKey, type Alert, type RuleAlerts, type Subject } from '../../domain/alert.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { Rounds } from '../../domain/rounds.ts';
import type { RolloutStore } from './rollout-store.ts';
import type { FallenDevice } from './rollout-rows.ts';

export interface FallenAlertsOptions {
  readonly store: Pick<RolloutStore, 'fallen'>;
  readonly logger: Logger;
  readonly everyMs?: number;
}

/**
 * Devices whose last change went back, or that do not answer since, as alerts: each is an incident until the device was
 * configured again. They are read anew from what is kept of rollouts, by this controller or another.
 */
export class FallenAlerts implements LongLived, RuleAlerts {
  readonly name = 'alerts of rollouts';
  readonly #options: FallenAlertsOptions;
  readonly #listeners = new Set<() => void>();
  #current: readonly Alert[] = [];
  readonly #rounds: Rounds;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: FallenAlertsOptions) {
    this.#options = options;
    this.#rounds = new Rounds({
      run: () => this.refresh(),
      failed: (error) => options.logger.debug({ err: error }, 'what became of rollouts could not be read; tried again'),
      everyMs: options.everyMs ?? 5_000,
    });
  }

  async start(): Promise<void> {
    await this.refresh().catch(() => undefined);
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#reading.catch(() => undefined);
  }

  current(): readonly Alert[] {
    return this.#current;
  }

  onChange(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** Looks now; rejects when it cannot. One look after the other. */
  refresh(): Promise<void> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    const alerts = (await this.#options.store.fallen()).map(alertOf);
    if (JSON.stringify(alerts) === JSON.stringify(this.#current)) return;
    this.#current = alerts;
    for (const wake of this.#listeners) wake();
  }
}

function alertOf({ deviceId, name, state, at, rollout }: FallenDevice): Alert {
  const subject: Subject = { kind: 'device', id: deviceId, name };
  const rule = `rollout.${state}`;
  return {
    key: alertKey(rule, subject),
    rule,
    subject,
    severity: state === 'lost' ? 'critical' : 'warning',
    since: at,
    cause: null,
    evidence: [{ key: `rollout.${state}`, arguments: { device: name, rollout } }],
  };
}

/** The alerts of several sources as those of one. */
export function alertsTogether(...sources: readonly RuleAlerts[]): RuleAlerts {
  return {
    current: () => sources.flatMap((source) => source.current()),
    onChange: (wake) => {
      const stops = sources.map((source) => source.onChange(wake));
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
