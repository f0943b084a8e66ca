import { existsSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { ArungError } from '../domain/errors.ts';

/**
 * Copies the file of an embedded metric store that no controller has open. Rejects with `metrics.in-use` when one has.
 * False when there is no such file.
 */
export async function copyMetricsFile(from: string, to: string): Promise<boolean> {
  if (!existsSync(from)) return false;
  rmSync(to, { force: true });
  const database = new DatabaseSync(from);
  try {
    // As the store itself opens it: a second program on the file is told so at once.
    database.exec('pragma locking_mode = exclusive; begin immediate; commit');
    await backup(database, to, { rate: 1_000 });
  } catch (cause) {
    throw new ArungError(
      'unavailable',
      `The metric store ${from} cannot be copied: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Is a controller starting or stopping on this data folder? Try again when it runs.',
      { code: 'metrics.in-use', arguments: { file: from }, cause },
    );
  } finally {
    database.close();
  }
  return true;
}
