import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { positionsOf } from './json-positions.ts';

/** The text from a place on. */
function textAt(text: string, place: { line: number; column: string | number }): string {
  const lines = text.split('\n');
  return [lines[place.line - 1]?.slice(Number(place.column) - 1), ...lines.slice(place.line)].join('\n');
}

describe('the positions of a JSON text', () => {
  it('point at the value itself, for any value and any layout', () => {
    const spaces = fc.constantFrom(0, 1, 2, '\t');
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 3 })), { maxLength: 5 }),
        spaces,
        (items, indent) => {
          const text = JSON.stringify({ items }, null, indent);
          const locate = positionsOf(text, 3);
          for (const [index, item] of items.entries()) {
            for (const [key, value] of Object.entries(item)) {
              const pointer = `/items/${index}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
              const found = textAt(text, locate(pointer));
              const written = JSON.stringify(value);
              expect(found.startsWith(written.slice(0, 1))).toBe(true);
              if (typeof value !== 'object') expect(found.startsWith(written)).toBe(true);
            }
          }
        },
      ),
    );
  });

  it('of what is not there are those of the nearest thing around it', () => {
    const locate = positionsOf('{\n  "a": [\n    1\n  ]\n}', 3);
    expect(locate('/a/7/x')).toEqual({ line: 2, column: 8 });
    expect(locate('/b')).toEqual({ line: 1, column: 1 });
  });
});
