import { describe, expect, it } from 'vitest';
import { ArungError } from './errors.ts';
import {
  checkIntentDocument,
  intentBounds,
  intentVersion,
  type IntentDocument,
  type IntentFragment,
} from './intent.ts';

const one = (fragment: Partial<IntentFragment> = {}): IntentFragment => ({
  key: 'lan',
  subject: '/ip/address',
  values: { address: '10.0.0.1/24', interface: 'bridge' },
  secret: [],
  ...fragment,
});
const documentOf = (...fragments: IntentFragment[]): IntentDocument => ({ driver: 'routeros', fragments });

function faultsOf(document: IntentDocument): readonly unknown[] {
  try {
    checkIntentDocument(document);
    return [];
  } catch (error) {
    return error instanceof ArungError ? error.details.map(({ code, field }) => [code, field]) : [error];
  }
}

describe('a document of intent', () => {
  it('is taken when it has the right form, with text of many lines in any language', () => {
    expect(
      faultsOf(documentOf(one(), one({ key: 'skrip.1', values: { source: ':log info "Ulawéng ✓"\r\n\t# ya' } }))),
    ).toEqual([]);
  });

  it.each([
    ['a key with a capital', [one({ key: 'Lan' })], 'intent.key', '/fragments/0'],
    ['a key that is too long', [one({ key: 'a'.repeat(65) })], 'intent.key', '/fragments/0'],
    ['a key that is given twice', [one(), one({ values: {} })], 'intent.key-twice', '/fragments/1'],
    ['a subject that is no word', [one({ subject: '/ip  address' })], 'intent.subject', '/fragments/0'],
    [
      'a name of a property that begins with a dot',
      [one({ values: { '.id': '*1' } })],
      'intent.property-name',
      '/fragments/0',
    ],
    [
      'a value that steers a terminal',
      [one({ values: { comment: '\u001B[2J' } })],
      'intent.value-controls',
      '/fragments/0/values/comment',
    ],
    ['half a letter', [one({ values: { comment: '\uD83D' } })], 'intent.value-controls', '/fragments/0/values/comment'],
    [
      'a value without end',
      [one({ values: { comment: 'x'.repeat(intentBounds.valueCharacters + 1) } })],
      'intent.value-long',
      '/fragments/0/values/comment',
    ],
    ['a secret without a value', [one({ secret: ['password'] })], 'intent.secret-absent', '/fragments/0'],
    [
      'too many fragments',
      Array.from({ length: intentBounds.fragments + 1 }, (_, i) => one({ key: `k${i}` })),
      'intent.too-large',
      '/fragments',
    ],
  ] as const)('is refused with %s, and the place is named', (_, fragments, code, field) => {
    // prettier-ignore
    expect(faultsOf(documentOf(...fragments))).toEqual([[code, field]]);
  });

  it('tells no value in its errors', () => {
    const hidden = 'rahasia-sekali\u0007';
    try {
      checkIntentDocument(documentOf(one({ values: { password: hidden }, secret: ['password'] })));
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify([error, String(error)])).not.toContain('rahasia');
    }
  });
});

describe('the version of a document', () => {
  const key = Buffer.alloc(32, 1);
  const version = (...fragments: IntentFragment[]) => intentVersion(documentOf(...fragments), key);

  it('is the same for the same content, in whatever order properties were written', () => {
    const turned = one({ values: { interface: 'bridge', address: '10.0.0.1/24' } });
    expect(version(one())).toBe(version(turned));
    expect(version(one())).toMatch(/^[0-9a-f]{64}$/);
    const secrets = { values: { a: '1', b: '2' } };
    expect(version(one({ ...secrets, secret: ['a', 'b'] }))).toBe(version(one({ ...secrets, secret: ['b', 'a'] })));
  });

  it.each([
    ['a value', [one({ values: { address: '10.0.0.2/24', interface: 'bridge' } })]],
    ['a key', [one({ key: 'wan' })]],
    ['what is secret', [one({ secret: ['address'] })]],
    ['a fragment more', [one(), one({ key: 'wan' })]],
  ])('is another one for %s that differs', (_, fragments) => {
    expect(version(...fragments)).not.toBe(version(one()));
  });

  it('counts the order of fragments', () => {
    const [a, b] = [one({ key: 'a' }), one({ key: 'b' })];
    expect(version(a, b)).not.toBe(version(b, a));
  });

  it('cannot be guessed by who has not the key', () => {
    expect(intentVersion(documentOf(one()), Buffer.alloc(32, 2))).not.toBe(version(one()));
  });
});
