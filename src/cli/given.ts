import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { ArungError } from '../domain/errors.ts';

/** A number from the command line within its bounds. */
export function within(least: number, most: number, whole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
    const what = whole ? 'a whole number' : 'a number';
    throw new InvalidArgumentError(`give ${what} from ${least} to ${most}`);
  };
}

/** The text of a file that the command line names; `-` is standard input. */
export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ArungError('invalid', `Cannot read ${file} (${code}): check the path.`, { cause });
  }
}
