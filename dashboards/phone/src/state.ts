import type { PhoneView } from '../../../src/alerting/phone/phone-view.ts';
import type { Language } from './format.ts';
import type { Queued } from './store.ts';

type Stage = PhoneView['incident']['stage'];

/** All that the page is drawn from. */
export interface State {
  readonly token: string;
  /** Chosen on the page; null: the person's. */
  chosen: Language | null;
  view: PhoneView | null;
  /** Code of the problem that the link was refused with; `failed` when Arung did not answer as it should. */
  problem: string | null;
  offline: boolean;
  /** Milliseconds that the phone's clock is ahead of Arung's. */
  skew: number;
  /** What is still to be sent, and what was sent but is not yet in the view. */
  pending: readonly Queued[];
  sent: readonly Queued[];
  /** The main button rests for a moment: a double press is one press. */
  resting: boolean;
}

export function languageOf(state: State): Language {
  return state.chosen ?? state.view?.language ?? 'id';
}

/** How far the work is, with what this phone has not sent yet taken for done. */
export function progress(state: State): { stage: Stage; mine: boolean; other: string | null } {
  const { stage: told, takenBy } = state.view?.incident ?? { stage: 'new' as Stage, takenBy: null };
  let stage = told;
  let mine = takenBy?.isYou === true;
  let other = takenBy !== null && !takenBy.isYou ? takenBy.name : null;
  for (const { action, refused } of [...state.sent, ...state.pending]) {
    if (refused !== undefined) continue;
    if (action === 'take') [stage, mine, other] = ['taken', true, null];
    else if (action === 'on-the-way' || action === 'on-site' || action === 'fixed') stage = action;
    else if (action === 'hand-back') [stage, mine] = ['new', false];
  }
  return { stage, mine, other };
}

/** What waits: not what was refused. */
export function waiting(state: State): readonly Queued[] {
  return state.pending.filter(({ refused }) => refused === undefined);
}

export function nowOf(state: State): number {
  return Date.now() - state.skew;
}
