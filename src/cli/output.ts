import { ArungError } from '../domain/errors.ts';

/** Every command takes `--json`; with it stdout is one JSON value and nothing else. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** Prints a result: as JSON, or as the sentence or table that a person reads. */
export function print(options: OutputOptions, value: unknown, human: () => string): void {
  const text = options.json === true ? JSON.stringify(value, null, 2) : human();
  process.stdout.write(text.endsWith('\n') || text === '' ? text : text + '\n');
}

/** Rows under their headings, columns aligned by width. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(printable));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...shown.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(headings), ...shown.map(line)].join('\n') + '\n';
}

/** ENOSPC of the kernel, SQLITE_FULL (sqlite.org/rescode.html), 53100 of PostgreSQL (appendix A). */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof ArungError) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === '53100')) return true;
  return 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 13;
}

function diskFull(cause: unknown): ArungError {
  return new ArungError(
    'unavailable',
    'The disk is full: free some space where the data folder lies (`arung config` names it as ARUNG_DATA_DIR), then ' +
      'start again. What was acknowledged before is not lost.',
    { code: 'disk.full', cause },
  );
}

/** A name may be anyone's text: no character of it steers the terminal (ECMA-48: C0, C1). */
function printable(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, '\uFFFD');
}

/** The sentence on stderr, with the places to mend; the exit code is set, the program ends by itself. */
export function fail(given: unknown, options: OutputOptions = {}): void {
  process.exitCode = 1;
  const error = isDiskFull(given) ? diskFull(given) : given;
  if (!(error instanceof ArungError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`arung: ${text}\n`);
    return;
  }
  if (options.json === true) {
    const { kind, code, message, details } = error;
    process.stderr.write(JSON.stringify({ error: { kind, code, message, details } }) + '\n');
    return;
  }
  process.stderr.write(`arung: ${printable(error.message)}\n`);
  for (const detail of error.details) {
    if (!error.message.includes(detail.message)) process.stderr.write(`  ${printable(detail.message)}\n`);
  }
}
