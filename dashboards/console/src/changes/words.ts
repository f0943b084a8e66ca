import type { IntentView } from '../../../../src/api/provisioning-schemas.ts';
import type { Said } from '../../../../src/domain/rollout.ts';
import type { RolloutState } from '../../../../src/domain/rollout.ts';
import { textOf } from '../lib/i18n.svelte.ts';

/** Why something waits, stopped or failed, in the reader's language; what the controller said where there is no sentence. */
export function saidText(said: Said | null): string | null {
  if (said === null) return null;
  const figures = Object.fromEntries(Object.entries(said.arguments).map(([name, value]) => [name, String(value)]));
  return textOf(`error.${said.code}`, figures) ?? said.message;
}

/** How far a device is from its intent. */
export function stateOfIntent({ staged, confirmed, drift }: IntentView): 'released' | 'drifted' | 'pending' | 'right' {
  if (staged === null) return 'released';
  if (drift.length > 0) return 'drifted';
  return staged.version === confirmed?.version ? 'right' : 'pending';
}

export const glyphOfIntent = { released: 'off', drifted: 'warning', pending: 'info', right: 'up' } as const;

export function glyphOfRollout(state: RolloutState): 'recovered' | 'warning' | 'info' | 'off' | 'maintenance' {
  if (state === 'done') return 'recovered';
  if (state === 'stopped') return 'warning';
  if (state === 'paused') return 'maintenance';
  return state === 'queued' ? 'off' : 'info';
}
