import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../../src/database/tables.ts';

/** Secrets that are planted to be searched for: each can be told from all other text, also where it was written otherwise. */
export class Canaries {
  readonly #mark = `kenari${randomBytes(4).toString('hex')}`;
  readonly #planted = new Map<string, readonly (string | RegExp)[]>();
  /** Names of those that begin with the mark: where it is not, they are not. */
  readonly #marked = new Set<string>();

  constructor() {
    // Whatever part of one is shown.
    this.#plant('anything', this.#mark);
  }

  /** Names of all that were planted. */
  get names(): readonly string[] {
    return [...this.#planted.keys()];
  }

  /** A text; the same name is the same text. */
  text(name: string): string {
    return this.#plant(name, `${this.#mark}-${name.replace(/[^A-Za-z0-9]+/g, '-')}`);
  }

  /** 32 bytes in base64, as WireGuard's keys are; another name is another key. */
  key(name: string): string {
    const rest = createHash('sha256').update(name).digest();
    const bytes = Buffer.concat([Buffer.from(`${this.#mark}-`), rest]).subarray(0, 32);
    return this.#plant(name, bytes.toString('base64'));
  }

  /** One that must look like something: `123456:AbC`. */
  shaped(name: string, text: string): string {
    return this.#plant(name, text);
  }

  /** Six digits, which a hash or a time may hold by chance: they count where no digit or letter stands beside them. */
  digits(name: string, digits: string): string {
    this.#planted.set(name, [new RegExp(`(?<![0-9A-Za-z.:])${digits}(?![0-9A-Za-z])`)]);
    return digits;
  }

  /** Which of them a text shows: as they are, in a URL, in base64 at any place, in hexadecimal digits. */
  in(text: string): readonly string[] {
    const hasMark = this.isIn(text);
    return [...this.#planted].flatMap(([name, forms]) =>
      (hasMark || !this.#marked.has(name)) && forms.some((form) => (typeof form === 'string' ? text.includes(form) : form.test(text))) // prettier-ignore
        ? [name]
        : [],
    );
  }

  /** Whether a text shows any of those that have the mark: for what is too long to be searched for each. */
  isIn(bulk: string): boolean {
    return this.#planted.get('anything')?.some((form) => typeof form === 'string' && bulk.includes(form)) === true;
  }

  #plant(name: string, text: string): string {
    const bytes = Buffer.from(text);
    const shifted = [0, 1, 2].map((by) => {
      const whole = Buffer.concat([Buffer.alloc(by), bytes]).toString('base64');
      // The first and last characters depend on what stands beside it.
      return whole.slice(by === 0 ? 0 : 4, -4);
    });
    const forms = [
      text,
      encodeURIComponent(text),
      bytes.toString('hex'),
      ...shifted.filter(({ length }) => length > 8),
    ];
    this.#planted.set(name, [...new Set(forms)]);
    if (text.startsWith(this.#mark) && name !== 'anything') this.#marked.add(name);
    return text;
  }
}

/** Every file below a folder, as text of one byte a character. */
export function filesBelow(folder: string, isMeant: (path: string) => boolean = () => true): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !isMeant(path)) continue;
    try {
      found.set(path, readFileSync(path, 'latin1'));
    } catch {
      // It was removed meanwhile.
    }
  }
  return found;
}

/** Every row of every table, as PostgreSQL writes it: bytes in hexadecimal digits. */
export async function everyRow(db: Kysely<Database>): Promise<Map<string, string>> {
  const { rows: tables } = await sql<{ name: string }>`
    select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(db);
  const found = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await sql<{ row: string }>`select row::text as row from ${sql.raw(name)} as row`.execute(db);
    found.set(name, rows.map(({ row }) => row).join('\n'));
  }
  return found;
}

/** Command lines and environments of the processes below this one, looked at all the while (Linux: /proc). */
export class ProcessSampler {
  readonly #timer: NodeJS.Timeout;
  readonly #seen = new Set<string>();
  readonly #left: RegExp;
  looks = 0;

  /** @param left variables of the environment that are not looked at: their names. */
  constructor(left: RegExp, everyMs = 40) {
    this.#left = left;
    this.#timer = setInterval(() => this.#look(process.pid), everyMs);
  }

  /** Each different command line and environment that was seen. */
  get seen(): readonly string[] {
    return [...this.#seen];
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(pid: number): void {
    this.looks += 1;
    try {
      const tasks = readdirSync(`/proc/${pid}/task`);
      const children = tasks.flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ')); // prettier-ignore
      for (const child of children.filter((one) => one !== '')) {
        const variables = readFileSync(`/proc/${child}/environ`, 'utf8').split('\0');
        this.#seen.add(readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' '));
        this.#seen.add(variables.filter((one) => !this.#left.test(one.split('=', 1)[0] ?? '')).join('\n'));
        this.#look(Number(child));
      }
    } catch {
      // It ended meanwhile.
    }
  }
}
