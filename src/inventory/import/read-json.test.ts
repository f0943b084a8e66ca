import { describe, expect, it } from 'vitest';
import { Problems } from './problems.ts';
import { readJson } from './read-json.ts';

function codesOf(text: string): readonly (string | undefined)[] {
  const problems = new Problems();
  readJson(text, problems);
  return problems.told.map((problem) => problem.code);
}

describe('a document that is nested without end', () => {
  const deep = (open: string, close: string): string => open.repeat(20_000) + '1' + close.repeat(20_000);

  it.each([
    ['as a whole', deep('{"a":', '}')],
    ['as a list', deep('[', ']')],
    ['as its format', `{"format":${deep('[', ']')}}`],
    ['as a name', `{"format":"arung-inventory/1","contacts":[{"name":${deep('[', ']')}}]}`],
    ['as a row', `{"format":"arung-inventory/1","sites":[${deep('{"code":', '}')}]}`],
  ])('%s is refused with a place, and fills no stack', (_, text) => {
    expect(codesOf(text)).toEqual(['import.syntax']);
  });

  it('is not what brackets in words are', () => {
    const name = '[{'.repeat(50) + '\\"';
    expect(codesOf(JSON.stringify({ format: 'arung-inventory/1', contacts: [{ name }] }))).toEqual([]);
  });
});

describe('a file that is larger than an inventory', () => {
  const head = '{"format":"arung-inventory/1",';
  const wrong = (rows: number): string => `${head}"sites":[${Array.from({ length: rows }, () => '{}').join()}]}`;

  it.each([
    ['of more rows than are taken', `${head}"sites":[${'1,'.repeat(100_000)}1]}`, 'import.too-many-rows'],
    ['of lists without end', wrong(1_100_000), 'import.too-many-rows'],
    ['cut off where it is deepest', '['.repeat(1_000_000), 'import.syntax'],
    [
      'with a row of entries without end',
      `${head}"sites":[{"code":"x","tags":[${'"y",'.repeat(20_000)}"y"]}]}`,
      'import.wrong-value',
    ],
  ])('%s is refused with one sentence, and soon', (_, text, code) => {
    const started = performance.now();
    expect(codesOf(text)).toEqual([code]);
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it('is not looked through to its end when nothing of it is right', () => {
    const problems = new Problems();
    readJson(wrong(90_000), problems);
    expect(problems.told).toHaveLength(200);
    expect(problems.count).toBeGreaterThanOrEqual(20_000);
    expect(problems.count).toBeLessThan(20_100);
  });
});
