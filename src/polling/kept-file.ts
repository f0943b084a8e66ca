import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';

/** A small file that is replaced as a whole, so that whoever reads it finds the earlier content or the new one. */
export class KeptFile {
  readonly path: string;
  readonly #logger: Logger;
  #writing: Promise<void> = Promise.resolve();
  #warned = false;

  constructor(path: string, logger: Logger) {
    this.path = path;
    this.#logger = logger;
  }

  /** Null where there is none. */
  async read(): Promise<Buffer | null> {
    try {
      return await readFile(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#logger.warn({ err: error, file: this.path }, 'what was learned could not be read');
      }
      return null;
    }
  }

  /** One write at a time; a failure is logged once and tried again with the next. Pieces are asked for as they are written. */
  replace(content: string | Buffer | Iterable<Buffer>): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write(content));
    return this.#writing;
  }

  async #write(content: string | Buffer | Iterable<Buffer>): Promise<void> {
    const draft = `${this.path}.new`;
    try {
      await mkdir(dirname(this.path), { recursive: true });
      await writeFile(draft, content, { mode: 0o600 });
      await rename(draft, this.path);
      this.#warned = false;
    } catch (error) {
      if (!this.#warned) this.#logger.warn({ err: error, file: this.path }, 'what was learned could not be kept');
      this.#warned = true;
    }
  }
}
