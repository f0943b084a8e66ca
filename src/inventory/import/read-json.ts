import { positionsOf, placeOfOffset } from './json-positions.ts';
import { whereItIsStrange } from './json-limits.ts';
import { isListName, listNames } from './lists.ts';
import { nearest, type Place, type Problems } from './problems.ts';
import { checkRows, isFields, mostRows, tellTooManyRows, type Row } from './rows.ts';

/** A document has five levels; what is nested without end would fill the stack of whoever walks it. */
const limits = { deepest: 32, mostOpened: 10 * mostRows };

/** Reads a whole inventory document. */
export function readJson(text: string, problems: Problems): Row[] {
  const strange = whereItIsStrange(text, limits);
  if (strange?.is === 'large') {
    tellTooManyRows(placeOfOffset(text, strange.at), problems);
    return [];
  }
  if (strange?.is === 'deep') {
    problems.add({
      code: 'syntax',
      place: placeOfOffset(text, strange.at),
      says: `The document is nested more than ${limits.deepest} levels deep here: an inventory is not.`,
    });
    return [];
  }
  const document = parse(text, problems);
  if (document === undefined) return [];
  if (!isFields(document)) {
    problems.add({
      code: 'syntax',
      place: { line: 1, column: 1 },
      says: 'The document must be a JSON object with "format": "arung-inventory/1".',
    });
    return [];
  }
  let locate: ((pointer: string) => Place) | null = null;
  // Counting lines costs more than parsing: only done when something is to be told.
  const placeOf = (pointer: string) => (locate ??= positionsOf(text, 3))(pointer);

  if (document['format'] !== 'arung-inventory/1') {
    problems.add({
      code: 'wrong-format',
      place: placeOf('/format'),
      field: 'format',
      // anything but a word is not said back: it may be nested without end
      arguments: { value: typeof document['format'] === 'string' ? document['format'].slice(0, 80) : '' },
      says: 'The document does not say "format": "arung-inventory/1": it is none of Arung, or of another version.',
    });
  }
  for (const name of Object.keys(document)) {
    if (name === 'format' || isListName(name)) continue;
    const meant = nearest(name, listNames);
    problems.add({
      code: 'unknown-list',
      place: placeOf(`/${name}`),
      field: name,
      arguments: { value: name, meant: meant ?? '' },
      says: `${name} is no list of an inventory${meant === null ? '.' : `: did you mean ${meant}?`}`,
    });
  }
  const rows = listNames.reduce((sum, name) => sum + sizeOf(document[name]), 0);
  if (rows > mostRows) {
    tellTooManyRows({ line: 1, column: 1 }, problems);
    return [];
  }
  return listNames.flatMap((name) => {
    const items = document[name];
    if (items === undefined) return [];
    if (!Array.isArray(items)) {
      problems.add({
        code: 'not-a-list',
        list: name,
        place: placeOf(`/${name}`),
        arguments: { field: name },
        says: `${name} must be a list.`,
      });
      return [];
    }
    const raw = items.map((value: unknown, index) => ({
      value,
      place: (field?: string) => placeOf(`/${name}/${index}${field === undefined ? '' : `/${field}`}`),
    }));
    return checkRows(name, raw, problems);
  });
}

function sizeOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

function parse(text: string, problems: Problems): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const place = placeOfOffset(text, offsetOfError(text, reason));
    const what = reason.replace(/ in JSON at position.*$/s, '').replace(/, "?.*is not valid JSON$/s, '');
    problems.add({ code: 'syntax', place, arguments: { reason: what }, says: `The file is no JSON: ${what}.` });
    return undefined;
  }
}

/** V8 does not always say where; then it is where the text, cut off there, stops being only unfinished. */
function offsetOfError(text: string, reason: string): number {
  const told = positionIn(reason);
  if (told !== null) return told;
  let unfinished = 0;
  let wrong = text.length;
  while (wrong - unfinished > 1) {
    const middle = (unfinished + wrong) >> 1;
    if (isUnfinished(text.slice(0, middle))) unfinished = middle;
    else wrong = middle;
  }
  return unfinished;
}

function isUnfinished(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    const position = positionIn(reason);
    return position === null
      ? reason.includes('end of JSON input')
      : position >= text.length || reason.startsWith('Unterminated');
  }
}

function positionIn(reason: string): number | null {
  const position = /at position (\d+)/.exec(reason)?.[1];
  return position === undefined ? null : Number(position);
}
