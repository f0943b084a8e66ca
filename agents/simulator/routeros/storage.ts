import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import type { MenuState } from './menu.ts';
import { trap } from './trap.ts';

export const fileTypes = ['backup', 'script', '.txt file', 'disk'] as const;

export interface StoredFile {
  readonly name: string;
  readonly type: (typeof fileTypes)[number];
  readonly content: Buffer;
}

const flash = 'flash';
/** Boards with little flash. Others of 16 MB have the folder, too; the page gives no list. */
const smallBoards = /^(RBLtAP|RB9[345]1|hAP|mAP|wAP)/;

/**
 * The files of a device: they are in no backup. They survive its restart, but where there is a folder `flash` only those
 * in it do: the root is in memory (help.mikrotik.com, "Files").
 */
export class Storage {
  readonly #files = new Map<string, StoredFile>();
  /** Files came or went. */
  readonly #changed: () => void;

  constructor(model: string, changed: () => void = () => undefined) {
    this.#changed = changed;
    if (smallBoards.test(model)) this.put({ name: flash, type: 'disk', content: Buffer.alloc(0) });
  }

  /** The device has started anew. */
  restarted(): void {
    if (!this.#files.has(flash)) return;
    for (const name of this.#files.keys())
      if (name !== flash && !name.startsWith(`${flash}/`)) this.#files.delete(name);
  }

  get files(): Iterable<StoredFile> {
    return this.#files.values();
  }

  put(file: StoredFile): void {
    this.#files.set(file.name, file);
    this.#changed();
  }

  /** Throws a Trap. */
  get(name: string): StoredFile {
    const found = this.#files.get(name);
    if (found === undefined) throw trap(`failure: cannot open file: ${name}`);
    return found;
  }

  delete(name: string): boolean {
    const isGone = name !== flash && this.#files.delete(name);
    if (isGone) this.#changed();
    return isGone;
  }
}

/** A backup as a file of its own: encrypted where it was given a password, as on the device. */
export function sealBackup(state: readonly MenuState[], password: string): Buffer {
  const clear = Buffer.from(JSON.stringify(state));
  if (password === '') return Buffer.concat([Buffer.from([0]), clear]);
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(password, salt), iv);
  const body = Buffer.concat([cipher.update(clear), cipher.final()]);
  return Buffer.concat([Buffer.from([1]), salt, iv, cipher.getAuthTag(), body]);
}

/** Throws a Trap where the password is another one or the file is no backup. */
export function openBackup(file: Buffer, password: string): readonly MenuState[] {
  try {
    if (file[0] === 0) return JSON.parse(file.toString('utf8', 1)) as MenuState[];
    const decipher = createDecipheriv('aes-256-gcm', keyOf(password, file.subarray(1, 17)), file.subarray(17, 29));
    decipher.setAuthTag(file.subarray(29, 45));
    return JSON.parse(Buffer.concat([decipher.update(file.subarray(45)), decipher.final()]).toString()) as MenuState[];
  } catch {
    throw trap('failure: wrong password or corrupt backup');
  }
}

/** Cheap on purpose: hundreds of devices of a test make backups at the same time. */
function keyOf(password: string, salt: Buffer): Buffer {
  return scryptSync(password, salt, 32, { N: 256 });
}
