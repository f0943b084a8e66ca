import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveWriter } from './archive-writer.ts';
import type { Manifest } from './manifest.ts';

/** Where points wait for a metric store on another machine, below the data folder. */
export const waitingFolder = join('metrics', 'journal');
const cursorFile = 'cursor.json';
const segmentFile = /^\d{10}\.journal$/;

/** Whether a backup's file belongs there: nothing else may be written by a restore. */
export function isWaitingFile(name: string): boolean {
  const file = name.slice(waitingFolder.length + 1);
  return name === join(waitingFolder, file) && (file === cursorFile || segmentFile.test(file));
}

/** Bytes on disk of points that wait; of those some may be sent already. */
export function waitingBytes(dataDir: string): number {
  return segmentsIn(join(dataDir, waitingFolder)).reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Copies what waits while a controller goes on writing and sending. How far it was sent is read first: what is sent
 * meanwhile is sent again after a restore, which is harmless, and a record that is cut off in the middle is not read.
 */
export async function copyWaitingPoints(dataDir: string, archive: ArchiveWriter): Promise<Manifest['files']> {
  const folder = join(dataDir, waitingFolder);
  const files: Manifest['files'] = [];
  const add = async (name: string, content: AsyncIterable<Buffer>) => {
    files.push({ name: join(waitingFolder, name), member: await archive.member(`waiting/${name}`, content) });
  };
  const cursor = readIfThere(join(folder, cursorFile));
  if (cursor !== null) await add(cursorFile, once(cursor));
  for (const { name, bytes } of segmentsIn(folder)) {
    const file = await open(join(folder, name)).catch(unlessGone);
    if (file === null || bytes === 0) await file?.close();
    else await add(name, file.createReadStream({ end: bytes - 1 }));
  }
  return files;
}

function segmentsIn(folder: string): { readonly name: string; readonly bytes: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => segmentFile.test(name))
    .sort()
    .map((name) => ({ name, bytes: statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0 }));
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    return unlessGone(error);
  }
}

/** Sent and removed a moment ago, or never there. */
function unlessGone(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}
