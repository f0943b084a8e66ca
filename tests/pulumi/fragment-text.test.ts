import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fragmentOf, fragmentText, normalised } from '../../pulumi/provider/fragment-text.ts';
import { deviceIntent } from '../../pulumi/provider/resources/device-intent.ts';
import { secret, unknown, type Properties } from '../../pulumi/provider/values.ts';

const key = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/);
const subject = fc.constantFrom('/ip/address', 'interface GigabitEthernet0/1', 'time', '/a/b "c"=d');
const value = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('a\nb', '"', '""x', '=', ' ', '\r', 'a="b"'),
);
const values = fc.dictionary(fc.stringMatching(/^[a-z][A-Za-z0-9._-]{0,20}$/), value);

const lan = { key: 'lan', subject: '/ip/address', values: { address: '10.73.8.1/24', interface: 'bridge' } };
const lanText = 'lan /ip/address\naddress=10.73.8.1/24\ninterface=bridge';
const state = (...fragments: Properties['fragments'][]): { inputs: Properties; outputs: Properties } => ({
  inputs: { device: 'rtr-a-01', driver: 'routeros', fragments: fragments.flat() as never },
  outputs: { content: 'x' },
});
const paths = (before: Properties['fragments'][], after: Properties['fragments'][]) =>
  deviceIntent.diff(state(...before), state(...after).inputs).map(({ path, kind }) => `${path} ${kind}`);

describe('a fragment as a text', () => {
  it('is read as what it was written of, whatever its values hold', () => {
    fc.assert(
      fc.property(key, subject, values, (name, of, held) => {
        const text = fragmentText({ key: name, subject: of, values: held });
        expect(text).not.toBeNull();
        const read = fragmentOf(text ?? '');
        expect({ ...read, values: { ...read.values } }).toEqual({ key: name, subject: of, values: { ...held } });
      }),
    );
    expect(fragmentText(lan)).toBe(lanText);
    expect(fragmentText({ ...lan, values: { address: 'a', source: 'satu\ndua' } })).toBe(
      'lan /ip/address\naddress=a\nsource="satu\\ndua"',
    );
  });

  it('is none where a secret, an unknown value or a wrong name would be in it', () => {
    for (const held of [{ password: secret('kenari') }, { address: unknown }, { 'a=b': 'c' }, { 'a b': 'c' }])
      expect(fragmentText({ ...lan, values: held })).toBeNull();
    expect(fragmentText({ ...lan, key: 'a b' })).toBeNull();
    expect(fragmentText({ ...lan, subject: 'a\nb=c' })).toBeNull();
    expect(fragmentText({ ...lan, values: normalised({ list: ['a', unknown] }) })).toBeNull();
  });

  it('says what is wrong with one that a person wrote', () => {
    expect(() => fragmentOf('lan')).toThrow('"lan" is no beginning of a fragment: write it as KEY SUBJECT.');
    expect(() => fragmentOf('lan /ip/address\naddress')).toThrow('"address" is no line of a fragment');
  });

  it('is the same as its properties, and its difference is told as the whole text', () => {
    const other = lanText.replace('10.73.8.1', '10.73.8.2');
    expect(paths([lanText], [lan])).toEqual([]);
    expect(paths([lan], [lanText])).toEqual([]);
    expect(paths([lanText], [other])).toEqual(['fragments[0] update']);
    expect(paths([lan], [other])).toEqual(['fragments[0] update']);
    const hidden = { ...lan, values: { ...lan.values, address: secret('10.73.8.9/24') } };
    expect(paths([lanText], [hidden])).toEqual(['fragments[0].values.address update']);
    expect(paths([lanText, 'ntp /system/ntp\nservers=a'], [lanText])).toEqual(['fragments[1] delete']);
    expect(paths([lanText], [lanText, 'ntp /system/ntp\nservers=a'])).toEqual(['fragments[1] add']);
    expect(paths([lanText, 'ntp /system/ntp\nservers=a'], ['ntp /system/ntp\nservers=a', lanText])).toEqual([
      'fragments update',
    ]);
  });
});
