import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { ArungError } from '../domain/errors.ts';
import { sha256 } from './archive-writer.ts';
import {
  broken,
  headName,
  manifestName,
  manifestSumName,
  parseHead,
  parseManifest,
  type Manifest,
  type Member,
} from './manifest.ts';

/** No part that we write is near to this; more is nothing that we read into memory. */
const largestPart = 16 * 1024 * 1024;
const largestManifest = 64 * 1024 * 1024;

export interface Part {
  readonly name: string;
  readonly data: Buffer;
}

/** Told after each part: bytes of the file read so far, and in all. */
export type ReadProgress = (done: number, total: number) => void;

/**
 * Reads a backup from the first byte to the last and checks every sum. Resolves with its manifest; rejects with
 * `backup.broken` for a file that is damaged, cut short or no backup at all, and `backup.newer` for a later format.
 */
export async function verifyArchive(file: string, progress: ReadProgress = () => undefined): Promise<Manifest> {
  const found: Manifest['parts'] = [];
  let manifestText: Buffer | null = null;
  let sum: string | null = null;
  for await (const { name, data } of readParts(file, progress)) {
    if (found.length === 0 && name !== headName) throw broken(file, 'it is no backup of Arung');
    if (name === headName) parseHead(file, data);
    if (sum !== null) throw broken(file, 'something follows its end');
    if (manifestText !== null) {
      if (name !== manifestSumName) throw broken(file, 'something follows its manifest');
      sum = data.toString('utf8').split(' ')[0] ?? '';
      continue;
    }
    if (name === manifestName) manifestText = data;
    else found.push({ name, bytes: data.length, sha256: sha256(data) });
  }
  if (found.length === 0) throw broken(file, 'it is empty or no backup of Arung');
  if (manifestText === null || sum === null) throw broken(file, 'it is cut short');
  if (sha256(manifestText) !== sum) throw broken(file, 'its manifest is damaged');
  const manifest = parseManifest(file, manifestText);
  if (found.length !== manifest.parts.length) throw broken(file, 'a part of it is missing');
  for (const [index, part] of found.entries()) {
    const wanted = manifest.parts[index];
    if (wanted?.name !== part.name || wanted.sha256 !== part.sha256)
      throw broken(file, `its part ${part.name} is damaged`);
  }
  return manifest;
}

/**
 * The members of a verified backup in their order, each as the bytes that went into it; sums are checked again, so that
 * a file that changes meanwhile is noticed. A member must be read to its end before the next comes.
 */
export async function* readMembers(
  file: string,
  manifest: Manifest,
  progress: ReadProgress = () => undefined,
): AsyncGenerator<{ readonly member: Member; readonly content: AsyncIterable<Buffer> }> {
  const members = membersOf(manifest);
  const sums = new Map(manifest.parts.map((part) => [part.name, part.sha256]));
  const parts = readParts(file, progress);
  try {
    const next = async (wanted: string): Promise<Buffer> => {
      for (;;) {
        const step = await parts.next();
        if (step.done === true) throw broken(file, `its part ${wanted} is missing`);
        const { name, data } = step.value;
        if (name === headName) continue;
        if (name !== wanted || sums.get(name) !== sha256(data))
          throw broken(file, `it changed while it was read (${name})`);
        return data;
      }
    };
    for (const member of members) {
      const compressed = async function* () {
        for (let part = 0; part < member.parts; part++) {
          yield await next(`${member.name}.gz.${String(part).padStart(4, '0')}`);
        }
      };
      const content = pipeline(Readable.from(compressed()), createGunzip(), () => undefined);
      yield { member, content: content as AsyncIterable<Buffer> };
    }
  } finally {
    await parts.return(undefined);
  }
}

/** In the order in which they stand in the file. */
function membersOf(manifest: Manifest): Member[] {
  return [
    ...manifest.database.tables.map((table) => table.member),
    ...(manifest.metrics === null ? [] : [manifest.metrics.member]),
    ...manifest.files.map((file) => file.member),
    manifest.settings,
  ];
}

async function* readParts(file: string, progress: ReadProgress): AsyncGenerator<Part, void, undefined> {
  let total: number;
  try {
    total = statSync(file).size;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new ArungError('invalid', `The backup ${file} cannot be read (${code}): check the path and its rights.`, {
      code: 'backup.unreadable',
      arguments: { file },
      cause,
    });
  }
  const source = createReadStream(file, { highWaterMark: 1024 * 1024 });
  const entries = extract();
  pipeline(source, entries, () => undefined); // a failure destroys `entries`, which tells below
  try {
    for await (const entry of entries) {
      const { name, size = 0 } = entry.header;
      if (size > (name === manifestName ? largestManifest : largestPart))
        throw broken(file, `its part ${name} is too large`);
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
      yield { name, data: Buffer.concat(chunks) };
      progress(Math.min(source.bytesRead, total), total);
    }
  } catch (cause) {
    if (cause instanceof ArungError) throw cause;
    throw broken(file, `it is damaged or cut short (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  } finally {
    source.destroy();
    entries.destroy();
  }
}
