import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { ArungError } from '../domain/errors.ts';

/**
 * PostgreSQL refuses to run as root. So as root its processes run as an account without rights; as anyone else they
 * run as we do (`null`).
 */
export interface PostgresAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The account that PostgreSQL runs as; an existing cluster keeps the one that owns it. */
export function postgresAccount(cluster: string): PostgresAccount | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readAccounts();
  const owner = ownerOf(cluster);
  const found =
    accounts.find((account) => account.uid === owner && owner !== 0) ??
    accounts.find((account) => account.name === 'postgres') ??
    accounts.find((account) => account.name === 'nobody');
  if (found !== undefined) return found;
  throw new ArungError(
    'unavailable',
    'PostgreSQL refuses to run as root, and this machine has no account `postgres` or `nobody` to run it as: ' +
      'start Arung as a plain user, or set DATABASE_URL to a PostgreSQL server of your own.',
    { code: 'database.no-account' },
  );
}

/** Whether the account gets through to a folder and into it: asked of the kernel, since modes are not all there is. */
export function mayEnter(account: PostgresAccount | null, folder: string): boolean {
  return account === null || asks(account, 'test -x "$1"', folder);
}

/** Whether the account may also list the folder. */
export function mayRead(account: PostgresAccount | null, folder: string): boolean {
  return account === null || asks(account, 'test -x "$1" && test -r "$1"', folder);
}

function asks(account: PostgresAccount, test: string, folder: string): boolean {
  const shell = spawnSync('/bin/sh', ['-c', test, 'sh', folder], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
    stdio: 'ignore',
  });
  return shell.status === 0;
}

function ownerOf(path: string): number | null {
  try {
    return lstatSync(path).uid;
  } catch {
    return null;
  }
}

function readAccounts(): PostgresAccount[] {
  let text: string;
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || uid === undefined || gid === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}
