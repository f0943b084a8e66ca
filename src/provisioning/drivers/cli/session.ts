import type { Clock } from '../../../domain/clock.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import type {
  AppliedSteps,
  ApplyOptions,
  ConfigurationBackup,
  ConfigurationSession,
  Confirmation,
  DeviceConfiguration,
  DeviceCredential,
  DeviceRollback,
  NamedSecrets,
} from '../driver.ts';
import { checkArming, fired, otherRun } from '../endings.ts';
import { untilBack } from '../going-back.ts';
import { Application } from './apply.ts';
import { checkDocument } from './check.ts';
import { backupOf } from './export.ts';
import type { CliLine } from './line.ts';
import { planActions } from './plan.ts';
import { Rollback } from './rollback.ts';

const pauseMs = 500;

/** One session with one device. */
export class CliSession implements ConfigurationSession {
  readonly #line: CliLine;
  readonly #clock: Clock;
  readonly #rollback: Rollback;
  readonly #restartTimeoutMs: number;
  readonly #credentialAfter: (document: IntentDocument) => DeviceCredential;
  /** The run whose saved configuration is what the device is now: nothing was applied since. */
  #untouched: string | null = null;

  constructor(options: {
    readonly line: CliLine;
    readonly clock: Clock;
    readonly restartTimeoutMs: number;
    readonly credentialAfter: (document: IntentDocument) => DeviceCredential;
  }) {
    this.#line = options.line;
    this.#clock = options.clock;
    this.#restartTimeoutMs = options.restartTimeoutMs;
    this.#credentialAfter = options.credentialAfter;
    this.#rollback = new Rollback(options.line, options.clock);
  }

  read(): Promise<DeviceConfiguration> {
    return this.#line.read();
  }

  async arm(run: string, withinS: number): Promise<{ readonly until: number }> {
    checkArming(run, withinS);
    const { until, isNew } = await this.#rollback.arm(run, withinS);
    this.#untouched = isNew ? run : null;
    return { until };
  }

  async apply(document: IntentDocument, options: ApplyOptions): Promise<AppliedSteps> {
    const canUndo = this.#untouched === options.run;
    try {
      checkDocument(document);
    } catch (error) {
      // What cannot be applied at all leaves nothing armed that was armed for it.
      if (canUndo) await this.#rollback.disarm(options.run);
      throw error;
    }
    this.#untouched = null;
    return new Application({
      line: this.#line,
      rollback: this.#rollback,
      clock: this.#clock,
      document,
      options,
      credentialAfter: this.#credentialAfter(document),
      canUndo,
    }).run();
  }

  async confirm(
    document: IntentDocument,
    { run, applied }: { readonly run: string; readonly applied: IntentDocument | null },
  ): Promise<Confirmation> {
    const configuration = await this.#line.read();
    const armed = await this.#rollback.armedRun(configuration);
    if (armed !== null && armed !== run) throw otherRun(this.#line.name, armed);
    const actions = planActions(configuration, { document, before: applied, written: document });
    if (actions.length === 0) {
      // Not armed but as it should be: whoever confirmed was stopped on the way.
      await this.#rollback.keep(configuration);
      return { confirmed: true };
    }
    if (armed === run) return { confirmed: false, differences: actions.map(({ step }) => step) };
    throw fired(this.#line.name);
  }

  async revert(run: string): Promise<void> {
    const state = await this.#rollback.stateOf(run);
    if (state === 'none') return;
    // What was saved before may be what is there: then only the mark is left of the run.
    if (state === 'spent' && (await this.#line.read()).isSame(await this.#line.readSaved())) {
      await this.#rollback.disarm(run);
      return;
    }
    const askedAtMs = this.#clock.now();
    const { restarts, afterS } = await this.#rollback.fire(run);
    if (restarts) await this.#restarted(run, askedAtMs + afterS * 1_000);
  }

  /** Waits until the device is there again without the run's mark. */
  async #restarted(run: string, beginsMs: number): Promise<void> {
    const untilMs = Math.max(beginsMs, this.#clock.now()) + this.#restartTimeoutMs;
    while (this.#clock.now() < beginsMs) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const waits = async (): Promise<boolean> => (await this.#rollback.stateOf(run)) !== 'none';
    await untilBack({ line: this.#line, clock: this.#clock, untilMs, waits });
  }

  rollbacks(): Promise<readonly DeviceRollback[]> {
    return this.#rollback.list();
  }

  async backup(named?: NamedSecrets): Promise<ConfigurationBackup> {
    return backupOf(this.#line.name, await this.#line.show('running'), { dialect: this.#line.dialect, named });
  }

  close(): void {
    this.#line.close();
  }
}
