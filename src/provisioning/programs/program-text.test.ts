import { describe, expect, it } from 'vitest';
import { textCleaner } from './program-text.ts';

describe('a text of a program', () => {
  const clean = textCleaner(['rahasia-panjang', 'abc']);

  it('loses what turns a terminal or the reading direction, and keeps its lines', () => {
    expect(clean('<{%fg 1%}>galat<{%reset%}>:\tsatu\r\ndua', 100)).toBe('galat:\tsatu\ndua');
    expect(clean('\u001b[31mmerah\u001b[0m \u001b]0;judul\u0007x', 100)).toBe('merah x');
    expect(clean('a\u0000b\u202ec\u2028d\ud800e', 100)).toBe('abcde');
  });

  it('shows no secret that is known, also one that is torn by marks of colour', () => {
    expect(clean('sandi rahasia-panjang, abc', 100)).toBe('sandi [secret], abc');
    expect(clean('rahasia<{%reset%}>-panjang', 100)).toBe('[secret]');
  });

  it('is cut where it is too long, and never in the middle of a character', () => {
    expect(clean('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`);
    expect(clean('xxxx😀xxxx', 6)).toBe('xxxx…');
  });
});
