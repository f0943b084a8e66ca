import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineTag, quoted, storedTag, tagText } from './tag-text.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('%', '2', '5', 'C', '0', 'A', 'D', '-', '\\', '\n', '\r', '\0', ' ', ',', '=', "'"),
  }),
);

describe('tag text', () => {
  it('comes back as it was, whatever a device is called', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(tagText(storedTag(text))).toBe(text.toWellFormed());
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps two texts apart', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        if (one.toWellFormed() !== other.toWellFormed()) expect(storedTag(one)).not.toBe(storedTag(other));
      }),
    );
  });

  it('has nothing in it that ends a tag, a line or the escape of what follows', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = lineTag(storedTag(text));
        expect(line).not.toBe('');
        expect(line.replace(/\\[,= ]/g, '')).not.toMatch(/[\\,= \n\r]/);
      }),
    );
  });

  it('leaves ordinary names alone', () => {
    expect(storedTag('temperature 1 (95% of limit)')).toBe('temperature 1 (95% of limit)');
  });

  it('cannot leave a string of InfluxQL', () => {
    expect(quoted(`a' OR 1=1 --\\`)).toBe(String.raw`'a\' OR 1=1 --\\'`);
  });
});
