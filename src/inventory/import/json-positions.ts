import type { Place } from './problems.ts';

/**
 * Where each value of a JSON text stands, by JSON pointer (RFC 6901), down to a depth. JSON.parse has accepted the text
 * before; this only counts.
 */
export function positionsOf(text: string, deepest: number): (pointer: string) => Place {
  const offsets = new Map<string, number>();
  let at = 0;

  const skipSpace = () => {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  };
  const readString = (): string => {
    const from = at++;
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at++;
    return text.slice(from, at);
  };
  const readValue = (pointer: string, depth: number): void => {
    skipSpace();
    if (depth <= deepest) offsets.set(pointer, at);
    const first = text[at];
    if (first === '"') {
      readString();
    } else if (first === '{' || first === '[') {
      readInside(pointer, depth, first === '{');
    } else {
      while (at < text.length && !',]} \t\r\n'.includes(text.charAt(at))) at++;
    }
  };
  const readInside = (pointer: string, depth: number, isObject: boolean): void => {
    at++;
    for (let index = 0; ; index++) {
      skipSpace();
      if (text[at] === (isObject ? '}' : ']')) break;
      let key = String(index);
      if (isObject) {
        const name: unknown = JSON.parse(readString());
        key = String(name).replaceAll('~', '~0').replaceAll('/', '~1');
        skipSpace();
        at++; // the colon
      }
      readValue(`${pointer}/${key}`, depth + 1);
      skipSpace();
      if (text[at] === ',') at++;
    }
    at++;
  };
  readValue('', 0);

  const lines = lineStarts(text);
  return (pointer) => {
    let known = pointer;
    while (!offsets.has(known) && known !== '') known = known.slice(0, known.lastIndexOf('/'));
    return placeAmong(lines, offsets.get(known) ?? 0);
  };
}

export function placeOfOffset(text: string, offset: number): Place {
  return placeAmong(lineStarts(text), offset);
}

/** The offset at which each line begins. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let next = text.indexOf('\n'); next >= 0; next = text.indexOf('\n', next + 1)) starts.push(next + 1);
  return starts;
}

function placeAmong(starts: readonly number[], offset: number): Place {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
