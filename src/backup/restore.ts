import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { EmbeddedPostgres } from '../database/embedded-postgres.ts';
import { ExternalPostgres } from '../database/external-postgres.ts';
import { lockFolder } from '../database/folder-lock.ts';
import { commitSwap, contentOf, finishSwap, restoringFolder } from '../database/folder-swap.ts';
import { knownMigrations } from '../database/migrate.ts';
import { letPostgresThrough } from '../database/postgres-place.ts';
import { stopOrphan } from '../database/postmaster.ts';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { readMembers, verifyArchive } from './archive-reader.ts';
import { keptFiles } from './backup.ts';
import { migrationsOf } from './dump.ts';
import type { DatabaseLoad } from './load.ts';
import type { Manifest } from './manifest.ts';
import { restoreDatabase } from './restore-database.ts';
import { isWaitingFile, waitingFolder } from './waiting-points.ts';

/** The settings of the backup, for a person to look at: they may not fit this machine. */
export const settingsFile = 'settings-from-backup.toml';

export interface RestoreProgress {
  readonly step: 'verify' | 'restore';
  /** Bytes of the backup read so far in this step, and in all. */
  readonly done: number;
  readonly total: number;
}

export interface RestoreRequest {
  readonly file: string;
  readonly dataDir: string;
  /** Null: the embedded PostgreSQL of the data folder. */
  readonly databaseUrl: string | null;
  /** Whether data that is there may give way (it is kept aside). */
  readonly replace: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Saves what an external database holds before it is replaced; resolves with where. */
  readonly saveDatabase: (file: string) => Promise<void>;
  readonly progress?: (progress: RestoreProgress) => void;
}

export interface RestoreResult {
  readonly file: string;
  readonly madeAt: string;
  readonly release: string;
  readonly tables: number;
  readonly rows: number;
  readonly metrics: boolean;
  readonly keyId: string | null;
  /** Where what was there before is kept; null when nothing was. */
  readonly aside: readonly string[];
  readonly settings: string;
}

/** Checks a backup without touching anything: every sum, and whether this program knows its schema. */
export async function checkBackup(file: string, progress?: (progress: RestoreProgress) => void): Promise<Manifest> {
  const manifest = await verifyArchive(file, (done, total) => progress?.({ step: 'verify', done, total }));
  const unknown = manifest.database.migrations.filter((name) => !knownMigrations.includes(name));
  if (unknown.length > 0) {
    throw new ArungError(
      'conflict',
      `The backup ${file} was made by a newer Arung (${manifest.arung}; it has ${unknown.join(', ')}): restore it with that release or a later one.`,
      { code: 'backup.newer', arguments: { file, release: manifest.arung } },
    );
  }
  return manifest;
}

/**
 * Puts a backup in the place of what is there, whole or not at all: nothing is touched before the backup is verified,
 * everything is made ready beside the old data, and one step changes over. Cut off at any moment, the next start or
 * restore finds the old state or the new one.
 */
export async function restoreBackup(request: RestoreRequest): Promise<RestoreResult> {
  const { file, dataDir, progress } = request;
  const manifest = await checkBackup(file, progress);
  const aside =
    request.databaseUrl === null
      ? await intoFolder(request, manifest)
      : await intoServer(request, request.databaseUrl, manifest);
  const { tables } = manifest.database;
  return {
    file,
    madeAt: manifest.madeAt,
    release: manifest.arung,
    tables: tables.length,
    rows: tables.reduce((sum, table) => sum + table.rows, 0),
    metrics: manifest.metrics !== null,
    keyId: manifest.keyId,
    aside,
    settings: join(dataDir, settingsFile),
  };
}

/** A new cluster is made and filled beside the old one; then the folder changes over. */
async function intoFolder(request: RestoreRequest, manifest: Manifest): Promise<string[]> {
  const { dataDir, clock, logger } = request;
  const lock = lockFolder(dataDir);
  try {
    finishSwap(dataDir);
    refuseContent(request);
    const restoring = await emptyRestoring(dataDir, clock, logger);
    await stopOrphan(join(dataDir, 'postgresql', 'cluster'), clock, logger);
    letPostgresThrough(dataDir);
    const postgres = new EmbeddedPostgres({ dataDir: restoring, logger, clock });
    await postgres.start();
    try {
      await restoreDatabase({
        url: postgres.url,
        file: request.file,
        manifest,
        restoreId: randomUUID(),
        readInto: (load) => readInto(request, manifest, load),
        progress: () => undefined,
      });
    } finally {
      await postgres.stop();
    }
    const { aside } = commitSwap(dataDir, stampOf(clock), null);
    finishSwap(dataDir);
    return aside === null ? [] : [aside];
  } finally {
    lock.release();
  }
}

