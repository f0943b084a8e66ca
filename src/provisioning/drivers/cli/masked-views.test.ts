import { describe, expect, it } from 'vitest';
import { plainLines, secretLines } from '../../../../tests/support/secret-lines.ts';
import { cliDocument } from '../../../../tests/support/switch-bench.ts';
import { fragment } from '../../../../tests/support/device-bench.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import { maskedDocument } from '../../intent/masked.ts';
import { CliConfiguration } from './configuration.ts';
import { ciscoIos } from './dialects/cisco-ios.ts';
import { generic } from './dialects/generic.ts';
import { CliDriver } from './driver.ts';
import { backupOf } from './export.ts';

const driver = new CliDriver();
const canary = 'KENARI';
// Somewhere within a section, too; who may sign in, a restore never touches.
const lines = [...secretLines, ...plainLines].map((line) => line.trim());
const port = ['interface GigabitEthernet0/1', ...lines.map((line) => ` ${line}`)];
const text = ['hostname sw1', ...lines.filter((line) => !line.startsWith('banner')), ...port, 'end'].join('\n');
const empty = new CliConfiguration(0, 'hostname sw1\nend', ciscoIos);
const full = new CliConfiguration(0, text, ciscoIos);

const marked = ({ fragments, ...document }: IntentDocument): IntentDocument => ({
  ...document,
  fragments: fragments.map((one) => ({ ...one, secret: [...driver.secretsAmong(one.subject, Object.keys(one.values)), ...driver.secretsWithin(one)] })), // prettier-ignore
});

describe('what anybody may see of a switch', () => {
  it('has no secret in a backup', () => {
    const { text: whole, masked } = backupOf('sw1', text, { dialect: ciscoIos });
    expect(whole).toContain(canary);
    expect(masked).not.toContain(canary);
    expect(masked.split('\n')).toHaveLength(whole.split('\n').length);
    expect(driver.masked(masked)).toBe(masked);
    for (const line of plainLines) expect(masked).toContain(line);
  });

  it('has no key in a backup that goes over several lines', () => {
    const key = ['-----BEGIN RSA PRIVATE KEY-----', 'KENARI/AAAA+', 'KENARI==', '-----END RSA PRIVATE KEY-----'];
    const { masked } = backupOf('sw1', ['hostname sw1', ...key, 'vlan 30', ''].join('\n'), { dialect: generic });
    expect(masked.split('\n')).toEqual(['hostname sw1', key[0], '•••', '•••', key[3], 'vlan 30', '']);
  });

  it('has no secret where it is brought back to a backup, in what stays, nor in what that is kept as', () => {
    const document = driver.restoring(text);
    expect(JSON.stringify(document)).toContain(canary);
    expect(JSON.stringify(maskedDocument(document))).not.toContain(canary);
    // Of a version that was kept when less was known of secrets.
    expect(JSON.stringify(maskedDocument(marked(document)))).not.toContain(canary);
    for (const configuration of [empty, full]) {
      expect(JSON.stringify(driver.plan(document, configuration, null))).not.toContain(canary);
    }
    expect(JSON.stringify(driver.plan(driver.restoring('hostname sw1\nend'), full, null))).not.toContain(canary);
    expect(driver.leftOut('hostname sw1\nend', 'hostname sw1\ncrypto isakmp key KENARI\n mode main\nend')).toEqual([
      'crypto isakmp key •••',
    ]);
  });

  it('brings a chain of keys back whole', () => {
    const { fragments } = driver.restoring('hostname sw1\nkey chain OSPF\n key 1\n  key-string 7 KENARI\nend');
    expect(fragments.map(({ subject, secret }) => [subject, secret.length])).toContainEqual(['key chain OSPF / key 1', 1]); // prettier-ignore
  });

  it('has no secret among what was found on it', () => {
    const found = driver.fragments(full, 'global');
    const fragments = [...found, ...driver.fragments(full, 'interface GigabitEthernet0/1')];
    expect(fragments).not.toEqual([]);
    expect(JSON.stringify(maskedDocument({ driver: 'cli', fragments }))).not.toContain(canary);
  });

  it.each(secretLines.map((line) => line.trim()).filter((line) => /^[a-z-]+ /.test(line)))('has no secret in an intent: %s', (line) => {
    const [word = '', ...rest] = line.split(' ');
    const document = marked(cliDocument(fragment('x', 'global', { [word]: rest.join(' ') })));
    expect(JSON.stringify(maskedDocument(document))).not.toContain(canary);
    for (const configuration of [empty, full]) {
      expect(JSON.stringify(driver.plan(document, configuration, null))).not.toContain(canary);
    }
  }); // prettier-ignore

  it('is what it was where no secret is', () => {
    const document = marked(cliDocument(fragment('x', 'vlan 30', { name: 'TAMU' }), fragment('y', 'global', { 'aaa.authentication': 'login default local', service: 'password-encryption' }))); // prettier-ignore
    expect(document.fragments.map(({ secret }) => secret)).toEqual([[], []]);
  });
});
