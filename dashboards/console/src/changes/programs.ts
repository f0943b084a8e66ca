import type { ProgramRunSummary } from '../../../../src/api/program-schemas.ts';
import type { ProgramStep } from '../../../../src/domain/program-run.ts';
import { t } from '../lib/i18n.svelte.ts';

type Run = Pick<ProgramRunSummary, 'operation' | 'number' | 'state' | 'counts'>;

/** `Pratinjau 12`. */
export function runName({ operation, number }: Pick<Run, 'operation' | 'number'>): string {
  return t('programs.run', { operation: t(`programs.op.${operation}`), number: String(number) });
}

export function isGoingOn({ state }: Pick<Run, 'state'>): boolean {
  return state === 'running' || state === 'cancelling';
}

/** The sign beside the state of a run: shape first, colour second. */
export function glyphOfProgramRun(state: Run['state']): 'recovered' | 'warning' | 'info' | 'off' | 'maintenance' {
  switch (state) {
    case 'done':
      return 'recovered';
    case 'failed':
    case 'broken-off':
      return 'warning';
    case 'cancelling':
      return 'maintenance';
    case 'cancelled':
      return 'off';
    default:
      return 'info';
  }
}

export function glyphOfStep(state: ProgramStep['state']): 'recovered' | 'warning' | 'info' | 'off' {
  if (state === 'failed') return 'warning';
  if (state === 'done') return 'recovered';
  return state === 'running' ? 'info' : 'off';
}

/** It came to its end: of one that did not, nobody knows what else would have changed. */
export function knowsAll({ state }: Pick<Run, 'state'>): boolean {
  return state === 'done';
}

/** How many resources change: what a preview says that `up` would do. */
export function changeCount(counts: Run['counts']): number {
  if (counts === null) return 0;
  return counts.create + counts.update + counts.replace + counts.delete;
}

/** `2 dibuat, 1 diubah`; that nothing changes is said, too, where that is known. */
export function countsText({ state, counts }: Pick<Run, 'state' | 'counts'>): string {
  if (counts === null) return '–';
  const parts = (['create', 'update', 'replace', 'delete'] as const).flatMap((kind) =>
    counts[kind] === 0 ? [] : [`${counts[kind]} ${t(`programs.count.${kind}`)}`],
  );
  if (counts.failed > 0) parts.push(t('programs.failed-count', { count: counts.failed }));
  if (parts.length > 0) return parts.join(', ');
  return knowsAll({ state }) ? t('programs.nothing') : '–';
}

/** How the lines of a resource are drawn. */
export function lineKind({ kind }: Pick<ProgramStep, 'kind'>): 'add' | 'set' | 'remove' {
  if (kind === 'create' || kind === 'import' || kind === 'read') return 'add';
  return kind === 'delete' ? 'remove' : 'set';
}