/** The database is replaced in one transaction; its commit decides for the folder, too. */
async function intoServer(request: RestoreRequest, url: string, manifest: Manifest): Promise<string[]> {
  const { dataDir, clock, logger } = request;
  const server = new ExternalPostgres({ url, dataDir, logger, patienceMs: 3_000 });
  await server.start();
  try {
    refuseContent(request);
    await emptyRestoring(dataDir, clock, logger);
    const stamp = stampOf(clock);
    const kept: string[] = [];
    if (await holdsData(url)) {
      if (!request.replace) throw holdsDataAlready('The database of DATABASE_URL');
      const saved = join(dataDir, 'backups', `before-restore-${stamp}.arung`);
      mkdirSync(join(dataDir, 'backups'), { recursive: true, mode: 0o700 });
      await request.saveDatabase(saved);
      kept.push(saved);
    }
    const restoreId = randomUUID();
    await restoreDatabase({
      url,
      file: request.file,
      manifest,
      restoreId,
      readInto: async (load) => {
        await readInto(request, manifest, load);
        const { aside } = commitSwap(dataDir, stamp, restoreId);
        if (aside !== null) kept.push(aside);
      },
      progress: () => undefined,
    });
    finishSwap(dataDir);
    return kept;
  } finally {
    await server.stop();
  }
}

/** Reads the backup once: tables into the database, files into the folder that will be the new one. */
async function readInto(request: RestoreRequest, manifest: Manifest, load: DatabaseLoad): Promise<void> {
  const restoring = join(request.dataDir, restoringFolder);
  const tables = new Map(manifest.database.tables.map((table) => [table.member.name, table]));
  const files = new Map<string, string>([[manifest.settings.name, settingsFile]]);
  if (manifest.metrics !== null) files.set(manifest.metrics.member.name, 'metrics.sqlite');
  for (const { name, member } of manifest.files) {
    if (keptFiles.some((one) => one === name) || isWaitingFile(name)) files.set(member.name, name);
  }
  if (manifest.files.some(({ name }) => isWaitingFile(name)))
    mkdirSync(join(restoring, waitingFolder), { recursive: true, mode: 0o700 });
  const members = readMembers(request.file, manifest, (done, total) =>
    request.progress?.({ step: 'restore', done, total }),
  );
  for await (const { member, content } of members) {
    const table = tables.get(member.name);
    const name = files.get(member.name);
    if (table !== undefined) await load.table(table, content);
    else if (name === undefined) for await (const _ of content) continue;
    else await pipeline(content, createWriteStream(join(restoring, name), { mode: 0o600, flush: true }));
  }
}

function refuseContent(request: RestoreRequest): void {
  const content = contentOf(request.dataDir).filter((name) => name !== 'postgresql' || request.databaseUrl === null);
  if (content.length === 0 || request.replace) return;
  throw holdsDataAlready(`The data folder ${request.dataDir}`);
}

function holdsDataAlready(what: string): ArungError {
  return new ArungError(
    'conflict',
    `${what} holds data already: restore into an empty one, or say --replace (what is there is kept aside).`,
    { code: 'restore.not-empty' },
  );
}

async function holdsData(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // the query tells
  await client.connect();
  try {
    return (await migrationsOf(client)).length > 0;
  } finally {
    await client.end();
  }
}

/** What a restore that was cut off left, with the cluster that it may have had elsewhere. */
async function emptyRestoring(dataDir: string, clock: Clock, logger: Logger): Promise<string> {
  const restoring = join(dataDir, restoringFolder);
  const note = join(restoring, 'postgresql.location');
  const base = existsSync(note) ? readFileSync(note, 'utf8').trim() : join(restoring, 'postgresql');
  await stopOrphan(join(base, 'cluster'), clock, logger);
  // Never more than what such a restore can have made: the folder's name carries its own hash there.
  if (/^\/var\/lib\/arung\/[0-9a-f]{16}-[0-9a-f]{8}$/.test(base)) rmSync(base, { recursive: true, force: true });
  rmSync(restoring, { recursive: true, force: true });
  mkdirSync(restoring, { mode: 0o700 });
  return restoring;
}

function stampOf(clock: Clock): string {
  return new Date(clock.now())
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
}
