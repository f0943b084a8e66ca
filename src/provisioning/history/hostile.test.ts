import { expect, it } from 'vitest';
import { expectLinear, hostileLines } from '../../../tests/support/growth.ts';
import { differenceOf, type MaskedText } from './difference.ts';

const plain = (lines: readonly string[]): MaskedText => ({ clear: `${lines.join('\n')}\n`, masked: `${lines.join('\n')}\n` }); // prettier-ignore
/** So many words. */
const words = (count: number, seed: number): string =>
  Array.from({ length: count }, (_, at) => `w${seed % 3}-${at}`).join(' ');

it.each(Object.entries(hostileLines))('two lines that differ take the time that their length takes: %s', (name, line) => {
  expectLinear(name, 8_000, (size) => {
    const [before, after] = [plain([line(size), 'x']), plain([`${line(size)} y`, 'x'])];
    return () => differenceOf(before, after);
  });
}); // prettier-ignore

it.each([
  ['forty long lines that changed', 40, (at: number, size: number) => words(size, at)],
  ['lines of hundreds of words', 100, (at: number, size: number) => words(Math.min(300, size), at)],
  [
    'two hundred lines between any two that are the same',
    0,
    (at: number) => (at % 200 === 0 ? 'interface' : words(8, at)),
  ],
] as const)('%s take no longer', (name, count, lineOf) => {
  expectLinear(name, 1_500, (size) => {
    const lines = Array.from({ length: count === 0 ? size * 8 : count }, (_, at) => at);
    const [before, after] = [0, 1].map((side) => plain(lines.map((at) => (lineOf(at, size) === 'interface' ? 'interface' : `${side} ${lineOf(at, size)}${side}`)))); // prettier-ignore
    return () => differenceOf(before ?? plain([]), after ?? plain([]));
  });
});

it('what is too much to be compared word for word is told line for line', () => {
  const lines = (side: string) => Array.from({ length: 40 }, (_, at) => `${side} ${words(10_000, at)}`);
  const { summary } = differenceOf(plain(lines('a')), plain(lines('b')));
  expect(summary).toMatchObject({ added: 40, removed: 40, changed: 0 });
});
