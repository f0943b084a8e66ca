import { describe, expect, it } from 'vitest';
import { parsedText, templateText, textExamples, type TextFragment } from './template-text.ts';

const fragments: readonly TextFragment[] = [
  {
    key: 'jam',
    subject: '/system/ntp/client',
    order: 0,
    values: { enabled: 'yes', servers: '{{variable:ntp-server}}' },
    secret: [],
  },
  {
    key: 'uplink',
    subject: 'interface GigabitEthernet0/1',
    order: -5,
    values: { description: 'ke kantor "utama"', 'switchport.mode': 'trunk', banner: 'dua\nbaris', empty: '' },
    secret: [],
  },
  { key: 'u', subject: '/user', order: 0, values: { name: 'ani', token: '{{variable:t}}' }, secret: ['password', 'token'] }, // prettier-ignore
];

describe('a template as text', () => {
  it('comes back as it went, with secrets that nobody sees', () => {
    const text = templateText(fragments);
    expect(text).toContain('/system/ntp/client jam\n    enabled=yes\n    servers={{variable:ntp-server}}\n');
    expect(text).toContain('interface GigabitEthernet0/1 uplink @-5\n');
    expect(text).toContain('    *password=•••\n');
    const { fragments: back, faults } = parsedText(text);
    expect(faults).toEqual([]);
    expect(back.map((one) => ({ ...one, secret: [...one.secret].sort() }))).toEqual(fragments);
  });

  it('says which line the controller means', () => {
    const { lineOf } = parsedText(templateText(fragments));
    expect(lineOf('/fragments/0')).toBe(1);
    expect(lineOf('/fragments/0/values/servers')).toBe(3);
    expect(lineOf('/fragments/1/values/absent')).toBe(5);
    expect(lineOf('/fragments/9')).toBeNull();
    expect(lineOf('/places/0')).toBeNull();
  });

  it('tells what is wrong with a line', () => {
    const text = '  a=1\n/ip/dns\n/ip/dns dns\n  servers\n  servers="1\n  servers=1\n  servers=2\n';
    expect(parsedText(text).faults).toEqual([
      { line: 1, reason: 'no-head' },
      { line: 2, reason: 'head' },
      { line: 4, reason: 'property' },
      { line: 5, reason: 'quotes' },
      { line: 7, reason: 'twice' },
    ]);
  });
});

it.each(Object.entries(textExamples))('the example for %s is a text', (_, text) => {
  const { fragments: found, faults } = parsedText(text);
  expect(faults).toEqual([]);
  expect(found).toHaveLength(1);
  expect(templateText(found)).toBe(`${text}\n`);
});
