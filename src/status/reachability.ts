/**
 * Whether one device answers, as a pure state machine: `step(state, input, nowMs, rules)`. Times are monotonic
 * milliseconds. It knows one device only; that others miss too, or that a port went down, is said by `certainty`.
 *
 * A single lost packet costs nothing: a device is suspect after its first miss and silent when chance can no longer
 * explain it. With 10 % of probes lost, eight misses in a row happen to one of 1,500 devices (720 probes an hour each)
 * once in about ninety hours of such weather.
 */
export type Phase =
  | 'unheard' // nothing is known: never probed, or its agent or channel is silent
  | 'answering'
  | 'suspect' // missed at least once since its last answer
  | 'silent' // certainly does not answer
  | 'recovering'; // answers again after many outages; believed when it has been steady for a while

export interface Reach {
  readonly phase: Phase;
  /** When the phase that is announced began: first answer for `answering`, first miss for `suspect` and `silent`. */
  readonly since: number;
  /** Misses in a row, and when the first of them was; 0 and NaN while it answers. */
  readonly misses: number;
  readonly firstMissAt: number;
  /** When silence became certain; NaN while it is not. */
  readonly certainAt: number;
  /** NaN before the first. */
  readonly lastAnswerAt: number;
  /** Evidence of any kind, an answer or a miss; NaN before the first. */
  readonly heardAt: number;
  /** When it recovered: since when it answers without a miss, and how often it did. */
  readonly steadySince: number;
  readonly steadyAnswers: number;
  /** When it fell silent, within the window of the flap rule; oldest first. */
  readonly outages: readonly number[];
}

export type ReachInput =
  | 'answered' // a probe came back
  | 'alive' // any other fresh word of the device: a reading, a status message, a trap
  | 'missed' // a probe ended without an answer
  | 'not-due' // nothing came, and nothing had to
  | 'certain' // the evidence of others settles that the misses are no chance
  | 'forgotten' // its agent or its channel is silent: what was known is no longer
  | 'tick'; // time passed

export interface ReachRules {
  /** Misses in a row that settle it without help of others. */
  readonly missesAlone: number;
  /** Flap rule: outages within the window from which on `up` must be earned. */
  readonly flapWindowMs: number;
  readonly flapOutages: number;
  /** Steady time asked at that many outages; doubles with each further one up to the longest. */
  readonly steadyMs: number;
  readonly longestSteadyMs: number;
}

export const defaultReachRules: ReachRules = {
  missesAlone: 8,
  flapWindowMs: 600_000,
  flapOutages: 4,
  steadyMs: 3_000,
  longestSteadyMs: 60_000,
};

export const unheard: Reach = {
  phase: 'unheard',
  since: Number.NaN,
  misses: 0,
  firstMissAt: Number.NaN,
  certainAt: Number.NaN,
  lastAnswerAt: Number.NaN,
  heardAt: Number.NaN,
  steadySince: Number.NaN,
  steadyAnswers: 0,
  outages: [],
};

/** How long it must answer without a miss before it is believed: 0 for a device that does not flap. */
export function steadyMsOf(outages: readonly number[], now: number, rules: ReachRules): number {
  const recent = outages.filter((at) => now - at <= rules.flapWindowMs).length;
  if (recent < rules.flapOutages) return 0;
  return Math.min(rules.longestSteadyMs, rules.steadyMs * 2 ** (recent - rules.flapOutages));
}

export function step(state: Reach, input: ReachInput, now: number, rules: ReachRules = defaultReachRules): Reach {
  switch (input) {
    case 'answered':
    case 'alive':
      return answered(state, now, rules);
    case 'missed':
      return missed(state, now, rules);
    case 'not-due':
      return state.phase === 'unheard' ? state : { ...state, heardAt: now };
    case 'certain':
      return state.phase === 'suspect' ? fallSilent(state, now, rules) : state;
    case 'forgotten':
      return { ...unheard, lastAnswerAt: state.lastAnswerAt, outages: state.outages };
    case 'tick':
      return state.phase === 'recovering' ? believeWhenSteady(state, now, rules) : state;
  }
}

