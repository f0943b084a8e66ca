import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { PeopleDirectory } from './alerting/people/directory.ts';
import { AnchorFile } from './audit/anchors.ts';
import { AuditLog } from './audit/audit-log.ts';
import { secondFactorColumns } from './auth/second-factor.ts';
import { writeBackup } from './backup/backup.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { Config } from './config.ts';
import { openDatabase, type OpenDatabase } from './database/connection.ts';
import { systemClock } from './domain/clock.ts';
import { DeviceNetworks } from './domain/device-networks.ts';
import { ArungError } from './domain/errors.ts';
import { sealedChannelColumns } from './alerting/channels/channel-repository.ts';
import { Inventory, sealedColumns } from './inventory/inventory.ts';
import { sealedIntentColumns } from './provisioning/intent/intent-store.ts';
import { sealedProgramColumns } from './provisioning/programs/passphrases.ts';
import { Vault } from './vault/vault.ts';

/** What keeps state: the database with what stands directly on it. The controller and the command line share it. */
export interface State {
  readonly database: OpenDatabase;
  readonly vault: Vault;
  readonly audit: AuditLog;
  readonly inventory: Inventory;
  readonly people: PeopleDirectory;
}

export function makeState(config: Config, database: OpenDatabase, logger: Logger): State {
  const clock = systemClock;
  const { db } = database;
  const vault = new Vault({
    db,
    keyFile: config.keyFile,
    columns: [
      ...sealedColumns,
      ...secondFactorColumns,
      ...sealedChannelColumns,
      ...sealedIntentColumns,
      ...sealedProgramColumns,
    ],
    logger,
    clock,
  });
  const anchors = new AnchorFile(join(config.dataDir, 'audit-anchors.jsonl'));
  const audit = new AuditLog({ db, logger, anchors, clock });
  const deviceNetworks = new DeviceNetworks(config.deviceNetworks);
  const inventory = new Inventory({ db, vault, audit, deviceNetworks, clock, logger });
  const people = new PeopleDirectory({ db, changes: inventory.changes, clock, logger });
  return { database, vault, audit, inventory, people };
}

/** `controller`: has the database alone, and brings it up to date. `guest`: a command beside one that may run. */
export function databaseOf(config: Config, logger: Logger, as: 'controller' | 'guest'): OpenDatabase {
  const beforeMigration = (url: string) => backupBeforeUpgrade(config, url, logger);
  const { dataDir, databaseUrl } = config;
  if (databaseUrl === null) return openDatabase({ dataDir, logger, beforeMigration });
  const place = as === 'guest' ? ('guest' as const) : { controllerOf: dataDir };
  return openDatabase({ url: databaseUrl, logger, beforeMigration, as: place });
}

/** The state as the earlier release left it, kept until someone removes it; metrics are not touched by migrations. */
async function backupBeforeUpgrade(config: Config, url: string, logger: Logger): Promise<void> {
  const folder = join(config.dataDir, 'backups');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stamp = new Date(systemClock.now())
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  const { file, bytes } = await writeBackup({
    file: join(folder, `before-upgrade-${stamp}.arung`),
    url,
    dataDir: config.dataDir,
    release: packageJson.version,
    clock: systemClock,
    metrics: () => Promise.resolve(null),
    waitingPoints: false,
    settings: '',
  });
  logger.info({ file, bytes }, 'a backup was made before the database is brought up to date');
}

/** What a running controller tells the command line on the same machine. Holds no secret. */
export interface ControllerNote {
  readonly pid: number;
  readonly url: string;
  /** Where it listens on this machine. */
  readonly localUrl: string;
  /** Unix socket of the embedded PostgreSQL; null with an external one, whose address is a secret. */
  readonly databaseUrl: string | null;
  readonly mqttPort: number | null;
}

function notePath(dataDir: string): string {
  return join(dataDir, 'controller.json');
}

export function writeControllerNote(dataDir: string, note: ControllerNote): void {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(notePath(dataDir), JSON.stringify(note) + '\n', { mode: 0o600 });
}

export function removeControllerNote(dataDir: string): void {
  rmSync(notePath(dataDir), { force: true });
}

export function readControllerNote(dataDir: string): ControllerNote | null {
  try {
    return JSON.parse(readFileSync(notePath(dataDir), 'utf8')) as ControllerNote;
  } catch {
    return null;
  }
}

/**
 * Runs something on the state, beside a controller that runs or without one: the embedded PostgreSQL of a running
 * controller is joined, else it is started for as long as this takes.
 */
export async function withState<T>(config: Config, logger: Logger, work: (state: State) => Promise<T>): Promise<T> {
  const database = await openBeside(config, logger);
  const state = makeState(config, database, logger);
  try {
    await state.vault.start();
    return await work(state);
  } finally {
    await state.audit.anchor().catch((error: unknown) => logger.warn(error, 'the audit log could not be anchored'));
    await database.stop();
  }
}

async function openBeside(config: Config, logger: Logger): Promise<OpenDatabase> {
  const database = databaseOf(config, logger, 'guest');
  try {
    await database.start();
    return database;
  } catch (error) {
    const note = readControllerNote(config.dataDir);
    const inUse = error instanceof ArungError && error.code === 'database.in-use';
    if (!inUse || note === null || note.databaseUrl === null) throw error;
    const joined = openDatabase({ url: note.databaseUrl, logger, as: 'guest' });
    await joined.start();
    return joined;
  }
}
