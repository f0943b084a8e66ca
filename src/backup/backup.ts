import { createReadStream, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { dumpDatabase } from './dump.ts';
import { formatVersion, type Head, type Manifest, type Member } from './manifest.ts';
import { copyWaitingPoints, waitingBytes } from './waiting-points.ts';

/** Small files of the data folder that belong to what is kept: anchors of the audit log, last counters and limits of each device. */
export const keptFiles = ['audit-anchors.jsonl', 'counter-baselines', 'device-limits'] as const;

export interface BackupProgress {
  readonly part: string;
  /** Rows of a table that was copied; null for files. */
  readonly rows: number | null;
  /** Bytes of the backup so far. */
  readonly bytes: number;
}

export interface BackupRequest {
  readonly file: string;
  /** Of the database. */
  readonly url: string;
  readonly dataDir: string;
  /** Of the program. */
  readonly release: string;
  readonly clock: Clock;
  /** Makes a copy of the metric store and resolves with its path, which is removed afterwards; null: none to copy. */
  readonly metrics: () => Promise<string | null>;
  /** Whether points that wait for a metric store on another machine are part of it. */
  readonly waitingPoints: boolean;
  /** Settings as TOML, without secrets. */
  readonly settings: string;
  readonly progress?: (progress: BackupProgress) => void;
}

export interface BackupResult {
  readonly file: string;
  readonly madeAt: string;
  readonly bytes: number;
  readonly tables: number;
  readonly rows: number;
  readonly metrics: boolean;
  /** Points that waited for a metric store on another machine: whether they are in it, and their bytes on disk. */
  readonly waiting: { readonly included: boolean; readonly bytes: number };
  /** Id of the key that opens the secrets in it; the key is not in it. */
  readonly keyId: string | null;
}

/**
 * Writes a backup while the controller works: the database as of one moment, then the metrics, whose newest points may be
 * a little newer. Rejects without leaving anything; a file that had the name before stays until the new one is whole.
 */
export async function writeBackup(request: BackupRequest): Promise<BackupResult> {
  const { file, clock } = request;
  // Before the snapshot: an anchor must not vouch for a row that the snapshot has not.
  const kept = keptFiles.flatMap((name) => {
    const path = join(request.dataDir, name);
    return existsSync(path) ? [{ name, content: readFileSync(path) }] : [];
  });
  const head: Head = {
    format: 'arung-backup',
    formatVersion,
    arung: request.release,
    madeAt: new Date(clock.now()).toISOString(),
  };
  const archive = await ArchiveWriter.create(file, head, clock);
  const tell = (part: string, rows: number | null) => request.progress?.({ part, rows, bytes: archive.bytes });
  try {
    const { database, keyId } = await dump(request.url, archive, tell);
    const metrics = await copyMetrics(request, archive);
    if (metrics !== null) tell('metrics', null);
    const files: Manifest['files'] = [];
    for (const { name, content } of kept) {
      files.push({ name, member: await archive.member(`files/${name}`, once(content)) });
    }
    const waiting = { included: request.waitingPoints, bytes: waitingBytes(request.dataDir) };
    if (waiting.included) files.push(...(await copyWaitingPoints(request.dataDir, archive)));
    if (waiting.included && waiting.bytes > 0) tell('waiting points', null);
    const settings = await archive.member('settings/arung.toml', once(Buffer.from(request.settings)));
    const bytes = await archive.finish({ ...head, database, keyId, metrics, files, settings });
    return {
      file,
      madeAt: head.madeAt,
      bytes,
      tables: database.tables.length,
      rows: database.tables.reduce((sum, table) => sum + table.rows, 0),
      metrics: metrics !== null,
      waiting,
      keyId,
    };
  } catch (error) {
    await archive.abandon();
    throw error;
  }
}

async function dump(url: string, archive: ArchiveWriter, tell: (part: string, rows: number) => void) {
  const client = new Client({
    connectionString: url,
    application_name: 'arung backup',
    connectionTimeoutMillis: 10_000,
  });
  let lost: Error | null = null;
  client.on('error', (error) => {
    lost = error;
  });
  try {
    await client.connect();
    return await dumpDatabase(client, archive, tell);
  } catch (cause) {
    if (cause instanceof ArungError) throw cause;
    const reason = lost ?? cause;
    throw new ArungError(
      'unavailable',
      `The database could not be read to its end: ${reason instanceof Error ? reason.message : String(reason)}. Look at its log, then try again.`,
      { code: 'backup.database', cause },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function copyMetrics(request: BackupRequest, archive: ArchiveWriter): Promise<Manifest['metrics']> {
  const copy = await request.metrics();
  if (copy === null) return null;
  try {
    // Its chunks are packed already: more than the least effort gains nothing.
    const member: Member = await archive.member(
      'metrics/metrics.sqlite',
      createReadStream(copy, { highWaterMark: 1 << 20 }),
      1,
    );
    return { kind: 'embedded', member };
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(copy + suffix, { force: true });
  }
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  if (content.length > 0) yield content;
}
