import { CsvError, parse, type Info } from 'csv-parse/sync';
import { lists, type Field, type Fields, type List, type ListName } from './lists.ts';
import { nearest, type Place, type Problems } from './problems.ts';
import { checkRows, mostRows, tellTooManyRows, tellUnknownField, type RawRow, type Row } from './rows.ts';

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: Info;
}

/** Characters of one line; more is a quote that is never closed. */
const largestRecord = 1_000_000;

/**
 * Reads one list from a CSV, as people's programs write it: with or without BOM, with comma, semicolon (Excel in
 * Indonesia) or tab, LF or CRLF, quoted cells over several lines.
 */
export function readCsv(text: string, name: ListName, problems: Problems): Row[] {
  const list = lists[name];
  const plain = text.replace(/^\uFEFF/, '');
  const delimiter = delimiterOf(plain);
  const records = parseRecords(plain, delimiter, problems);
  const header = records?.[0];
  if (records === null || header === undefined) {
    if (records !== null) {
      problems.add({ code: 'empty', list: name, place: { line: 1, column: 1 }, says: 'The file is empty.' });
    }
    return [];
  }
  const columns = readHeader(list, header.record, delimiter, problems);
  if (columns === null) return [];

  if (records.length > mostRows + 1) {
    tellTooManyRows({ line: 1, column: columns[0]?.name ?? 1 }, problems);
    return [];
  }
  const raw: RawRow[] = [];
  for (const { record, info } of records.slice(1)) {
    if (problems.hopeless) break;
    const row = readRecord(list, columns, record, firstLine(record, info), delimiter, problems);
    if (row !== null) raw.push(row);
  }
  return checkRows(name, raw, problems);
}

/** csv-parse says at which line a record ends; it is as many lines long as its cells hold line breaks, and one. */
function firstLine(record: readonly string[], info: Info): number {
  const breaks = record.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
  return info.lines - breaks;
}

function delimiterOf(text: string): string {
  const header = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  const count = (separator: string) => header.split(separator).length - 1;
  const candidates = [',', ';', '\t'] as const;
  return candidates.reduce<string>((best, next) => (count(next) > count(best) ? next : best), ',');
}

function parseRecords(text: string, delimiter: string, problems: Problems): CsvRecord[] | null {
  const { stackTraceLimit } = Error;
  // The parser makes an error of every short row for itself, and its stack costs 40 µs.
  Error.stackTraceLimit = 0;
  try {
    return parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      to: mostRows + 2,
      max_record_size: largestRecord,
    }) as unknown as CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
    const says =
      error.code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'A quoted cell is never closed: look for a lone " further up.'
        : 'The quotes of this line are wrong: a " inside a quoted cell is written "".';
    problems.add({ code: 'syntax', place: { line, column: 1 }, arguments: { reason: error.code }, says });
    return null;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The field of each column; null where the file has none that can be read. */
function readHeader(
  list: List,
  header: readonly string[],
  delimiter: string,
  problems: Problems,
): (Field | null)[] | null {
  const before = problems.count;
  const names = header.map((cell) => cell.trim());
  const known = names.filter((name) => list.fields.some((field) => field.name === name));
  if (known.length === 0) {
    const place = { line: 1, column: names[0] ?? '' };
    const lonely = names.length === 1;
    problems.add({
      code: lonely ? 'wrong-separator' : 'no-header',
      list: list.name,
      place,
      arguments: { known: list.fields.map((field) => field.name).join(', ') },
      says: lonely
        ? 'The first line has no separator that could be recognised: separate columns by comma, semicolon or tab.'
        : `The first line must name the columns of ${list.name}: ${list.fields.map((field) => field.name).join(', ')}.`,
    });
    return null;
  }
  const columns = names.map((name, index) => {
    const place: Place = { line: 1, column: name === '' ? index + 1 : name };
    if (name === '') {
      // A trailing separator; refused only when cells stand in the column.
      return null;
    }
    if (names.indexOf(name) !== index) {
      problems.add({
        code: 'duplicate-column',
        list: list.name,
        place,
        arguments: { field: name },
        says: `The column ${name} stands twice.`,
      });
      return null;
    }
    const field = list.fields.find((candidate) => candidate.name === name);
    if (field === undefined) tellUnknownField(list, name, place, problems);
    return field ?? null;
  });
  for (const field of list.fields) {
    if (!field.required || names.includes(field.name)) continue;
    const meant = nearest(field.name, names);
    problems.add({
      code: 'missing-column',
      list: list.name,
      place: { line: 1, column: field.name },
      field: field.name,
      arguments: { field: field.name, meant: meant ?? '', separator: delimiter },
      says: `The column ${field.name} is missing.`,
    });
  }
  return problems.count === before ? columns : null;
}

