import { describe, expect, it } from 'vitest';
import { reasonOf } from './reason.ts';

describe('a reason', () => {
  it('is told without what stands around it', () => {
    expect(reasonOf('  \u200b kabel diganti\t\n', '/reason')).toBe('kabel diganti');
    expect(reasonOf('更换核心设备', '/reason')).toBe('更换核心设备');
    expect(reasonOf('SK 12/3', '/reason')).toBe('SK 12/3');
  });

  it.each(['     ', '\u200b\u200b\u200b\u200b\u200b', '\t\t\t\t\t', '.....', 'a\u200bb c\u00a0d', '-----!', ''])(
    'is none without words: %j',
    (text) => {
      expect(() => reasonOf(text, '/reason')).toThrow(
        expect.objectContaining({ kind: 'invalid', code: 'reason.no-words' }) as Error,
      );
    },
  );
});
