import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ArungError } from '../domain/errors.ts';

/** That a row had this hash at this time, kept outside the database: a chain cut short or forged anew does not fit it. */
export interface Anchor {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
}

const most = 10_000;

/** Anchors as lines of JSON in a file beside the data; copies of it elsewhere make it stronger. */
export class AnchorFile {
  readonly path: string;
  #lines = 0;

  constructor(path: string) {
    this.path = path;
  }

  append(anchor: Anchor): void {
    mkdirSync(dirname(this.path), { recursive: true });
    appendFileSync(this.path, JSON.stringify(anchor) + '\n', { mode: 0o600 });
    if (++this.#lines >= most) this.#thin();
  }

  read(): Anchor[] {
    if (!existsSync(this.path)) return [];
    const lines = readFileSync(this.path, 'utf8').split('\n');
    return lines.flatMap((line, index) => {
      if (line === '') return [];
      try {
        return [parseAnchor(line)];
      } catch (cause) {
        // The last line may be half written after a crash; any other was tampered with.
        if (index === lines.length - 1) return [];
        throw new ArungError('internal', `Line ${index + 1} of ${this.path} is no anchor of the audit log.`, {
          code: 'audit.anchor-broken',
          cause,
        });
      }
    });
  }

  /** Every second one of the older anchors is enough: each still vouches for all rows before it. */
  #thin(): void {
    const anchors = this.read();
    const kept = anchors.filter((_, index) => index % 2 === 0 || index > anchors.length - most / 4);
    const next = `${this.path}.next`;
    writeFileSync(next, kept.map((anchor) => JSON.stringify(anchor) + '\n').join(''), { mode: 0o600 });
    renameSync(next, this.path);
    this.#lines = kept.length;
  }
}

function parseAnchor(line: string): Anchor {
  const { seq, hash, at } = JSON.parse(line) as Partial<Anchor>;
  if (typeof seq !== 'number' || typeof hash !== 'string' || typeof at !== 'string') throw new Error('no anchor');
  return { seq, hash, at };
}
