import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { ArungError } from '../domain/errors.ts';
import { copyBinaries, postgresPackage, prepareBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { mayEnter, mayRead, postgresAccount, type PostgresAccount } from './postgres-account.ts';

/** Where one embedded server lives, and as whom. */
export interface PostgresPlace {
  readonly account: PostgresAccount | null;
  readonly cluster: string;
  /** Folder of the unix socket; only the account may enter it, which is what guards the server. */
  readonly socketFolder: string;
  readonly logFile: string;
  readonly binaries: PostgresBinaries;
}

/** What an account without rights can always reach, for a data folder (such as one below /root) that it cannot. */
const outsideFolder = '/var/lib/arung';
/** `sun_path` holds 108 bytes with its end; the socket's own name takes 18 of them. */
const longestSocketFolder = 85;

/** Finds or makes a place that works without asking: also as root, below /root, and in folders with long names. */
export async function preparePlace(dataDir: string, logger: Logger): Promise<PostgresPlace> {
  const inside = join(dataDir, 'postgresql');
  const account = postgresAccount(join(inside, 'cluster'));
  const base = chooseBase(dataDir, inside, account, logger);
  makeFolder(base, account);
  const binaries = await reachableBinaries(account, base, logger);
  let socketFolder = join(base, 'socket');
  if (Buffer.byteLength(socketFolder) > longestSocketFolder) {
    socketFolder = join(tmpdir(), `arung-${shortHash(base)}`);
  }
  makeFolder(socketFolder, account);
  return { account, cluster: join(base, 'cluster'), socketFolder, logFile: join(base, 'postgres.log'), binaries };
}

/** Whether a place was ever prepared for this data folder. */
export function hasPlace(dataDir: string): boolean {
  return existsSync(join(dataDir, 'postgresql')) || existsSync(noteOf(dataDir));
}

function noteOf(dataDir: string): string {
  return join(dataDir, 'postgresql.location');
}

/** Once chosen, a base stays: a note in the data folder says where it is when it is not inside. */
function chooseBase(dataDir: string, inside: string, account: PostgresAccount | null, logger: Logger): string {
  const note = noteOf(dataDir);
  if (existsSync(note)) return readFileSync(note, 'utf8').trim();
  if (mayEnter(account, dataDir) || letThrough(account, dataDir)) return inside;
  if (existsSync(join(inside, 'cluster'))) {
    throw new ArungError(
      'unavailable',
      `PostgreSQL runs as account ${account?.name}, which cannot reach its cluster in ${inside} any more: ` +
        'give that account the right to enter every folder on the way (chmod o+x).',
      { code: 'database.folder', arguments: { folder: inside } },
    );
  }
  // Not only the folder's name: what replaces a data folder that was removed must not find the old one's cluster.
  const base = join(outsideFolder, `${shortHash(dataDir)}-${randomBytes(4).toString('hex')}`);
  makeFolder(outsideFolder, null, 0o755);
  writeFileSync(note, `${base}\n`);
  logger.info(
    { dataDir, cluster: base, account: account?.name },
    'PostgreSQL does not run as root, and its account cannot reach the data folder: its cluster lies elsewhere',
  );
  return base;
}

/** Lets PostgreSQL's account pass through a data folder, so that clusters may lie in folders below it. */
export function letPostgresThrough(dataDir: string): void {
  const account = postgresAccount(join(dataDir, 'postgresql', 'cluster'));
  if (!mayEnter(account, dataDir)) letThrough(account, dataDir);
}

/** A data folder that only root may enter: lets the account's group pass through it, not look into it. */
function letThrough(account: PostgresAccount | null, dataDir: string): boolean {
  const { mode, uid } = lstatSync(dataDir);
  if (account === null || uid !== 0 || !mayEnter(account, dirname(dataDir))) return false;
  chownSync(dataDir, uid, account.gid);
  chmodSync(dataDir, (mode & 0o707) | 0o010);
  return mayEnter(account, dataDir);
}

async function reachableBinaries(account: PostgresAccount | null, base: string, logger: Logger) {
  const { folder, version } = postgresPackage();
  if (mayRead(account, join(folder, 'native', 'bin'))) {
    return prepareBinaries(folder, version, join(base, 'lib'));
  }
  makeFolder(outsideFolder, null, 0o755);
  const copy = await copyBinaries(folder, version, outsideFolder);
  logger.info({ copy, account: account?.name }, 'PostgreSQL runs from a copy that its account may read');
  return prepareBinaries(copy, version, join(base, 'lib'));
}

/** Makes a folder that belongs to the account alone; refuses one that someone else put in its place. */
function makeFolder(folder: string, account: PostgresAccount | null, mode = 0o700): void {
  try {
    mkdirSync(folder, { recursive: true, mode });
    const found = lstatSync(folder);
    const owner = process.getuid?.();
    if (!found.isDirectory()) throw new Error('something else has its name');
    if (found.uid !== owner && found.uid !== account?.uid) throw new Error(`it belongs to account ${found.uid}`);
    if (account !== null) chownSync(folder, account.uid, account.gid);
    chmodSync(folder, mode);
  } catch (cause) {
    throw new ArungError(
      'unavailable',
      `The folder ${folder} for PostgreSQL cannot be used: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Start Arung as the account that made it, or choose another data folder with ARUNG_DATA_DIR.',
      { code: 'database.folder', arguments: { folder }, cause },
    );
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
