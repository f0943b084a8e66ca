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
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(headings), ...rows.map(line)].join('\n') + '\n';
}

/** The sentence on stderr, with the places to mend; the exit code is set, the program ends by itself. */
export function fail(error: unknown, options: OutputOptions = {}): void {
  process.exitCode = 1;
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
  process.stderr.write(`arung: ${error.message}\n`);
  for (const detail of error.details) {
    if (!error.message.includes(detail.message)) process.stderr.write(`  ${detail.message}\n`);
  }
}
