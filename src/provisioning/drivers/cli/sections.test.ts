import { describe, expect, it } from 'vitest';
import { ciscoBusiness } from './dialects/cisco-business.ts';
import { ciscoIos } from './dialects/cisco-ios.ts';
import { huaweiVrp } from './dialects/huawei-vrp.ts';
import { parseSections } from './sections.ts';

describe('a configuration in sections', () => {
  it.each([
    ['a hundred thousand lines in one section', Array.from({ length: 100_000 }, (_, i) => `ip route ${i}`).join('\n')],
    ['every line a section of the one before it', Array.from({ length: 3_000 }, (_, i) => `${' '.repeat(i)}a${i}`).join('\n')], // prettier-ignore
    ['the same range of VLANs again and again', `vlan batch ${'1 to 4094 '.repeat(6_000)}`],
  ])('is read in a moment: %s', (_, text) => {
    const before = process.cpuUsage();
    const sections = parseSections(text, huaweiVrp);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
    expect([...sections.values()].flat().length).toBeLessThanOrEqual(100_000);
  });

  it('is that of Cisco IOS, with sections in sections and without banners', () => {
    const text = [
      'Building configuration...',
      '',
      'Current configuration : 1893 bytes',
      '!',
      '! Last configuration change at 10:00:00 UTC Mon Nov 30 2026 by arung',
      'hostname sw1',
      'banner motd ^C',
      'interface Vlan666',
      ' shutdown',
      'Dilarang masuk ^C',
      '!',
      'interface GigabitEthernet0/1',
      ' description   ke  Kahu',
      ' no switchport',
      '!',
      'interface GigabitEthernet0/2',
      '!',
      'router bgp 65000',
      ' bgp log-neighbor-changes',
      ' address-family ipv4',
      '  neighbor 10.0.0.1 activate',
      ' exit-address-family',
      'end',
    ].join('\n');
    const sections = parseSections(text, ciscoIos);
    expect(Object.fromEntries(sections)).toEqual({
      global: ['hostname sw1', 'banner motd ^C'],
      'interface GigabitEthernet0/1': ['description ke Kahu', 'no switchport'],
      'interface GigabitEthernet0/2': [],
      'router bgp 65000': ['bgp log-neighbor-changes', 'exit-address-family'],
      'router bgp 65000 / address-family ipv4': ['neighbor 10.0.0.1 activate'],
    });
  });

  it('is that of Huawei VRP, with a line for each VLAN of a list', () => {
    const text = ['!Software Version V200R021', '#', 'sysname sw2', 'vlan batch 10 20 to 22', '#', 'interface GigabitEthernet0/0/1', ' port link-type trunk', ' port trunk allow-pass vlan 10 20 to 21', '#', 'return'].join('\n'); // prettier-ignore
    expect(Object.fromEntries(parseSections(text, huaweiVrp))).toEqual({
      global: ['sysname sw2', 'vlan batch 10', 'vlan batch 20', 'vlan batch 21', 'vlan batch 22'],
      'interface GigabitEthernet0/0/1': [
        'port link-type trunk',
        'port trunk allow-pass vlan 10',
        'port trunk allow-pass vlan 20',
        'port trunk allow-pass vlan 21',
      ],
    });
  });

  it('is that of Cisco Business, without its header', () => {
    const text = ['config-file-header', 'sw3', 'v3.3.0.16 / RTESLA3.3_930_181_119', 'CLI v1.0', 'file SSD indicator encrypted', '@', 'ssd-control-start', 'ssd config', 'ssd file passphrase control unrestricted', 'no ssd file integrity control', 'ssd-control-end cb0a3fdb', '!', 'vlan database', 'vlan 10,20-21', 'exit', 'hostname sw3', 'interface vlan 99', ' ip address 10.0.0.2 255.255.255.0', '!', 'exit'].join('\n'); // prettier-ignore
    const sections = parseSections(text, ciscoBusiness);
    expect(sections.get('interface vlan 99')).toEqual(['ip address 10.0.0.2 255.255.255.0']);
    expect(sections.get('global')).toContain('hostname sw3');
    expect(sections.get('global')).toEqual(expect.arrayContaining(['vlan 10', 'vlan 20', 'vlan 21']));
  });
});
