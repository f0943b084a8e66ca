import type { NamedSecrets } from '../driver.ts';
import { wordsOf } from './properties.ts';
import { globalSection, isOwned, nesting } from './sections.ts';

/**
 * The words that begin a line, where a person or program has called what they say secret; null where nobody has.
 * @param path the lines that lead into its section, none for the global one.
 */
export function namedWords(
  named: NamedSecrets,
  { path, line }: { readonly path: readonly string[]; readonly line: string },
): string | null {
  const properties = named.get(path.length === 0 ? globalSection : path.join(nesting)) ?? [];
  return [...properties].map(wordsOf).find((words) => line !== words && isOwned(line, words)) ?? null;
}