function answered(state: Reach, now: number, rules: ReachRules): Reach {
  const heard = {
    ...state,
    misses: 0,
    firstMissAt: Number.NaN,
    lastAnswerAt: now,
    heardAt: now,
  };
  switch (state.phase) {
    case 'unheard':
      return { ...heard, phase: 'answering', since: now };
    case 'answering':
      return heard;
    case 'suspect':
      // The first miss moved `since`; nothing was announced, so the time since which it answers is what it was.
      return { ...heard, phase: 'answering', since: state.steadySince };
    case 'silent': {
      const first = { ...heard, certainAt: Number.NaN, steadySince: now, steadyAnswers: 1 };
      if (steadyMsOf(state.outages, now, rules) === 0) return { ...first, phase: 'answering', since: now };
      return { ...first, phase: 'recovering', firstMissAt: state.firstMissAt };
    }
    case 'recovering':
      return believeWhenSteady(
        { ...heard, firstMissAt: state.firstMissAt, steadyAnswers: state.steadyAnswers + 1 },
        now,
        rules,
      );
  }
}

function believeWhenSteady(state: Reach, now: number, rules: ReachRules): Reach {
  const steady = now - state.steadySince >= steadyMsOf(state.outages, now, rules) && state.steadyAnswers >= 2;
  return steady ? { ...state, phase: 'answering', since: state.steadySince, firstMissAt: Number.NaN } : state;
}

function missed(state: Reach, now: number, rules: ReachRules): Reach {
  switch (state.phase) {
    case 'unheard':
    case 'answering': {
      const suspect: Reach = {
        ...state,
        phase: 'suspect',
        steadySince: state.phase === 'answering' ? state.since : now,
        since: now,
        misses: 1,
        firstMissAt: now,
        heardAt: now,
      };
      return rules.missesAlone <= 1 ? fallSilent(suspect, now, rules) : suspect;
    }
    case 'suspect': {
      const next = { ...state, misses: state.misses + 1, heardAt: now };
      return next.misses >= rules.missesAlone ? fallSilent(next, now, rules) : next;
    }
    case 'silent':
      return { ...state, misses: state.misses + 1, heardAt: now };
    case 'recovering':
      // Not steady: the outage goes on, from where it began.
      return {
        ...state,
        phase: 'silent',
        misses: 1,
        certainAt: now,
        heardAt: now,
        since: state.firstMissAt,
        steadyAnswers: 0,
      };
  }
}

function fallSilent(state: Reach, now: number, rules: ReachRules): Reach {
  const outages = [...state.outages.filter((at) => now - at <= rules.flapWindowMs), now];
  return { ...state, phase: 'silent', since: state.firstMissAt, certainAt: now, outages };
}

/** What others say about a device that misses. */
export interface JointEvidence {
  /** Misses in a row within the best group around it (see group-misses.ts), its own among them; 0 without a group. */
  readonly groupMisses: number;
  /** Every way to it passes a port that reports down since after its last answer. */
  readonly behindDownPort: boolean;
}

export interface CertaintyRules {
  readonly ownWithGroup: number;
  readonly groupMisses: number;
  readonly ownWithPort: number;
}

export const defaultCertaintyRules: CertaintyRules = { ownWithGroup: 3, groupMisses: 9, ownWithPort: 2 };

/** Whether a suspect is silent by the evidence of others: nine misses of a group in a row, or a port that went down. */
export function isCertain(
  state: Reach,
  evidence: JointEvidence,
  rules: CertaintyRules = defaultCertaintyRules,
): boolean {
  if (state.phase !== 'suspect') return false;
  if (state.misses >= rules.ownWithPort && evidence.behindDownPort) return true;
  return state.misses >= rules.ownWithGroup && evidence.groupMisses >= rules.groupMisses;
}
