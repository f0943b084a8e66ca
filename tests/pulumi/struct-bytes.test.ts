import * as fc from 'fast-check';
import structPb from 'google-protobuf/google/protobuf/struct_pb.js';
import { describe, expect, it } from 'vitest';
import { bytesOf, propertiesIn } from '../../pulumi/provider/struct-bytes.ts';
import type { Properties } from '../../pulumi/provider/values.ts';

/** Names and texts as programs have them: short and long ones, with more than ASCII, the same ones again and again. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('key', 'values', 'Ã©', 'é', '\u0000', '', 'x'.repeat(200), 'ß'.repeat(70)),
);
const name = text.filter((one) => one !== '__proto__');
const { properties } = fc.letrec<{ value: unknown; properties: Properties }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.double({ noNaN: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 6 }),
    tie('properties'),
  ),
  properties: fc.dictionary(name, tie('value'), { maxKeys: 8 }) as fc.Arbitrary<Properties>,
}));

/** As google-protobuf reads it: an object with a prototype, and without what it was made by. */
const plain = (value: unknown): unknown => structuredClone(value);

describe('a Struct as bytes', () => {
  it('is what google-protobuf reads', () => {
    fc.assert(
      fc.property(properties, (given) => {
        const read = structPb.Struct.deserializeBinary(bytesOf(given)).toJavaScript();
        expect(plain(read)).toEqual(plain(given));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is read as google-protobuf wrote it', () => {
    fc.assert(
      fc.property(properties, (given) => {
        const written = structPb.Struct.fromJavaScript(given as never).serializeBinary();
        expect(plain(propertiesIn(written))).toEqual(plain(given));
      }),
      { numRuns: 1_000 },
    );
  });

  it('has its names in order, whatever order they came in', () => {
    const given = { values: { b: '1', a: '2' }, list: [{ d: 1, c: 2 }], B: 3 };
    const names = JSON.stringify(propertiesIn(bytesOf(given)));
    expect(names).toBe('{"B":3,"list":[{"c":2,"d":1}],"values":{"a":"2","b":"1"}}');
    expect(names).toBe(JSON.stringify(structPb.Struct.deserializeBinary(bytesOf(given)).toJavaScript()));
  });

  it('has room for documents of any size', () => {
    const large = {
      fragments: Array.from({ length: 4_000 }, (_, at) => ({ key: `k-${at}`, text: 'é'.repeat(at % 90) })),
    };
    expect(propertiesIn(bytesOf(large))).toEqual(large);
    expect(propertiesIn(bytesOf({}))).toEqual({});
  });

  it('leaves out what is undefined, and refuses what no property can be', () => {
    const given = { a: undefined, list: [undefined], b: 1 } as unknown as Properties;
    expect(propertiesIn(bytesOf(given))).toEqual({ list: [null], b: 1 });
    expect(() => bytesOf({ a: () => 0 } as unknown as Properties)).toThrow('No property can be a function.');
  });

  it('is refused where it was cut off or is something else, and never read as anything', () => {
    const whole = bytesOf({ values: { name: 'é', list: [1, 'dua', { tiga: true }], nothing: null } });
    for (let length = 1; length < whole.length; length += 1) {
      expect(() => propertiesIn(whole.subarray(0, length))).toThrow('no google.protobuf.Struct');
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        try {
          propertiesIn(bytes);
        } catch (error) {
          expect(String(error)).toMatch('no google.protobuf.Struct');
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
