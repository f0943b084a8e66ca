import { describe, expect, it } from 'vitest';
import { cliDocument } from '../../../../tests/support/switch-bench.ts';
import { fragment } from '../../../../tests/support/device-bench.ts';
import { CliConfiguration } from './configuration.ts';
import { ciscoIos } from './dialects/cisco-ios.ts';
import { huaweiVrp } from './dialects/huawei-vrp.ts';
import { planActions } from './plan.ts';

const ios = (...lines: string[]): CliConfiguration => new CliConfiguration(0, ['hostname sw1', ...lines, 'end'].join('\n'), ciscoIos); // prettier-ignore
const vrp = (...lines: string[]): CliConfiguration => new CliConfiguration(0, ['sysname sw1', ...lines, 'return'].join('\n'), huaweiVrp); // prettier-ignore
const port = 'interface GigabitEthernet0/1';

describe('what brings a switch to a document', () => {
  it('is nothing where it is there already, however its blanks stand', () => {
    const wanted = cliDocument(fragment('p', port, { description: 'ke  Kahu', 'switchport.mode': 'trunk', shutdown: 'no' })); // prettier-ignore
    const is = ios(port, ' description ke Kahu', ' switchport mode trunk');
    expect(planActions(is, { document: wanted, before: null, written: null })).toEqual([]);
  });

  it('is the lines of each property, and no others of the section', () => {
    const wanted = cliDocument(fragment('p', port, { description: 'baru', 'switchport.access.vlan': '20', shutdown: 'yes' })); // prettier-ignore
    const is = ios(port, ' description lama', ' spanning-tree portfast');
    const [action] = planActions(is, { document: wanted, before: null, written: null });
    expect(action?.adds).toEqual(['description baru', 'switchport access vlan 20', 'shutdown']);
    expect(action?.removes.map(({ line }) => line)).toEqual(['description lama']);
    expect(action?.step).toMatchObject({
      kind: 'set',
      subject: port,
      adopts: true,
      changes: [
        { property: 'description', before: 'lama', after: 'baru' },
        { property: 'switchport.access.vlan', before: null, after: '20' },
        { property: 'shutdown', before: null, after: 'yes' },
      ],
    });
  });

  it('is one line more or less of a property of many', () => {
    const wanted = cliDocument(fragment('ntp', 'global', { 'ntp.server': '10.0.0.2\n10.0.0.3' }));
    const is = ios('ntp server 10.0.0.1', 'ntp server 10.0.0.2');
    const [action] = planActions(is, { document: wanted, before: null, written: null });
    expect(action?.adds).toEqual(['ntp server 10.0.0.3']);
    expect(action?.removes).toEqual([{ line: 'ntp server 10.0.0.1', tries: ['no ntp server 10.0.0.1'] }]);
  });

  it('takes away what was managed and is not listed, and the section where nothing else is in it', () => {
    const before = cliDocument(
      fragment('v20', 'vlan 20', { name: 'TAMU' }),
      fragment('ntp', 'global', { 'ntp.server': '10.0.0.1' }),
    );
    const is = ios('ntp server 10.0.0.1', 'vlan 20', ' name TAMU');
    const actions = planActions(is, { document: cliDocument(), before, written: null });
    expect(actions.map(({ drops, removes }) => [drops, removes.map(({ tries }) => tries)])).toEqual([
      [['no vlan 20'], []],
      [null, [['no ntp server 10.0.0.1', 'no ntp server']]],
    ]);
  });

  it('leaves a section in which a hand has set something', () => {
    const before = cliDocument(fragment('v', 'interface Vlan20', { description: 'tamu' }));
    const is = ios('interface Vlan20', ' description tamu', ' ip address 10.20.0.1 255.255.255.0');
    const [action] = planActions(is, { document: cliDocument(), before, written: null });
    expect(action).toMatchObject({ drops: null, removes: [{ line: 'description tamu' }] });
  });

  it('sets a secret that the device hides once, and again when it is another', () => {
    const of = (secret: string) => cliDocument(fragment('u', 'global', { 'username.arung': `privilege 15 secret ${secret}` })); // prettier-ignore
    const is = ios('username arung privilege 15 secret 9 $9$abcdefg');
    const [first] = planActions(is, { document: of('satu'), before: null, written: null });
    expect(first).toMatchObject({ adds: ['username arung privilege 15 secret satu'], removes: [] });
    expect(first?.step.changes).toEqual([{ property: 'username.arung', secret: true, before: null, after: null }]);
    expect(planActions(is, { document: of('satu'), before: null, written: of('satu') })).toEqual([]);
    expect(planActions(is, { document: of('dua'), before: of('satu'), written: of('satu') })).toHaveLength(1);
  });

  it('takes VLANs of a list of Huawei one by one', () => {
    const wanted = cliDocument(fragment('t', 'interface GigabitEthernet0/0/1', { 'port.trunk.allow-pass.vlan': '10 30 to 31' })); // prettier-ignore
    const is = vrp('interface GigabitEthernet0/0/1', ' port link-type trunk', ' port trunk allow-pass vlan 10 20');
    const [action] = planActions(is, { document: wanted, before: null, written: null });
    expect(action?.adds).toEqual(['port trunk allow-pass vlan 30', 'port trunk allow-pass vlan 31']);
    expect(action?.removes.map(({ tries }) => tries)).toEqual([['undo port trunk allow-pass vlan 20']]);
  });

  it('never touches the mark of a rollback', () => {
    const is = ios('ip host arung-rollback-run-1 192.0.2.1', 'ip host sw2 10.0.0.2');
    expect(is.run).toBe('run-1');
    const wanted = cliDocument(fragment('hosts', 'global', { 'ip.host': 'sw2 10.0.0.2' }));
    expect(planActions(is, { document: wanted, before: null, written: null })).toEqual([]);
  });
});
