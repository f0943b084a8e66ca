/**
 * Whether a line is as a pattern says: `*` stands for any characters, `?` for one, the rest for itself. Not a regular
 * expression on purpose: the time is at most pattern times line, whatever somebody writes (Kirk Krauss, "Matching
 * Wildcards").
 */
export function matchesLine(pattern: string, line: string): boolean {
  let [p, l] = [0, 0];
  /** Where the last star stands, and what it stood for when it was met. */
  let [star, from] = [-1, 0];
  while (l < line.length) {
    if (pattern[p] === '*') [star, from, p] = [p, l, p + 1];
    else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === line[l])) [p, l] = [p + 1, l + 1];
    else if (star >= 0) {
      from += 1;
      [p, l] = [star + 1, from];
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
