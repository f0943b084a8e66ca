import { ApiError, type ProblemDetail } from './api.ts';
import { t, textOf } from './i18n.svelte.ts';

/** There is none of that name, or none that the reader may see. */
export function isNotThere(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** What went wrong, in the reader's language: by the error's code where a catalogue has it, else the controller's words. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.unknown', { message: String(error) });
  const [first] = error.details;
  if (error.code === 'request.invalid' && first !== undefined) return detailSentence(first);
  const own = textOf(`error.${error.code}`, error.arguments);
  if (own !== undefined) return own;
  if (error.status === 403) return t('error.forbidden');
  if (error.status === 404) return t('error.not-found');
  if (error.code.startsWith('http.')) return t('error.no-problem', { status: error.status });
  return t('error.unknown', { message: error.message });
}

/** One of the places that a problem points at, in the reader's language. */
export function detailSentence(detail: ProblemDetail): string {
  return textOf(`error.${detail.code}`, detail.arguments) ?? detail.message;
}

/** A problem that stands in an answer, in the reader's language; the controller's words where no catalogue has its code. */
export function problemText(problem: {
  readonly code: string | null;
  readonly arguments: Readonly<Record<string, string | number>> | null;
  readonly message: string;
}): string {
  return textOf(`error.${problem.code}`, problem.arguments ?? {}) ?? problem.message;
}
