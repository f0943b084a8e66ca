import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { PointBatch } from '../../domain/point.ts';
import { headBytes, recordAt, RecordReader, RecordWriter, rowsOf } from './record.ts';

export interface Segment {
  readonly number: number;
  readonly path: string;
  bytes: number;
  rows: number;
  /** Newest time in it, in seconds; 0 when it holds nothing. */
  newest: number;
  /** Nothing more is written into it. */
  sealed: boolean;
}

interface Writer {
  readonly segment: Segment;
  readonly file: FileHandle;
  readonly records: RecordWriter;
}

/** Where the next record to be drained begins. */
export interface Cursor {
  readonly segment: number;
  readonly offset: number;
}

/**
 * The folder of the journal: numbered segments, appended to at the end and removed at the beginning. A start always
 * begins a new segment, so that a half-written end is never written behind.
 */
export class Segments {
  readonly #folder: string;
  readonly #segmentBytes: number;
  #list: Segment[] = [];
  #writer: Writer | null = null;
  #next = 1;

  constructor(folder: string, segmentBytes: number) {
    this.#folder = folder;
    this.#segmentBytes = segmentBytes;
  }

  /** Reads what is there: where draining had got to, and how many bytes are in no whole record. */
  open(): { readonly cursor: Cursor | null; readonly damagedBytes: number } {
    mkdirSync(this.#folder, { recursive: true });
    const numbers = readdirSync(this.#folder)
      .map((name) => /^(\d{10})\.journal$/.exec(name)?.[1])
      .filter((found) => found !== undefined)
      .map(Number)
      .sort((one, other) => one - other);
    let damagedBytes = 0;
    for (const number of numbers) {
      const path = this.#pathOf(number);
      const segment: Segment = { number, path, bytes: statSync(path).size, rows: 0, newest: 0, sealed: true };
      const end = scan(readFileSync(path), (batches) => note(segment, batches));
      damagedBytes += segment.bytes - end;
      this.#list.push(segment);
      this.#next = number + 1;
    }
    const cursor = this.#readCursor();
    // Never a number that was there before: what lies before the cursor is drained.
    if (cursor !== null) this.#next = Math.max(this.#next, cursor.segment + 1);
    return { cursor, damagedBytes };
  }

  get list(): readonly Segment[] {
    return this.#list;
  }

  get bytes(): number {
    return this.#list.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get rows(): number {
    return this.#list.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** Durable when it resolves: gives where the record lies. One call at a time. */
  async append(batches: readonly PointBatch[]): Promise<{ readonly at: Cursor; readonly end: number }> {
    const writer = await this.#writable();
    const { segment, file } = writer;
    const record = writer.records.encode(batches);
    const offset = segment.bytes;
    try {
      // A disk that becomes full takes a part first, without a word; what is asked of it next tells why.
      for (let taken = 0; taken < record.length;)
        taken += (await file.write(record, taken, record.length - taken, offset + taken)).bytesWritten;
      await file.datasync();
    } catch (error) {
      // What is behind a half-written record is never read: go on in a new segment.
      await this.#endWriter();
      throw error;
    }
    segment.bytes += record.length;
    note(segment, batches);
    return { at: { segment: segment.number, offset }, end: segment.bytes };
  }

  /** The records from a cursor on, in order; each with where the next begins. */
  async *from(cursor: Cursor): AsyncGenerator<{ readonly batches: PointBatch[]; readonly next: Cursor }> {
    const segment = this.#list.find(({ number }) => number === cursor.segment);
    if (segment === undefined) return;
    const content = await readFile(segment.path);
    const reader = new RecordReader();
    let offset = 0;
    while (offset < segment.bytes) {
      const body = recordAt(content, offset);
      if (body === null) return;
      // Earlier records name the series of later ones.
      const batches = reader.decode(body);
      const next = offset + headBytes + body.length;
      if (offset >= cursor.offset) yield { batches, next: { segment: segment.number, offset: next } };
      offset = next;
    }
  }

  /** Removes a segment. */
  remove(segment: Segment): void {
    this.#list = this.#list.filter((other) => other !== segment);
    rmSync(segment.path, { force: true });
  }

  /** Kept by rename: either the old or the new one is there. An older one makes repeats, which are harmless. */
  saveCursor(cursor: Cursor): void {
    const path = join(this.#folder, 'cursor.json');
    writeFileSync(`${path}.new`, JSON.stringify(cursor));
    renameSync(`${path}.new`, path);
  }

  async close(): Promise<void> {
    await this.#endWriter();
  }

  async #writable(): Promise<Writer> {
    if (this.#writer !== null && this.#writer.segment.bytes >= this.#segmentBytes) await this.#endWriter();
    if (this.#writer !== null) return this.#writer;
    const number = this.#next++;
    const path = this.#pathOf(number);
    const file = await open(path, 'wx', 0o600);
    const segment: Segment = { number, path, bytes: 0, rows: 0, newest: 0, sealed: false };
    this.#list.push(segment);
    // The name itself has to be on disk, too.
    const folder = await open(this.#folder, 'r');
    await folder.sync().finally(() => folder.close());
    this.#writer = { segment, file, records: new RecordWriter() };
    return this.#writer;
  }

  async #endWriter(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    if (writer === null) return;
    writer.segment.sealed = true;
    await writer.file.close().catch(() => undefined);
  }

  #pathOf(number: number): string {
    return join(this.#folder, `${String(number).padStart(10, '0')}.journal`);
  }

  #readCursor(): Cursor | null {
    try {
      const found = JSON.parse(readFileSync(join(this.#folder, 'cursor.json'), 'utf8')) as Partial<Cursor>;
      const { segment, offset } = found;
      return Number.isInteger(segment) && Number.isInteger(offset)
        ? { segment: segment ?? 0, offset: offset ?? 0 }
        : null;
    } catch {
      return null;
    }
  }
}

/** Walks the whole records; gives where they end. */
function scan(content: Buffer, each: (batches: readonly PointBatch[]) => void): number {
  const reader = new RecordReader();
  let offset = 0;
  for (let body = recordAt(content, offset); body !== null; body = recordAt(content, offset)) {
    each(reader.decode(body));
    offset += headBytes + body.length;
  }
  return offset;
}

function note(segment: Segment, batches: readonly PointBatch[]): void {
  segment.rows += rowsOf(batches);
  for (const { times } of batches) for (const time of times) if (time > segment.newest) segment.newest = time;
}
