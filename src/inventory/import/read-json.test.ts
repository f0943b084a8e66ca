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
