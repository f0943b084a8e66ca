import { describe, expect, it } from 'vitest';
import { commandsOf, unquoted } from './export-commands.ts';

describe('the commands of an export', () => {
  it('are read with their menu, their entry and their values', () => {
    const text = `# by RouterOS 7.18.2
/interface ethernet
set [ find default-name=ether1 ] comment="ke Kahu" name=uplink
/ip address
add address=10.0.0.1/24 \\
    interface=uplink
/ip service
set telnet disabled=yes
/system identity
set name=rtr-kahu-01
/ip firewall filter add action=drop chain=input
`;
    expect(commandsOf(text)).toEqual([
      {
        path: '/interface/ethernet',
        verb: 'set',
        entry: { 'default-name': 'ether1' },
        values: { comment: 'ke Kahu', name: 'uplink' },
      },
      { path: '/ip/address', verb: 'add', entry: null, values: { address: '10.0.0.1/24', interface: 'uplink' } },
      { path: '/ip/service', verb: 'set', entry: 'telnet', values: { disabled: 'yes' } },
      { path: '/system/identity', verb: 'set', entry: null, values: { name: 'rtr-kahu-01' } },
      { path: '/ip/firewall/filter', verb: 'add', entry: null, values: { action: 'drop', chain: 'input' } },
    ]);
  });

  it.each([
    ['plain', 'plain'],
    ['"two words"', 'two words'],
    ['"a \\"b\\" \\\\ \\$c\\?"', 'a "b" \\ $c?'],
    ['"first\\r\\nsecond"', 'first\r\nsecond'],
    ['"Pattir\\C3\\B3"', 'Pattiró'],
    ['""', ''],
  ])('have the value of %s as it was given', (word, value) => {
    expect(unquoted(word)).toBe(value);
  });
});
