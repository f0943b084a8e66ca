import { expect } from 'vitest';

/** Processor time and not time of day: the machine may be busy with others. */
function cpuMsOf(work: () => unknown): number {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

const times = 8;

/**
 * Expects that work on eight times as much takes about eight times as long, and not the square of it.
 * @param work made ready for a size, which is not measured.
 */
export function expectLinear(what: string, size: number, work: (size: number) => () => unknown): void {
  const [small, large] = [work(size), work(size * times)];
  const least = Math.min(cpuMsOf(small), cpuMsOf(small));
  const most = 3 * times * least + 150;
  let took = cpuMsOf(large);
  if (took > most) took = Math.min(took, cpuMsOf(large));
  expect(took, `${what}: ${Math.round(least)} ms for ${size}, ${Math.round(took)} ms for ${size * times}`).toBeLessThan(most); // prettier-ignore
}

/** Lines of one kind, each as long as it is said; what a device writes that means to stop its reader. */
export const hostileLines: Readonly<Record<string, (length: number) => string>> = {
  blanks: (length) => `${' '.repeat(length)}x`,
  dashes: (length) => `${'-'.repeat(length)}x`,
  digits: (length) => '1'.repeat(length),
  quotes: (length) => `add name=${'"'.repeat(length)}`,
  'a quote without end': (length) => `add name="${'a'.repeat(length)}`,
  backslashes: (length) => `add name="${'\\'.repeat(length)}`,
  ...Object.fromEntries(
    ['no ', 'save ', 'in 1 hours and ', 'will reboot at (', 'SW version ', '%A ', '[y/n] ', 'secret 5 ', 'password=a ', 'a=', '1d', '1-4094,', '1 to 4094 ', 'time remaining : '].map(
      (words) => [`"${words}" again and again`, (length: number) => words.repeat(Math.ceil(length / words.length))],
    ),
  ),
}; // prettier-ignore
