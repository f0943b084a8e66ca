import type { Clock, Timers } from '../../../domain/clock.ts';
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
import { checkArming, fired } from '../endings.ts';
import { untilBack } from '../going-back.ts';
import { Application } from './apply.ts';
import { readConfiguration } from './configuration.ts';
import { backupOf } from './export.ts';
import { checkCounts } from './export-counts.ts';
import type { Line } from './line.ts';
import { planActions } from './plan.ts';
import { remarks } from './remarks.ts';
import { Rollback } from './rollback.ts';

const exportTimeoutMs = 120_000;
/** Who starts anew seldom answers first; a refusal comes at once. */
const loadWaitMs = 2_000;

/** One session with one router. */
export class RouterOsSession implements ConfigurationSession {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #rollback: Rollback;
  readonly #timeoutMs: number;
  readonly #restartTimeoutMs: number;
  readonly #check: (document: IntentDocument) => void;
  /** The run whose copy is what the device is now: nothing was applied since. */
  #untouched: string | null = null;
  readonly #credentialAfter: (document: IntentDocument) => DeviceCredential;

  constructor(options: {
    readonly line: Line;
    readonly clock: Clock;
    readonly timers: Pick<Timers, 'after'>;
    readonly timeoutMs: number;
    readonly restartTimeoutMs: number;
    readonly check: (document: IntentDocument) => void;
    readonly credentialAfter: (document: IntentDocument) => DeviceCredential;
  }) {
    this.#line = options.line;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
    this.#restartTimeoutMs = options.restartTimeoutMs;
    this.#check = options.check;
    this.#credentialAfter = options.credentialAfter;
    this.#rollback = new Rollback(options.line, options.clock, options.timers);
  }

  read(documents: readonly IntentDocument[]): Promise<DeviceConfiguration> {
    return readConfiguration(this.#line, documents, this.#clock.now());
  }

  async arm(run: string, withinS: number): Promise<{ readonly until: number }> {
    checkArming(run, withinS);
    const { until, isNew } = await this.#rollback.arm(run, withinS);
    this.#untouched = isNew ? run : null;
    return { until };
  }

  async apply(document: IntentDocument, options: ApplyOptions): Promise<AppliedSteps> {
    await this.#checked(document, options.run);
    const application = new Application({
      line: this.#line,
      rollback: this.#rollback,
      clock: this.#clock,
      document,
      options,
      credentialAfter: this.#credentialAfter(document),
      canUndo: this.#untouched === options.run,
    });
    this.#untouched = null;
    return application.run();
  }

  /** What cannot be applied at all leaves nothing armed that was armed for it. */
  async #checked(document: IntentDocument, run: string): Promise<void> {
    try {
      this.#check(document);
    } catch (error) {
      if (this.#untouched === run) await this.#rollback.disarm(run);
      throw error;
    }
  }

  async confirm(
    document: IntentDocument,
    { run, applied }: { readonly run: string; readonly applied: IntentDocument | null },
  ): Promise<Confirmation> {
    const documents = applied === null ? [document] : [document, applied];
    const armed = (await this.#rollback.armedRun()) === run;
    const configuration = await readConfiguration(this.#line, documents, this.#clock.now());
    const actions = planActions(configuration, { document, before: applied, written: document });
    if (actions.length === 0) {
      // Not armed but as it should be: whoever confirmed was stopped on the way; its copy goes.
      await this.#rollback.disarm(run);
      return { confirmed: true };
    }
    if (armed) return { confirmed: false, differences: actions.map(({ step }) => step) };
    throw fired(this.#line.name);
  }

  async revert(run: string): Promise<void> {
    const file = await this.#rollback.file(run);
    if (file === null || (await this.#rollback.armedRun()) !== run) {
      await this.#rollback.disarm(run);
      return;
    }
    await this.#rollback.load(file, Math.min(this.#timeoutMs, loadWaitMs));
    const untilMs = this.#clock.now() + this.#restartTimeoutMs;
    const waits = async (): Promise<boolean> => (await this.#rollback.armedRun()) === run;
    await untilBack({ line: this.#line, clock: this.#clock, untilMs, waits });
    await this.#rollback.disarm(run);
  }

  rollbacks(): Promise<readonly DeviceRollback[]> {
    return this.#rollback.list();
  }

  async backup(named?: NamedSecrets): Promise<ConfigurationBackup> {
    const answer = await this.#line.run({ path: '/export', values: { 'show-sensitive': '' } }, exportTimeoutMs);
    const backup = backupOf(this.#line.name, answer.ret ?? '', named);
    await checkCounts(this.#line, answer.ret ?? '');
    const { clear, masked } = await remarks(this.#line);
    return { text: backup.text + clear, masked: backup.masked + masked };
  }

  close(): void {
    this.#line.close();
  }
}
