import { createHash } from 'node:crypto';
import {
  closeSync,
  createWriteStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { headName, manifestName, manifestSumName, type Head, type Manifest, type Member } from './manifest.ts';

/** A part is written when it has so many bytes: small enough to hold, large enough to be few. */
const partBytes = 4 * 1024 * 1024;

/**
 * Writes a backup beside its final name and gives it that name when it is whole and synced: whoever finds the file finds
 * all of it, and a backup that was there before stays until then.
 */
export class ArchiveWriter {
  readonly #file: string;
  readonly #unfinished: string;
  readonly #clock: Clock;
  readonly #pack: Pack = pack();
  readonly #written: Promise<void>;
  readonly #parts: Manifest['parts'] = [];
  #bytes = 0;

  private constructor(file: string, unfinished: string, handle: number, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    this.#unfinished = unfinished;
    this.#written = pipeline(this.#pack, createWriteStream('', { fd: handle, flush: true }));
    this.#written.catch(() => undefined); // each member tells
  }

  static async create(file: string, head: Head, clock: Clock): Promise<ArchiveWriter> {
    removeLeftOver(file);
    const unfinished = join(dirname(file), `.${basename(file)}.unfinished-${process.pid}`);
    let handle: number;
    try {
      // `backups/` of a new data folder; a path that is wrong further up is still refused
      if (!existsSync(dirname(file))) mkdirSync(dirname(file), { mode: 0o700 });
      handle = openSync(unfinished, 'wx', 0o600);
    } catch (cause) {
      throw unwritable(file, cause);
    }
    const writer = new ArchiveWriter(file, unfinished, handle, clock);
    await writer.#entry(headName, Buffer.from(JSON.stringify(head, null, 2) + '\n'));
    return writer;
  }

  /** Bytes of the archive so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Gzips a stream into parts named after the member. Rejects when the source or the disk fails. */
  async member(name: string, source: AsyncIterable<Buffer>, level = 6): Promise<Member> {
    let bytes = 0;
    let parts = 0;
    let held: Buffer[] = [];
    let heldBytes = 0;
    const write = async () => {
      await this.#entry(`${name}.gz.${String(parts++).padStart(4, '0')}`, Buffer.concat(held, heldBytes));
      held = [];
      heldBytes = 0;
    };
    const counted = async function* () {
      for await (const chunk of source) {
        bytes += chunk.length;
        yield chunk;
      }
    };
    await pipeline(Readable.from(counted(), { objectMode: false }), createGzip({ level }), async (compressed) => {
      for await (const chunk of compressed as AsyncIterable<Buffer>) {
        held.push(chunk);
        heldBytes += chunk.length;
        if (heldBytes >= partBytes) await write();
      }
    });
    if (heldBytes > 0 || parts === 0) await write();
    return { name, parts, bytes };
  }

  /** Closes the archive with its manifest; resolves when it has its name and is on disk. Returns its size in bytes. */
  async finish(manifest: Omit<Manifest, 'parts'>): Promise<number> {
    const text = Buffer.from(JSON.stringify({ ...manifest, parts: this.#parts }, null, 1) + '\n');
    await this.#entry(manifestName, text);
    await this.#entry(manifestSumName, Buffer.from(`${sha256(text)}  ${manifestName}\n`));
    this.#pack.finalize();
    await this.#onDisk(this.#written);
    renameSync(this.#unfinished, this.#file);
    syncFolder(dirname(this.#file));
    return this.#bytes;
  }

  /** Removes what was written. */
  async abandon(): Promise<void> {
    this.#pack.destroy();
    await this.#written.catch(() => undefined);
    rmSync(this.#unfinished, { force: true });
  }

  async #entry(name: string, data: Buffer): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const mtime = new Date(this.#clock.now());
    this.#pack.entry({ name, mtime, mode: 0o600, size: data.length }, data, (error) =>
      error === null || error === undefined ? resolve() : reject(error),
    );
    await this.#onDisk(Promise.race([promise, this.#written.then(() => promise)]));
    this.#parts.push({ name, bytes: data.length, sha256: sha256(data) });
    this.#bytes += data.length;
  }

  async #onDisk(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (cause) {
      throw unwritable(this.#file, cause);
    }
  }
}

function unwritable(file: string, cause: unknown): ArungError {
  return new ArungError(
    'unavailable',
    `The backup ${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}. ` +
      'Check that its folder exists, is writable and has space.',
    { code: 'backup.unwritable', arguments: { file }, cause },
  );
}

export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** What a backup that was killed left beside its name; a time in it (`before-upgrade-2026-…Z`) may be another. */
function removeLeftOver(file: string): void {
  const untimed = (name: string) => name.replace(/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ/, 'Z');
  const prefix = untimed(`.${basename(file)}.unfinished-`);
  let names: string[];
  try {
    names = readdirSync(dirname(file));
  } catch {
    return; // told when the file is opened
  }
  for (const name of names) {
    if (!untimed(name).startsWith(prefix)) continue;
    const pid = Number(untimed(name).slice(prefix.length));
    if (pid !== process.pid && isAlive(pid)) continue;
    rmSync(join(dirname(file), name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
