import { describe, expect, it } from 'vitest';
import { printable } from './printable.ts';

describe('a text that may be shown', () => {
  it.each([
    ['kantor\u0000\u0007camat', 'kantor camat'],
    ['baris\r\nlain', 'baris lain'],
    ['rtr\u202enimda\u2069', 'rtr nimda '],
    ['a\u2028b\u2029c', 'a b c'],
    ['setengah \ud83d', 'setengah  '],
    ['\ufffd\ufffd?', ' ?'],
    ['Kantor Camat Pallatæ 🏛 مكتب', 'Kantor Camat Pallatæ 🏛 مكتب'],
  ])('%j is %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});
