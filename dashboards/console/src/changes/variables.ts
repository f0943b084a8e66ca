import type { Place } from '../../../../src/domain/place.ts';
import { t } from '../lib/i18n.svelte.ts';

/** `GET /variables`. */
export interface VariableView {
  readonly id: string;
  readonly name: string;
  readonly place: Place;
  readonly value: string | null;
  readonly secret: boolean;
  readonly changedAt: string;
  readonly changedBy: string;
}

/** `GET /variables/resolved`. */
export interface ResolvedView {
  readonly name: string;
  readonly value: string | null;
  readonly secret: boolean;
  readonly from: Place;
  readonly hides: readonly Place[];
}

/** `Kecamatan Kahu`, `Situs pop-kahu`, `Seluruh jaringan`. */
export function placeText({ level, key, name }: Place): string {
  const what = t(`variables.level.${level}`);
  if (level === 'network') return what;
  if (level === 'role') return `${what} ${t('variables.role', { role: key.replace(/^role:/, '') })}`;
  const called = name === '' ? key : name;
  // A regency is called by its kind already.
  return called.startsWith(what) ? called : `${what} ${called}`;
}
