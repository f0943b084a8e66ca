import type { Clock } from '../../../domain/clock.ts';
import { ArungError } from '../../../domain/errors.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import { Attempt } from '../attempt.ts';
import { isLoss, isRefusal, isSignInRefused } from '../device-errors.ts';
import type { AppliedSteps, ApplyOptions, ConfigurationStep, DeviceCredential } from '../driver.ts';
import { leftArmed, notArmed, undone } from '../endings.ts';
import type { Action } from './action.ts';
import { readConfiguration, type RouterOsConfiguration } from './configuration.ts';
import { execute, StepsRefused } from './execute.ts';
import type { Line } from './line.ts';
import { propertyOf } from './menu.ts';
import { movesTheClock } from './menus/menus.ts';
import { planActions } from './plan.ts';
import type { Rollback } from './rollback.ts';
import { isAsBefore, settableBy, undoActions } from './undo.ts';
import { withoutSecretsOf } from './without-secrets.ts';

/** What a device does not keep after so many rounds it never will. */
const mostRounds = 3;

/** The device lacks a menu or an interface that the document is about. */
function lacksSomething(error: unknown): error is ArungError {
  return isRefusal(error) || (error instanceof ArungError && error.code === 'router.no-entry');
}

function startsNtp(action: Action): boolean {
  return action.kind === 'set' && action.menu.path === '/system/ntp/client' && /^(yes|true)$/.test(action.values['enabled'] ?? ''); // prettier-ignore
}

/** One device on its way to one document, under an armed rollback. */
export class Application {
  readonly #line: Line;
  readonly #rollback: Rollback;
  readonly #clock: Clock;
  readonly #document: IntentDocument;
  readonly #options: ApplyOptions;
  readonly #attempt: Attempt;
  readonly #canUndo: boolean;
  readonly #steps: ConfigurationStep[] = [];
  /** Actions that set what a device never gives back, begun; by their key. */
  readonly #unreadable = new Map<string, Action & { kind: 'set' }>();
  #begunAny = false;
  #was: RouterOsConfiguration | null = null;

  constructor(options: {
    readonly line: Line;
    readonly rollback: Rollback;
    readonly clock: Clock;
    readonly document: IntentDocument;
    readonly options: ApplyOptions;
    readonly credentialAfter: DeviceCredential;
    /** Nothing was changed since the copy was made: what is there now is what it was. */
    readonly canUndo: boolean;
  }) {
    this.#line = options.line;
    this.#rollback = options.rollback;
    this.#clock = options.clock;
    this.#document = options.document;
    this.#options = options.options;
    this.#attempt = new Attempt(options);
    this.#canUndo = options.canUndo;
  }

