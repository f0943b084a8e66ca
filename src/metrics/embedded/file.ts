import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ArungError } from '../../domain/errors.ts';

const schemaVersion = 2;

/**
 * Opens the file of the embedded metric store. A batch is durable before it is acknowledged: the journal of SQLite is a
 * WAL that is synced with every commit (`synchronous=FULL`). Exclusive, so that a second program on the same file is
 * told so. Throws ArungError when it is in use or cannot be opened, and whatever SQLite says when it is damaged.
 */
export function openFile(path: string, maxBytes: number): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path);
    // SQLite gives its WAL the mode of the file. An earlier release let others read it.
    chmodSync(path, 0o600);
  } catch (error) {
    throw asArungError(error, path);
  }
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    if (count(database, 'PRAGMA page_count') === 0)
      database.exec('PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL');
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 500; PRAGMA journal_size_limit = 16777216',
    );
    database.exec('PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY');
    // The hard limit stands above the one that retention keeps, so that its work has room.
    const pageSize = count(database, 'PRAGMA page_size');
    database.exec(`PRAGMA max_page_count = ${Math.max(64, Math.ceil((maxBytes * 1.25) / pageSize))}`);
    const version = count(database, 'PRAGMA user_version');
    if (version > schemaVersion) {
      throw new ArungError(
        'unavailable',
        `The metric store ${path} was written by a newer Arung (format ${version}, this one knows ${schemaVersion}): ` +
          'start that version, or move the file away to begin a new one.',
        { code: 'metrics.newer-file' },
      );
    }
    if (version === 0) {
      database.exec(`
        BEGIN IMMEDIATE;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
        CREATE TABLE series (
          id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, measurement TEXT NOT NULL, tags TEXT NOT NULL);
        CREATE TABLE journal (id INTEGER PRIMARY KEY, last INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE TABLE chunk_raw (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE chunk_5m (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE chunk_1h (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
        PRAGMA user_version = ${schemaVersion};
        COMMIT;`);
    } else if (version === 1) {
      // Tags had a column each. json_patch leaves out those that are null (RFC 7396).
      database.exec(`
        BEGIN IMMEDIATE;
        CREATE TABLE series_2 (
          id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, measurement TEXT NOT NULL, tags TEXT NOT NULL);
        INSERT INTO series_2 SELECT id, key, measurement,
          json_patch('{}', json_object('device', device, 'interface', interface, 'sensor', sensor)) FROM series;
        DROP TABLE series;
        ALTER TABLE series_2 RENAME TO series;
        PRAGMA user_version = ${schemaVersion};
        COMMIT;`);
    }
    return database;
  } catch (error) {
    database.close();
    throw isDamage(error) ? error : asArungError(error, path);
  }
}

/** Moves a damaged file out of the way, with its WAL; returns its new name. */
export function moveAside(path: string, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[:.]/g, '-');
  const aside = `${path}.damaged-${stamp}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

export function count(database: DatabaseSync, pragma: string): number {
  const row = database.prepare(pragma).get();
  const value = row === undefined ? 0 : Object.values(row)[0];
  return typeof value === 'number' ? value : 0;
}

/** Runs work in one transaction: all of it or nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // SQLite rolls back by itself after some errors (full disk, damage); then there is nothing left to end.
    }
    throw error;
  }
}

/** https://www.sqlite.org/rescode.html; the low byte of an extended code is the primary one. */
const codes = {
  busy: 5,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

function primaryCode(error: unknown): number {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return -1;
  return error.errcode & 0xff;
}

/** The file itself is broken. A chunk that cannot be unpacked counts, too. */
export function isDamage(error: unknown): boolean {
  const code = primaryCode(error);
  return code === codes.corrupt || code === codes.notADatabase;
}

export function isFull(error: unknown): boolean {
  return primaryCode(error) === codes.full;
}

export function asArungError(error: unknown, path: string): ArungError {
  if (error instanceof ArungError) return error;
  const cause = { cause: error };
  switch (primaryCode(error)) {
    case codes.busy:
      return new ArungError(
        'unavailable',
        `The metric store ${path} is in use by another program: stop the other Arung, or give this one a data folder of its own.`,
        { ...cause, code: 'metrics.in-use' },
      );
    case codes.full:
      return new ArungError(
        'unavailable',
        `The metric store ${path} cannot grow: the disk is full or the limit of its size is reached. Free space on the disk, or raise the limit.`,
        { ...cause, code: 'metrics.disk-full', retryAfterS: 10 },
      );
    case codes.readOnly:
    case codes.cannotOpen:
      return new ArungError(
        'unavailable',
        `The metric store ${path} cannot be opened for writing: check that the folder exists and who owns it.`,
        { ...cause, code: 'metrics.cannot-open' },
      );
    case codes.inputOutput:
      return new ArungError(
        'unavailable',
        `Reading or writing the metric store ${path} failed: look at the disk (dmesg, smartctl).`,
        { ...cause, code: 'metrics.disk-error', retryAfterS: 10 },
      );
    default:
      return new ArungError(
        'internal',
        `The metric store ${path} failed: ${error instanceof Error ? error.message : String(error)}`,
        { ...cause, code: 'metrics.failed' },
      );
  }
}
