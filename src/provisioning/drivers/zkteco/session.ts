import type { Clock } from '../../../domain/clock.ts';
import { ArungError } from '../../../domain/errors.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import { isLoss } from '../device-errors.ts';
import type {
  AppliedSteps,
  ApplyOptions,
  ConfigurationBackup,
  ConfigurationSession,
  ConfigurationStep,
  Confirmation,
  DeviceConfiguration,
  DeviceCredential,
  DeviceRollback,
  NamedSecrets,
} from '../driver.ts';
import { checkArming, ended, fired, leftChanged, notArmed, undone } from '../endings.ts';
import { mask } from '../masking.ts';
import type { HeldByAddress } from './held.ts';
import type { ZkLine } from './line.ts';
import { driftMs, planActions, type ZkAction } from './plan.ts';
import { checkDocument, settingOf, settings } from './settings.ts';

/** A setting that works is there after this; milliseconds. */
const proofMs = 15_000;
/** Options that a backup has beside the settings; none tells of people. */
const described = ['~SerialNumber', '~DeviceName', '~Platform', '~OEMVendor', 'MAC'] as const;

/**
 * One session with one terminal. There is no rollback on a terminal, so each setting is proven by itself: it is set, a new
 * connection is opened and reads it back, and when that fails it is set back at once over the connection that still stands.
 */
export class ZkSession implements ConfigurationSession {
  readonly #line: ZkLine;
  readonly #clock: Clock;
  readonly #held: HeldByAddress;
  readonly #probe: (credential: DeviceCredential | null) => Promise<ZkLine>;
  readonly #credentialAfter: (document: IntentDocument) => DeviceCredential;
  readonly #commKey: string;

  constructor(options: {
    readonly line: ZkLine;
    readonly clock: Clock;
    readonly held: HeldByAddress;
    /** Opens another connection, with another credential where one is given. */
    readonly probe: (credential: DeviceCredential | null) => Promise<ZkLine>;
    readonly credentialAfter: (document: IntentDocument) => DeviceCredential;
    /** The comm key as it is known before any run. */
    readonly commKey: string;
  }) {
    this.#line = options.line;
    this.#clock = options.clock;
    this.#held = options.held;
    this.#probe = options.probe;
    this.#credentialAfter = options.credentialAfter;
    this.#commKey = options.commKey;
  }

  read(): Promise<DeviceConfiguration> {
    return this.#line.read();
  }

  async arm(run: string, withinS: number): Promise<{ readonly until: number }> {
    checkArming(run, withinS);
    const before = await this.#line.read();
    const until = this.#clock.now() + withinS * 1_000;
    this.#held.hold(this.#line.name, { run, until, before }, this.#clock.now());
    return { until };
  }