function readRecord(
  list: List,
  columns: readonly (Field | null)[],
  record: readonly string[],
  line: number,
  delimiter: string,
  problems: Problems,
): RawRow | null {
  const before = problems.count;
  const extra = record.findIndex((cell, index) => (columns[index] ?? null) === null && cell.trim() !== '');
  if (extra >= 0) {
    problems.add({
      code: 'too-many-columns',
      list: list.name,
      place: { line, column: extra + 1 },
      arguments: { columns: columns.length, cells: record.length },
      says: `The line has ${record.length} cells for ${columns.length} columns: put a cell with a separator in quotes.`,
    });
    return null;
  }
  const value: Record<string, unknown> = {};
  for (const [index, field] of columns.entries()) {
    if (field === null) continue;
    const cell = unguarded(record[index] ?? '').trim();
    const read = readCell(field, cell, delimiter);
    if (read.wrong !== undefined) {
      problems.add({
        code: 'wrong-value',
        list: list.name,
        place: { line, column: field.name },
        field: field.name,
        arguments: { value: cell, field: field.name, expected: read.wrong },
        says: `${cell} is no ${field.name} of a ${list.noun}: it must be ${read.wrong}.`,
      });
    } else if (read.value === '' && field.required) {
      problems.add({
        code: 'missing-value',
        list: list.name,
        place: { line, column: field.name },
        field: field.name,
        arguments: { field: field.name },
        says: `The ${list.noun} needs ${field.name}: the cell is empty.`,
      });
    } else if (read.value !== undefined) {
      value[field.name] = read.value;
    }
  }
  if (problems.count > before) return null;
  return { value: value satisfies Fields, place: (field) => ({ line, column: field ?? list.fields[0]?.name ?? '' }) };
}

function readCell(field: Field, cell: string, delimiter: string): { value?: unknown; wrong?: string } {
  if (cell === '') {
    if (field.required) return { value: '' };
    if (field.nullable) return { value: null };
    if (field.skipEmpty) return {};
    return { value: field.cell === 'list' ? [] : '' };
  }
  switch (field.cell) {
    case 'text':
      return { value: cell };
    case 'number':
    case 'integer': {
      // A program that separates cells by semicolons writes decimals with a comma.
      const text = delimiter === ';' && /^-?\d+,\d+$/.test(cell) ? cell.replace(',', '.') : cell;
      const number = Number(text);
      return Number.isFinite(number) ? { value: number } : { wrong: 'a number' };
    }
    case 'boolean': {
      const word = cell.toLowerCase();
      if (['true', 'yes', 'ya', '1'].includes(word)) return { value: true };
      if (['false', 'no', 'tidak', '0'].includes(word)) return { value: false };
      return { wrong: 'true or false' };
    }
    case 'list':
      if (cell.startsWith('[')) return readJsonCell(cell);
      return {
        value: cell
          .split(';')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      };
    case 'json':
      return readJsonCell(cell);
  }
}

function readJsonCell(cell: string): { value?: unknown; wrong?: string } {
  try {
    return { value: JSON.parse(cell) };
  } catch {
    return { wrong: 'JSON' };
  }
}

/** Export puts an apostrophe before what a spreadsheet would run as a formula; it comes off again. */
function unguarded(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}
