import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lists, type Fields, type ListName } from './lists.ts';
import { Problems } from './problems.ts';
import { readCsv } from './read-csv.ts';
import { writeCsv } from './write-csv.ts';

/** Text as it comes out of a form: trimmed, no character that PostgreSQL refuses. */
const words = (maxLength: number, minLength = 0) =>
  fc
    .string({ unit: fc.constantFrom(...'aé=+-@\';,"|[]{}\\#\t\r\n 0世'.split('')), minLength, maxLength })
    .map((text) => text.trim())
    .filter((text) => text.length >= minLength);

function read(list: ListName, text: string): { values: Fields[]; codes: (string | undefined)[] } {
  const problems = new Problems();
  const rows = readCsv(text, list, problems);
  return { values: rows.map((row) => row.value), codes: problems.told.map((problem) => problem.code) };
}

describe('a list as CSV', () => {
  it('comes back as it was written, whatever stands in its cells', () => {
    const contact = fc.record({ name: words(20, 1), role: words(20), phone: words(20), email: words(20) });
    fc.assert(
      fc.property(fc.uniqueArray(contact, { selector: (one) => one.name, maxLength: 8 }), (contacts) => {
        expect(read('contacts', writeCsv('contacts', contacts))).toEqual({ values: contacts, codes: [] });
      }),
    );
  });

  it('keeps lists and positions', () => {
    const tags = fc.array(words(10, 1), { maxLength: 4 });
    const number = fc.option(fc.double({ min: -90, max: 90, noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(tags, number, number, (list, latitude, longitude) => {
        const site = {
          code: 'a',
          name: 'A',
          kind: 'pop',
          network: 'smart-city',
          rolloutStatus: 'active',
          region: '73.08',
          latitude: latitude === 0 ? 0 : latitude,
          longitude: longitude === 0 ? 0 : longitude,
          address: '',
          accessNotes: '',
          calendar: '',
          contacts: [],
          tags: list,
        };
        expect(read('sites', writeCsv('sites', [site]))).toEqual({ values: [site], codes: [] });
      }),
    );
  });

  it('never starts a cell with what a spreadsheet runs', () => {
    fc.assert(
      fc.property(words(20, 1), (name) => {
        const cells =
          writeCsv('contacts', [{ name, role: '', phone: '', email: '' }])
            .slice(1)
            .split('\r\n')[1] ?? '';
        expect(cells).not.toMatch(/^"?[=+\-@\t\r]/);
      }),
    );
  });

  it('of short lines without end is refused with one sentence, and soon', () => {
    const started = performance.now();
    expect(read('sites', `code,name,kind,network,region\n${'"\n'.repeat(2_000_000)}`).codes).toEqual([
      'import.too-many-rows',
    ]);
    expect(read('contacts', `name\n"${'x'.repeat(2_000_000)}`).codes).toEqual(['import.syntax']);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('is refused or read, and never throws, whatever the file', () => {
    const pieces = fc.constantFrom(
      'name',
      'code',
      'site',
      ',',
      ';',
      '\t',
      '"',
      '""',
      '\n',
      '\r\n',
      '\uFEFF',
      'x',
      '\0',
      '=1',
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 30 }),
        fc.constantFrom('sites', 'links', 'calendars'),
        (parts, list) => {
          const { values, codes } = read(list as ListName, parts.join(''));
          expect(values.every((value) => lists[list as ListName].validator.Check(value))).toBe(true);
          expect(codes.every((code) => code?.startsWith('import.'))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
