import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ArungError } from '../domain/errors.ts';

/**
 * Changes a data folder over to another content at one point in time. What is new lies ready in `restoring`; then the
 * journal `restore.json` appears by one rename, and from there on the folder is the new one: whoever opens it next moves
 * what is left to move. Until then it is the old one. Nothing is deleted: the old content goes to `before-restore-…`.
 */
export const restoringFolder = 'restoring';
const journalFile = 'restore.json';
const asideFolder = /^before-restore-/;
/** These stay where they are: locks of who works in the folder (with SQLite's journal beside them), and backups. */
const locks = ['controller.lock', 'controller.lock-journal', 'controller.pid', 'backup.lock', 'backup.lock-journal'];
const staying = new Set([...locks, restoringFolder, journalFile, 'backups', 'lost+found']);

interface Journal {
  /** Names in the folder that go aside. */
  readonly old: readonly string[];
  /** Names in `restoring` that come in. */
  readonly next: readonly string[];
  readonly aside: string;
  /** The external database must know this restore, else it did not happen; null: the journal alone decides. */
  readonly inDatabase: string | null;
}

/** What is in a data folder besides locks and backups: whether a restore would replace anything. */
export function contentOf(dataDir: string): string[] {
  if (!existsSync(dataDir)) return [];
  return readdirSync(dataDir).filter((name) => !staying.has(name) && !asideFolder.test(name));
}

/** Writes the journal: the point at which the folder changes over. `stamp` names where the old content goes. */
export function commitSwap(
  dataDir: string,
  stamp: string,
  inDatabase: string | null,
): { readonly aside: string | null } {
  const old = contentOf(dataDir);
  const next = readdirSync(join(dataDir, restoringFolder)).filter((name) => !locks.includes(name));
  const journal: Journal = { old, next, aside: `before-restore-${stamp}`, inDatabase };
  syncFolder(join(dataDir, restoringFolder));
  const unfinished = join(dataDir, `${journalFile}.unfinished`);
  writeFileSync(unfinished, JSON.stringify(journal) + '\n', { mode: 0o600, flush: true });
  renameSync(unfinished, join(dataDir, journalFile));
  syncFolder(dataDir);
  return { aside: old.length === 0 ? null : join(dataDir, journal.aside) };
}

/** The restore that an external database must know before `finishSwap` may go on; null when there is nothing to ask. */
export function swapToConfirm(dataDir: string): string | null {
  return readJournal(dataDir)?.inDatabase ?? null;
}

/** Forgets a restore whose database did not commit: the folder stays the old one. */
export function dropSwap(dataDir: string): void {
  rmSync(join(dataDir, journalFile), { force: true });
  syncFolder(dataDir);
}

/**
 * Moves what a restore has left to move; true when there was something. Called by whoever has the folder's lock, before
 * anything in the folder is opened. Every step is done once, however often this is cut off.
 */
export function finishSwap(dataDir: string): boolean {
  rmSync(join(dataDir, `${journalFile}.unfinished`), { force: true });
  const journal = readJournal(dataDir);
  if (journal === null) return false;
  const restoring = join(dataDir, restoringFolder);
  const aside = join(dataDir, journal.aside);
  if (journal.old.length > 0) mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const name of journal.old) {
    if (!existsSync(join(aside, name)) && existsSync(join(dataDir, name)))
      renameSync(join(dataDir, name), join(aside, name));
  }
  for (const name of journal.next) {
    if (existsSync(join(restoring, name))) renameSync(join(restoring, name), join(dataDir, name));
  }
  if (journal.old.length > 0) syncFolder(aside);
  syncFolder(dataDir);
  rmSync(join(dataDir, journalFile));
  syncFolder(dataDir);
  rmSync(restoring, { recursive: true, force: true });
  return true;
}

function readJournal(dataDir: string): Journal | null {
  const path = join(dataDir, journalFile);
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Journal;
  } catch (cause) {
    throw new ArungError(
      'unavailable',
      `The journal ${path} of a restore cannot be read: look at the disk; \`${restoringFolder}\` beside it holds what was restored.`,
      { code: 'restore.journal', cause },
    );
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
