import { ArungError } from './errors.ts';

/** Letters and digits of a reason, at least. */
export const shortestReason = 5;

/**
 * A reason in words, without what stands around it and cannot be seen: whoever reads the journal learns why. Throws
 * `reason.no-words`.
 * @param field where it stands in the request.
 */
export function reasonOf(text: string, field: string): string {
  const seen = text.replace(/^[\s\p{C}\p{Z}]+|[\s\p{C}\p{Z}]+$/gu, '');
  if ((seen.match(/[\p{L}\p{N}]/gu) ?? []).length >= shortestReason) return seen;
  const message = `Say why, in words: the reason needs ${shortestReason} letters or digits.`;
  const given = { count: shortestReason };
  throw new ArungError('invalid', message, {
    code: 'reason.no-words',
    arguments: given,
    details: [{ message, field, code: 'reason.no-words', arguments: given }],
  });
}
