import type { RouterDevice } from './routeros/router-device.ts';

export type HandRow = Readonly<Record<string, string>>;

/**
 * One command of RouterOS, as somebody gives it who sits at the router: `/ip/pool/set` and its words in those of the API,
 * `ranges=10.0.0.2-10.0.0.9`; `?name=kolam` picks the entries that it is done to. Answers what the menu has then.
 * Throws a Trap.
 */
export function byHand(router: RouterDevice, path: string, words: readonly string[]): readonly HandRow[] {
  const queries = words.filter((word) => word.startsWith('?'));
  const given = new Map(words.filter((word) => !word.startsWith('?')).map(wordOf));
  const menu = path.slice(0, path.lastIndexOf('/'));
  const rows = (of: readonly string[]): readonly HandRow[] =>
    router.run({ path: `${menu}/print`, arguments: new Map(), queries: of }).rows;
  if (path.endsWith('/print')) return rows(queries);
  const ids = queries.length === 0 ? [null] : rows(queries).map((row) => row['.id'] ?? null);
  if (ids.length === 0) throw new Error(`There is no such entry in ${menu}.`);
  for (const id of ids) {
    router.run({ path, arguments: id === null ? given : new Map([['.id', id], ...given]), queries: [], by: 'admin' });
  }
  return rows([]);
}

function wordOf(word: string): readonly [string, string] {
  const at = word.indexOf('=', 1);
  return at === -1 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}
