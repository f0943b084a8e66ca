import type { Command } from 'commander';
import { fail, type OutputOptions } from './output.ts';

/** One file per command adds it to the program. */
export type CommandFile = (program: Command) => void;

/** An action that ends with a sentence on stderr and a non-zero exit code when it fails. */
export function action<Arguments extends unknown[]>(
  run: (...given: Arguments) => Promise<void> | void,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    try {
      await run(...given);
    } catch (error) {
      const options = given.find((one): one is Arguments[number] & OutputOptions => isOptions(one));
      fail(error, options === undefined ? {} : options);
    }
  };
}

function isOptions(value: unknown): value is OutputOptions {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}