  async apply(document: IntentDocument, options: ApplyOptions): Promise<AppliedSteps> {
    const { run, until, signal, onStep } = options;
    try {
      checkDocument(document);
    } catch (error) {
      this.#held.release(this.#line.name, run);
      throw error;
    }
    if (this.#held.at(this.#line.name, this.#clock.now())?.run !== run) throw notArmed(this.#line.name);
    const steps: ConfigurationStep[] = [];
    for (const action of planActions(await this.#line.read(), document)) {
      if (signal?.aborted === true) throw ended(this.#line.name, 'apply.stopped');
      if (this.#clock.now() >= until) throw ended(this.#line.name, 'apply.too-late');
      const after = action.kind === 'option' && action.option === 'ComKey' ? this.#credentialAfter(document) : null;
      const wrong = await this.#set(action, after);
      if (wrong !== null) throw await this.#undone(action, wrong, run);
      steps.push(action.step);
      onStep?.(action.step);
    }
    return { steps, reconnects: 0 };
  }

  async confirm(document: IntentDocument, { run }: { readonly run: string }): Promise<Confirmation> {
    const actions = planActions(await this.#line.read(), document);
    const isHeld = this.#held.at(this.#line.name, this.#clock.now())?.run === run;
    if (actions.length > 0) {
      if (isHeld) return { confirmed: false, differences: actions.map(({ step }) => step) };
      throw fired(this.#line.name);
    }
    this.#held.release(this.#line.name, run);
    return { confirmed: true };
  }

  async revert(run: string): Promise<void> {
    const held = this.#held.of(this.#line.name, run);
    if (held === null) return;
    const is = await this.#line.read();
    for (const { option } of settings) {
      const before = held.before.option(option);
      if (before !== null && is.option(option) !== before) await this.#line.client.writeOption(option, before);
    }
    this.#held.release(this.#line.name, run);
  }

  async recall(
    run: string,
    { steps, until }: { readonly steps: readonly ConfigurationStep[]; readonly until: number },
  ): Promise<void> {
    if (this.#held.of(this.#line.name, run) !== null) return;
    const before = new Map<string, string>();
    for (const { subject, changes } of steps) {
      for (const change of changes) {
        const { option, secret = false } = settingOf(subject, change.property) ?? {};
        // A step tells no secret: of the comm key, what lets us in unless the run gets so far.
        const value = secret ? this.#commKey : change.before;
        if (option !== undefined && value !== null) before.set(option, value);
      }
    }
    if (before.size === 0) return;
    const found = (await this.#line.read()).with(before);
    this.#held.hold(this.#line.name, { run, until, before: found }, this.#clock.now());
  }

  async rollbacks(): Promise<readonly DeviceRollback[]> {
    return this.#held.list(this.#line.name, this.#clock.now());
  }

  /** Settings alone: users, their fingers and faces, and what they did are never asked for. */
  async backup(named: NamedSecrets = new Map()): Promise<ConfigurationBackup> {
    const { client } = this.#line;
    const configuration = await this.#line.read();
    const lines: { readonly name: string; readonly value: string; readonly secret: boolean }[] = [];
    const firmware = await client.firmware();
    if (firmware !== null) lines.push({ name: 'Firmware', value: firmware, secret: false });
    for (const name of described) {
      const value = await client.readOption(name);
      if (value !== null) lines.push({ name, value, secret: false });
    }
    for (const { subject, property, option, secret } of settings) {
      const value = configuration.option(option);
      const isSecret = secret || named.get(subject)?.has(property) === true;
      if (value !== null) lines.push({ name: option, value, secret: isSecret });
    }
    const text = (shows: (line: (typeof lines)[number]) => string): string =>
      lines.map((line) => `${line.name}=${shows(line)}\n`).join('');
    return { text: text(({ value }) => value), masked: text(({ value, secret }) => (secret ? mask : value)) };
  }

  close(): void {
    this.#line.close();
  }

  /** Sets one thing, and proves it over a connection of its own. Null when it works; else what is wrong. */
  async #set(action: ZkAction, after: DeviceCredential | null): Promise<string | null> {
    try {
      if (action.kind === 'clock') await this.#line.client.writeTime(this.#clock.now() + action.zoneMs);
      else await this.#line.client.writeOption(action.option, action.value);
    } catch (error) {
      if (!(error instanceof ArungError)) throw error;
      if (error.code === 'device.refused') return String(error.arguments['said'] ?? '');
      // It took the setting, perhaps, and was not heard again.
      if (isLoss(error)) return error.message;
      throw error;
    }
    const probe = await this.#probe(after).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))); // prettier-ignore
    if (probe instanceof Error) return probe.message;
    try {
      const is = await probe.read();
      const isRight = action.kind === 'clock' ? Math.abs(driftMs(is, action.zoneMs)) <= action.mostMs : is.option(action.option) === action.value; // prettier-ignore
      return isRight ? null : 'it takes the change and does not keep it';
    } finally {
      probe.close();
    }
  }

  /** One setting is wrong: it and those before it are set back, over the connection that still stands or another. */
  async #undone({ step }: ZkAction, said: string, run: string): Promise<ArungError> {
    const told = { subject: step.subject, name: step.name, fragment: step.fragment ?? '', said };
    const what = `${this.#line.name} refuses set of ${step.subject} ${step.name} (${told.fragment}): ${said}.`;
    try {
      if (!this.#line.client.isOpen) await this.#line.reopen(this.#clock.now() + proofMs, null);
      await this.revert(run);
      return undone(this.#line.name, what, told);
    } catch {
      return leftChanged(this.#line.name, what, told);
    }
  }
}
