import { lists, type Fields, type List, type ListName } from './lists.ts';
import { nearest, type Place, type Problems } from './problems.ts';

/** Rows of one file: the villages of the whole country are fewer. */
export const mostRows = 100_000;
/** Entries of one list within a row. */
const mostEntries = 10_000;

/** One thing of the file, with the way to say where its fields stand. */
export interface Row {
  readonly list: ListName;
  readonly key: string;
  readonly value: Fields;
  place(field?: string): Place;
}

/** A row before anybody looked whether it is one. */
export interface RawRow {
  readonly value: unknown;
  place(field?: string): Place;
}

/** Checks rows against the schema of their list; those that pass come back, the rest are told. */
export function checkRows(name: ListName, raw: Iterable<RawRow>, problems: Problems): Row[] {
  const list = lists[name];
  const rows: Row[] = [];
  const firstPlaces = new Map<string, () => Place>();
  for (const { value, place } of raw) {
    if (problems.hopeless) break;
    if (!isFields(value)) {
      problems.add({ code: 'not-an-object', list: name, place: place(), says: `A ${list.noun} must be an object.` });
      continue;
    }
    if (!checkShape(list, value, place, problems)) continue;
    const key = list.keyOf(value);
    const first = firstPlaces.get(key);
    if (first !== undefined) {
      const { line: otherLine } = first();
      problems.add({
        code: 'duplicate',
        list: name,
        place: place(keyField(name)),
        field: keyField(name),
        arguments: { value: key, otherLine },
        says: `${key} stands twice in the file, first in line ${otherLine}.`,
      });
      continue;
    }
    firstPlaces.set(key, place);
    rows.push({ list: name, key, value, place });
  }
  return rows;
}

export function keyField(name: ListName): string {
  return name === 'regions' || name === 'sites' || name === 'services' ? 'code' : 'name';
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function tellTooManyRows(place: Place, problems: Problems): void {
  problems.add({
    code: 'too-many-rows',
    place,
    arguments: { most: mostRows },
    says: `The file holds more than ${mostRows} rows, which are too many at once: split it.`,
  });
}

function checkShape(list: List, value: Fields, place: RawRow['place'], problems: Problems): boolean {
  const before = problems.count;
  for (const [field, entries] of Object.entries(value)) {
    if (!Array.isArray(entries) || entries.length <= mostEntries) continue;
    const expected = `must have at most ${mostEntries} entries`;
    problems.add({
      code: 'wrong-value',
      list: list.name,
      place: place(),
      field,
      arguments: { value: `(${entries.length})`, field, expected },
      says: `${field} of a ${list.noun} has ${entries.length} entries: it ${expected}.`,
    });
    return false;
  }
  for (const field of Object.keys(value)) {
    if (!list.fields.some((known) => known.name === field)) tellUnknownField(list, field, place(field), problems);
  }
  if (!list.validator.Check(value)) {
    const told = new Set<string>();
    for (const error of list.validator.Errors(value)) {
      if (error.keyword === 'required') {
        for (const field of missingOf(error.params)) {
          problems.add({
            code: 'missing-value',
            list: list.name,
            place: place(),
            field,
            arguments: { field },
            says: `The ${list.noun} needs ${field}.`,
          });
        }
        continue;
      }
      const field = error.instancePath.split('/')[1] ?? '';
      if (told.has(field)) continue;
      told.add(field);
      const given = textOf(value[field]);
      problems.add({
        code: 'wrong-value',
        list: list.name,
        place: place(field),
        field,
        arguments: { value: given, field, expected: expectedOf(error) },
        says: `${given} is no ${field} of a ${list.noun}: it ${expectedOf(error)}.`,
      });
    }
  }
  if (hasUnstorableText(value)) {
    problems.add({
      code: 'bad-text',
      list: list.name,
      place: place(),
      says: `The ${list.noun} holds a character that is none (NUL or half a character): remove it.`,
    });
  }
  return problems.count === before;
}

export function tellUnknownField(list: List, field: string, place: Place, problems: Problems): void {
  const names = list.fields.map((known) => known.name);
  const meant = nearest(field, names);
  problems.add({
    code: 'unknown-column',
    list: list.name,
    place,
    field,
    arguments: { field, meant: meant ?? '', known: names.join(', ') },
    says:
      `${field} is no column of ${list.name}` +
      (meant === null ? `; there are ${names.join(', ')}.` : `: did you mean ${meant}?`),
  });
}

function missingOf(params: object): readonly string[] {
  return 'requiredProperties' in params && Array.isArray(params.requiredProperties)
    ? params.requiredProperties.map(String)
    : [];
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text === '' ? '""' : text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function expectedOf(error: { keyword: string; message: string; params: object }): string {
  if (error.keyword === 'enum' && 'allowedValues' in error.params && Array.isArray(error.params.allowedValues)) {
    return `must be one of ${error.params.allowedValues.join(', ')}`;
  }
  return error.message;
}

/** PostgreSQL takes neither NUL nor half a surrogate pair. */
function hasUnstorableText(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed();
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(hasUnstorableText);
}
