import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { filled } from './filled.ts';

const say = (text: string, args: Readonly<Record<string, string | number>>): string =>
  filled(text, args, (value) => value.toLocaleString('en'));

describe('a text that is filled', () => {
  it('has the word for one and the word for more', () => {
    const text = '{n} [n:site is|sites are] dark, {devices} [devices:device|devices]';
    expect(say(text, { n: 1, devices: 2 })).toBe('1 site is dark, 2 devices');
    expect(say(text, { n: 1200, devices: 1 })).toBe('1,200 sites are dark, 1 device');
    expect(say(text, { n: 0, devices: '1' })).toBe('0 sites are dark, 1 device');
  });

  it('leaves open what nobody gave, takes no word of a value for a choice, and ends a short list once', () => {
    expect(say('{name} and {other}', { name: '[n:a|b]' })).toBe('[n:a|b] and {other}');
    expect(say('Not as before: {names}.', { names: 'a, b, …' })).toBe('Not as before: a, b, …');
  });

  it('counts only by its own placeholders, in every English text', () => {
    for (const [key, text] of Object.entries(en)) {
      const counted = [...text.matchAll(/\[(\w+):[^\]]*\|[^\]]*\]/g)].map((match) => match[1] ?? '');
      expect({ key, brackets: text.split('[').length - 1 }).toEqual({ key, brackets: counted.length });
      for (const name of counted)
        expect({ key, text }).toEqual({ key, text: expect.stringContaining(`{${name}}`) as string });
    }
  });
});
