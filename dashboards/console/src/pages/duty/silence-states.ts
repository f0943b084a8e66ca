import type { Silence } from '../../../../../src/domain/silence.ts';

export type SilenceState = 'active' | 'coming' | 'ended';
export const silenceStates: readonly SilenceState[] = ['active', 'coming', 'ended'];

/** Where a silence stands at a moment, milliseconds since the epoch. */
export function silenceState(silence: Pick<Silence, 'from' | 'to'>, at: number): SilenceState {
  if (Date.parse(silence.to) <= at) return 'ended';
  return Date.parse(silence.from) > at ? 'coming' : 'active';
}
