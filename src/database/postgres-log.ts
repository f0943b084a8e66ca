import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { ArungError } from '../domain/errors.ts';

const largestLog = 10 * 1024 * 1024;
const longestExcerpt = 16 * 1024;

/** One old log is kept. The server holds the file open for appending, so it is copied and emptied, not renamed. */
export function rotateLog(file: string): void {
  if (!existsSync(file) || statSync(file).size < largestLog) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file, 0);
}

/** What was written to a log after `offset`, its last part when it is long. */
export function readFrom(file: string, offset: number): string {
  const log = openSync(file, 'r');
  try {
    const { size } = fstatSync(log);
    const from = Math.max(offset > size ? 0 : offset, size - longestExcerpt);
    const buffer = Buffer.alloc(size - from);
    readSync(log, buffer, 0, buffer.length, from);
    return buffer.toString();
  } finally {
    closeSync(log);
  }
}

/** Turns what PostgreSQL wrote before it ended into a sentence that says what to do. */
export function startError(what: string, output: string): ArungError {
  if (/no space left on device|disk quota exceeded|could not write to file.*\b(ENOSPC|EDQUOT)\b/i.test(output)) {
    return new ArungError('unavailable', `${what}: the disk is full. Free some space, then start Arung again.`, {
      code: 'database.disk-full',
    });
  }
  if (/read-only file system/i.test(output)) {
    return new ArungError('unavailable', `${what}: its file system is mounted read-only.`, {
      code: 'database.read-only',
    });
  }
  if (/could not look up effective user ID|user does not exist/i.test(output)) {
    return new ArungError(
      'unavailable',
      `${what}: this account (uid ${process.getuid?.()}) has no entry in /etc/passwd, which PostgreSQL needs. ` +
        'Add one, or set DATABASE_URL to a PostgreSQL server of your own.',
      { code: 'database.no-account' },
    );
  }
  if (/incompatible with server|initialized by PostgreSQL version/i.test(output)) {
    return new ArungError(
      'unavailable',
      `${what}: its cluster was made by another major version of PostgreSQL. Go back to the version of Arung that made it and export first.`,
      { code: 'database.other-version' },
    );
  }
  const lines = output.trim().split('\n').slice(-6).join(' | ');
  return new ArungError('unavailable', `${what}. Its last words: ${lines === '' ? 'none' : lines}`, {
    code: 'database.start-failed',
  });
}
