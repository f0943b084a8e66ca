import type { Clock } from '../../../domain/clock.ts';
import type { ArungError } from '../../../domain/errors.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import { Attempt } from '../attempt.ts';
import { isLoss, isSignInRefused } from '../device-errors.ts';
import type { AppliedSteps, ApplyOptions, ConfigurationStep, DeviceCredential } from '../driver.ts';
import { leftArmed, notArmed, undone } from '../endings.ts';
import { withoutSecrets } from '../masking.ts';
import type { CliConfiguration } from './configuration.ts';
import { isIn, perform, StepsRefused, type Performed, type Phase } from './execute.ts';
import type { CliLine } from './line.ts';
import { hiddenWords } from './masked-line.ts';
import { planActions, type CliAction } from './plan.ts';
import { propertiesOf } from './properties.ts';
import type { Rollback } from './rollback.ts';
import { secretIn } from './secrets.ts';
import { undoActions } from './undo.ts';

/** Adds, removes, and what leaned on them; what a device does not keep after so many rounds it never will. */
const mostRounds = 6;

/** One device on its way to one document, under an armed rollback. */
export class Application {
  readonly #line: CliLine;
  readonly #rollback: Rollback;
  readonly #document: IntentDocument;
  readonly #options: ApplyOptions;
  readonly #attempt: Attempt;
  readonly #canUndo: boolean;
  readonly #steps = new Map<string, ConfigurationStep>();
  #was: CliConfiguration | null = null;

  constructor(options: {
    readonly line: CliLine;
    readonly rollback: Rollback;
    readonly clock: Clock;
    readonly document: IntentDocument;
    readonly options: ApplyOptions;
    readonly credentialAfter: DeviceCredential;
    /** Nothing was changed since what is there was saved: what is there now is what it was. */
    readonly canUndo: boolean;
  }) {
    this.#line = options.line;
    this.#rollback = options.rollback;
    this.#document = options.document;
    this.#options = options.options;
    this.#attempt = new Attempt(options);
    this.#canUndo = options.canUndo;
  }

  async run(): Promise<AppliedSteps> {
    for (;;) {
      try {
        await this.#rounds();
        return { steps: [...this.#steps.values()], reconnects: this.#attempt.reconnects };
      } catch (error) {
        if (error instanceof StepsRefused) throw await this.#refused(error);
        if (!isLoss(error) && !isSignInRefused(error)) throw error;
        await this.#attempt.find(error);
      }
    }
  }

  /** Reads, plans and does, until nothing is left to be done. */
  async #rounds(): Promise<void> {
    const { run, applied } = this.#options;
    let written = applied;
    let first: ConfigurationStep | null = null;
    for (let round = 0; round < mostRounds; round += 1) {
      this.#attempt.mayGoOn();
      const configuration = await this.#line.read();
      if ((await this.#rollback.armedRun(configuration)) !== run) throw notArmed(this.#line.name);
      this.#was ??= configuration;
      const actions = planActions(configuration, { document: this.#document, before: applied, written });
      first = actions[0]?.step ?? null;
      if (first === null) return;
      const adds = await this.#perform(actions, 'adds');
      // The new way stands before the old one goes; and nothing is taken away while a new line may still replace it.
      const removes = adds.lines === 0 ? await this.#perform(actions, 'removes') : null;
      const refused = [...adds.refused, ...(removes?.refused ?? [])];
      if (adds.lines === 0 && (removes?.lines ?? 0) === 0 && refused[0] !== undefined)
        throw new StepsRefused(refused[0]);
      if (adds.refused.length === 0) written = this.#document;
    }
    if (first !== null) throw new StepsRefused({ step: first, said: 'it takes the change and does not keep it' });
  }

  async #perform(actions: readonly CliAction[], phase: Phase): Promise<Performed> {
    const performed = await perform(this.#line, actions, phase, () => this.#attempt.mayGoOn());
    for (const { step } of performed.taken) {
      const key = `${step.kind} ${step.subject} ${step.fragment ?? ''}`;
      if (this.#steps.has(key)) continue;
      this.#steps.set(key, step);
      this.#options.onStep?.(step);
    }
    return performed;
  }

  /** Undoes what was done; the error tells whether that was possible. */
  async #refused({ refused: { step, said } }: StepsRefused): Promise<ArungError> {
    const isUndone = await this.#undone().catch(() => false);
    const { subject, name } = step;
    const told = { subject, name, fragment: step.fragment ?? '', said: withoutSecrets(this.#secrets(), said) };
    const address = this.#line.name;
    const what = `${address} refuses ${step.kind} of ${subject} (${told.fragment}): ${told.said}.`;
    return isUndone ? undone(address, what, told) : leftArmed(address, what, told);
  }

  *#secrets(): Iterable<string> {
    for (const document of [this.#document, this.#options.applied]) {
      for (const fragment of document?.fragments ?? []) {
        for (const { lines, isSecret, words } of propertiesOf(fragment, this.#line.dialect)) {
          for (const line of lines) {
            if (isSecret) yield line.slice(words.length + 1);
            yield secretIn(line)?.secret ?? '';
            yield* hiddenWords(line);
          }
        }
      }
    }
  }

  async #undone(): Promise<boolean> {
    const was = this.#was;
    if (was === null || !this.#canUndo) return false;
    for (let round = 0; round < mostRounds; round += 1) {
      const is = await this.#line.read();
      if (is.isSame(was)) {
        await this.#rollback.disarm(this.#options.run);
        return true;
      }
      const actions = undoActions(was, is);
      const phase = actions.some((action) => isIn('adds', action)) && round % 2 === 0 ? 'adds' : 'removes';
      await perform(this.#line, actions, phase, () => this.#attempt.mayGoOn());
    }
    return false;
  }
}
