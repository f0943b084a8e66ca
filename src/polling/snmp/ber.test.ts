import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOids, decodeOid, encodeInteger, encodeOid, lengthAt, signedAt, unsignedAt } from './ber.ts';

const oid = fc
  .tuple(
    fc.constantFrom('0', '1', '2'),
    fc.integer({ min: 0, max: 39 }),
    fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 40 }),
  )
  .map(([first, second, rest]) => [first, second, ...rest].join('.'));

describe('encodeOid', () => {
  it('writes what the standard’s example says (X.690, 8.19.5)', () => {
    expect(encodeOid('2.999.3').toString('hex')).toBe('883703');
    expect(encodeOid('1.3.6.1.2.1.1.3.0').toString('hex')).toBe('2b06010201010300');
  });

  it('is undone by decodeOid', () => {
    fc.assert(
      fc.property(oid, (text) => {
        const bytes = encodeOid(text);
        expect(decodeOid(bytes, 0, bytes.length)).toBe(text);
      }),
    );
  });

  it.each(['', '1', '.1.3', '1.3.', '1..3', '3.1', '1.40.1', '1.3.4294967296', '1.3.x', `1.3${'.1'.repeat(127)}`])(
    'refuses %j',
    (text) => expect(() => encodeOid(text)).toThrow(TypeError),
  );
});

describe('decodeOid', () => {
  it('refuses what ends within an arc, or has arcs beyond 32 bits', () => {
    expect(decodeOid(Buffer.from('2b86', 'hex'), 0, 2)).toBeNull();
    expect(decodeOid(Buffer.from('2bffffffffff7f', 'hex'), 0, 7)).toBeNull();
    expect(decodeOid(Buffer.alloc(0), 0, 0)).toBeNull();
  });
});

describe('compareOids', () => {
  it('orders by arcs as numbers', () => {
    fc.assert(
      fc.property(oid, oid, (one, other) => {
        const left = one.split('.').map(Number);
        const right = other.split('.').map(Number);
        // The first two arcs share a byte.
        left.splice(0, 2, (left[0] ?? 0) * 40 + (left[1] ?? 0));
        right.splice(0, 2, (right[0] ?? 0) * 40 + (right[1] ?? 0));
        const place = left.findIndex((arc, i) => arc !== right[i]);
        const expected =
          one === other
            ? 0
            : place < 0 || right[place] === undefined
              ? left.length - right.length
              : (left[place] ?? 0) - (right[place] ?? 0);
        expect(Math.sign(compareOids(encodeOid(one), encodeOid(other)))).toBe(Math.sign(expected));
      }),
    );
  });
});

describe('numbers', () => {
  it('reads any INTEGER of 32 bits back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
        const bytes = encodeInteger(value);
        expect(signedAt(bytes, 2, bytes.length)).toBe(value);
      }),
    );
  });

  it('reads a larger Counter64 never as a smaller number', () => {
    const counter = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const read = (value: bigint): number => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(value);
      return unsignedAt(bytes, 0, 8);
    };
    fc.assert(
      fc.property(counter, counter, (one, other) => {
        const [small, large] = one < other ? [one, other] : [other, one];
        expect(read(small)).toBeLessThanOrEqual(read(large));
        expect(read(one)).toBe(Number(one));
      }),
    );
  });
});

describe('lengthAt', () => {
  it('refuses lengths that are indefinite, too long or reach beyond the end', () => {
    expect(lengthAt(Buffer.from('80', 'hex'), 0, 1)).toBe(-1);
    expect(lengthAt(Buffer.from('85ffffffffff', 'hex'), 0, 6)).toBe(-1);
    expect(lengthAt(Buffer.from('84ffffffff', 'hex'), 0, 5)).toBe(-1);
    expect(lengthAt(Buffer.from('8101', 'hex'), 0, 2)).toBe(-1);
    expect(lengthAt(Buffer.from('810100', 'hex'), 0, 3)).toBe(1);
  });
});