  async run(): Promise<AppliedSteps> {
    for (;;) {
      try {
        await this.#rounds();
        return { steps: this.#steps, reconnects: this.#attempt.reconnects };
      } catch (error) {
        if (error instanceof StepsRefused) throw await this.#refused(error);
        // Where each command signs in (REST), a password that was just set is met here.
        if (isLoss(error) || isSignInRefused(error)) await this.#attempt.find(error);
        else throw lacksSomething(error) ? await this.#lacking(error) : error;
      }
    }
  }

  get #documents(): readonly IntentDocument[] {
    const { applied } = this.#options;
    return applied === null ? [this.#document] : [this.#document, applied];
  }

  /** Reads, plans and does, until nothing is left to be done. */
  async #rounds(): Promise<void> {
    const { run, applied } = this.#options;
    let written = applied;
    let first: ConfigurationStep | null = null;
    for (let round = 0; round < mostRounds; round += 1) {
      this.#attempt.mayGoOn();
      if ((await this.#rollback.armedRun()) !== run) throw notArmed(this.#line.name);
      const configuration = await readConfiguration(this.#line, this.#documents, this.#clock.now());
      this.#was ??= configuration;
      const actions = planActions(configuration, { document: this.#document, before: applied, written });
      first = actions[0]?.step ?? null;
      if (first === null) return;
      if (actions.some(startsNtp)) await this.#mayStartNtp();
      await execute({
        transport: this.#line,
        actions,
        mayGoOn: () => this.#attempt.mayGoOn(),
        before: (action) => this.#begun(action),
        after: (action) => this.#done(action),
      });
      written = this.#document;
    }
    if (first !== null) throw new StepsRefused(first, 'it takes the change and does not keep it');
  }

  /** Nothing was changed yet: what cannot be done under a rollback that would come at the wrong time is not begun. */
  async #mayStartNtp(): Promise<void> {
    if (!this.#canUndo || this.#begunAny) return;
    try {
      await this.#rollback.mayMeetNtp('invalid');
    } catch (error) {
      if (!isLoss(error)) await this.#rollback.disarm(this.#options.run);
      throw error;
    }
  }

  #begun(action: Action): void {
    this.#begunAny = true;
    const sets = action.kind === 'set' ? Object.keys(action.values) : [];
    if (action.kind !== 'set' || !sets.some((name) => propertyOf(action.menu, name).writeOnly)) return;
    const key = `${action.menu.path} ${action.step.fragment ?? ''}`;
    if (!this.#unreadable.has(key)) this.#unreadable.set(key, action);
  }

  async #done(action: Action): Promise<void> {
    this.#steps.push(action.step);
    this.#options.onStep?.(action.step);
    await this.#retimed(action);
  }

  /** A timer that waits for a time of day waits for the same moment again, once the clock has moved. */
  async #retimed({ menu }: Action): Promise<void> {
    const { run, until, armedUntil = until } = this.#options;
    if (movesTheClock(menu)) await this.#rollback.retime(run, armedUntil);
  }

  /** Found while reading: where nothing was begun, nothing need wait any more. */
  async #lacking(error: ArungError): Promise<ArungError> {
    if (!this.#canUndo || this.#begunAny) return leftArmed(this.#line.name, error.message, { subject: '', name: '', fragment: '', said: error.message }); // prettier-ignore
    await this.#rollback.disarm(this.#options.run);
    return error;
  }

  /** Undoes what was done; the error tells whether that was possible. */
  async #refused({ step, said }: StepsRefused): Promise<ArungError> {
    const isUndone = await this.#undone().catch(() => false);
    const { subject, name } = step;
    const told = { subject, name, fragment: step.fragment ?? '', said: withoutSecretsOf(this.#documents, said) };
    const address = this.#line.name;
    const what = `${address} refuses ${step.kind} of ${subject} ${name} (${told.fragment}): ${told.said}.`;
    return isUndone ? undone(address, what, told) : leftArmed(address, what, told);
  }

  async #undone(): Promise<boolean> {
    const was = this.#was;
    if (was === null || !this.#canUndo) return false;
    const settable = settableBy(this.#documents);
    const read = (): Promise<RouterOsConfiguration> =>
      readConfiguration(this.#line, this.#documents, this.#clock.now());
    const actions = undoActions(was, await read(), settable);
    const secrets = this.#secretsBack();
    if (actions === null || secrets === null) return false;
    await execute({
      transport: this.#line,
      actions: [...secrets, ...actions],
      mayGoOn: () => this.#attempt.mayGoOn(),
      after: (action) => this.#retimed(action),
    });
    if (!isAsBefore(was, await read(), settable)) return false;
    await this.#rollback.disarm(this.#options.run);
    return true;
  }

  /** Passwords as they were, where the document before tells them; null where nobody knows one any more. */
  #secretsBack(): Action[] | null {
    const before = new Map((this.#options.applied?.fragments ?? []).map((fragment) => [fragment.key, fragment]));
    const back: Action[] = [];
    for (const action of this.#unreadable.values()) {
      // What was added by this run is removed again.
      if (action.target !== null && 'added' in action.target) continue;
      const values: Record<string, string> = {};
      for (const name of Object.keys(action.values)) {
        if (!propertyOf(action.menu, name).writeOnly) continue;
        const value = before.get(action.step.fragment ?? '')?.values[name];
        if (value === undefined) return null;
        values[name] = value;
      }
      back.push({ ...action, values, unset: [] });
    }
    return back;
  }
}
