import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ArungError, type ErrorDetail } from '../../domain/errors.ts';
import { Scope } from '../../domain/place.ts';
import { variableNamePattern } from '../../domain/variable.ts';
import type { Variable, VariableLine } from './variable-book.ts';

const columns = ['name', 'scope', 'key', 'value', 'secret'] as const;
const documentFormat = 'arung-variables/1';
const mostLines = 20_000;
/** A file of somebody who keeps remarks beside his variables. */
const mostColumns = 20;
/** Characters of one line; more is a quote that is never closed. */
const longestLine = 65_536;

const Line = Type.Object(
  {
    name: Type.String({ pattern: variableNamePattern }),
    scope: Scope,
    key: Type.String({ maxLength: 130, pattern: '^[^\\u0000]*$' }),
    value: Type.Union([Type.String({ maxLength: 8_192, pattern: '^[^\\u0000]*$' }), Type.Null()]),
    secret: Type.Boolean(),
  },
  { additionalProperties: false },
);

export type VariableFormat = 'csv' | 'json';

/** Variables as a file that `linesOfFile` reads: secrets are named, and have no value. */
export function fileOfVariables(variables: readonly Variable[], format: VariableFormat): string {
  const lines = variables.map(({ name, place: { scope, key }, value, secret }) => ({
    name,
    scope,
    key,
    value,
    secret,
  }));
  if (format === 'json') return `${JSON.stringify({ format: documentFormat, variables: lines }, null, 2)}\n`;
  const rows = lines.map((line) => [line.name, line.scope, guarded(line.key), guarded(line.value ?? ''), String(line.secret)]); // prettier-ignore
  // RFC 4180, UTF-8 with BOM, so that Excel reads it.
  return stringify([[...columns], ...rows], { record_delimiter: '\r\n', bom: true });
}

/** Throws `variable.file` with every line that is none. A secret without a value, an empty cell, stays what it is. */
export function linesOfFile(text: string, format: VariableFormat): readonly VariableLine[] {
  const rows = format === 'json' ? rowsOfJson(text) : rowsOfCsv(text);
  if (rows.length > mostLines) throw badFile([fault(mostLines + 2, `At most ${mostLines} variables are taken.`)]);
  const faults: ErrorDetail[] = [];
  const lines: VariableLine[] = [];
  for (const { line, given } of rows) {
    if (Value.Check(Line, given)) lines.push({ ...given, line });
    else {
      const [first] = Value.Errors(Line, given);
      const at = first?.instancePath.slice(1) ?? '';
      faults.push(fault(line, `${at === '' ? 'It' : at} ${first?.message ?? 'is not right'}.`, at));
    }
  }
  if (faults.length > 0) throw badFile(faults);
  return lines;
}

interface Row {
  /** Of the file, from 1; of JSON the place in its list. */
  readonly line: number;
  readonly given: unknown;
}

function rowsOfJson(text: string): readonly Row[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw badFile([fault(1, `It is no JSON (${(cause as Error).message}).`)]);
  }
  const { format, variables } = (document ?? {}) as { readonly format?: unknown; readonly variables?: unknown };
  if (format !== documentFormat || !Array.isArray(variables)) {
    throw badFile([fault(1, `It must be {"format": "${documentFormat}", "variables": […]}.`)]);
  }
  return variables.map((given: unknown, at) => ({
    line: at + 1,
    given: given !== null && typeof given === 'object' ? { key: '', secret: false, value: null, ...given } : given,
  }));
}

function rowsOfCsv(text: string): readonly Row[] {
  let records: readonly {
    readonly record: Readonly<Record<string, string>>;
    readonly info: { readonly lines: number };
  }[];
  // Excel in Indonesia separates by semicolons.
  const delimiter = /^[^\r\n,]*;[^\r\n,]*(\r|\n|$)/.test(text.slice(0, longestLine)) ? ';' : ',';
  try {
    records = parse(text, {
      delimiter,
      columns: (names: string[]) => {
        if (names.length > mostColumns) throw badFile([fault(1, `At most ${mostColumns} columns are taken.`)]);
        return names;
      },
      bom: true,
      info: true,
      trim: false,
      skip_empty_lines: true,
      to: mostLines + 1,
      max_record_size: longestLine,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw badFile([fault(Number(error['lines'] ?? 1), error.message)]);
  }
  return records.map(({ record, info }) => {
    const { name = '', scope = '', key = '', value = '', secret = '', ...more } = record;
    const isSecret = /^(true|yes|ya|1)$/i.test(secret.trim());
    const plain = unguarded(value);
    const given = {
      name: name.trim(),
      scope: scope.trim(),
      key: unguarded(key).trim(),
      value: isSecret && plain === '' ? null : plain,
      secret: isSecret,
      ...more,
    };
    return { line: info.lines, given };
  });
}

/** What a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection). */
function guarded(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function unguarded(text: string): string {
  return /^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text;
}

function fault(line: number, message: string, field = ''): ErrorDetail {
  return { code: 'variable.line', message: `Line ${line}: ${message}`, arguments: { line, field }, line };
}

function badFile(details: readonly ErrorDetail[]): ArungError {
  return new ArungError('invalid', `The file holds no variables: ${details[0]?.message ?? ''}`, {
    code: 'variable.file',
    arguments: { count: details.length },
    details: details.slice(0, 50),
  });
}
