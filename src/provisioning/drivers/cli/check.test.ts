import { describe, expect, it } from 'vitest';
import { fragment } from '../../../../tests/support/device-bench.ts';
import { cliDocument } from '../../../../tests/support/switch-bench.ts';
import { ArungError } from '../../../domain/errors.ts';
import type { IntentFragment } from '../../../domain/intent.ts';
import { checkDocument } from './check.ts';

function faultsOf(...fragments: IntentFragment[]): readonly (string | undefined)[] {
  try {
    checkDocument(cliDocument(...fragments));
    return [];
  } catch (error) {
    if (error instanceof ArungError) return (error.details ?? []).map(({ code }) => code);
    throw error;
  }
}

describe('a document for a command line', () => {
  it('is taken when every line could be typed', () => {
    expect(
      faultsOf(
        fragment('p', 'interface GigabitEthernet0/1', { description: 'ke Kahu', shutdown: 'no' }),
        fragment('n', 'global', { 'ntp.server': '10.0.0.1\n10.0.0.2' }),
        fragment('m', 'mac access-list extended TAMU', { deny: 'any any' }),
        fragment('q', 'interface GigabitEthernet0/2', { 'auto.qos': 'trust' }),
        fragment('b', 'router bgp 65000 / address-family ipv4', { 'neighbor.activate': 'no' }),
      ),
    ).toEqual([]);
  });

  it.each([
    ['a line that runs something', fragment('x', 'global', { 'do.reload': 'yes' }), 'intent.property-name'],
    ['a line that denies', fragment('x', 'global', { 'no.ip.routing': 'yes' }), 'intent.property-name'],
    [
      'a line that clears a port',
      fragment('x', 'global', { 'clear.config.interface': 'gigabitEthernet 1/0/3' }),
      'intent.property-name',
    ],
    ['a line that leaves its section', fragment('x', 'vlan 2', { end: 'yes' }), 'intent.property-name'],
    ['a section that runs something', fragment('x', 'reload', {}), 'intent.subject'],
    ['the same in capitals', fragment('x', 'vlan 2', { dO: 'reload cancel' }), 'intent.property-name'],
    ['the same, as a device completes it', fragment('x', 'vlan 2', { ex: 'yes' }), 'intent.property-name'],
    ['the same by its long name', fragment('x', 'vlan 2', { 'do-exec': 'reload cancel' }), 'intent.property-name'],
    ['a section within one that leaves it', fragment('x', 'vlan 2 / Exi', {}), 'intent.subject'],
    [
      'the end of a timer of another maker',
      fragment('x', 'vlan 2', { und: 'schedule reboot' }),
      'intent.property-name',
    ],
    ['a line that runs another later', fragment('x', 'line vty 0', { autocommand: 'reload' }), 'intent.property-name'],
    ['a question mark', fragment('x', 'vlan 2', { name: 'siapa?' }), 'intent.value-kind'],
    ['a tab', fragment('x', 'vlan 2', { name: 'a\tb' }), 'intent.value-kind'],
    ['nothing', fragment('x', 'vlan 2', { name: '' }), 'intent.value-kind'],
    ['a long line', fragment('x', 'vlan 2', { name: 'a'.repeat(300) }), 'intent.value-kind'],
    ['the mark of a rollback', fragment('x', 'global', { 'ip.host': 'arung-rollback-x 10.0.0.1' }), 'intent.name-kept'],
  ])('is refused with %s', (_, one, code) => {
    expect(faultsOf(one)).toEqual([code]);
  });

  it.each([
    'scheduler job a',
    'scheduler schedule b',
    'sched job a',
    'job a',
    'kron policy-list p',
    'kr policy-list p',
    'rtm cli-policy x',
    'event manager applet a',
    'macro name m',
    'alias exec show',
    'configuration replace file a',
    'python a.py',
  ])('is refused with a section whose lines run later: %s', (subject) => {
    expect(faultsOf(fragment('x', subject, { command: '1 undo scheduler reboot' }))).toEqual(['intent.subject']);
  });

  it('is refused when two fragments own the same lines', () => {
    expect(
      faultsOf(fragment('a', 'global', { 'ntp.server': '10.0.0.1' }), fragment('b', 'global', { ntp: 'logging' })),
    ).toEqual(['intent.same-entry']);
    expect(faultsOf(fragment('a', 'global', { ntp: 'logging', 'ntp.server': '10.0.0.1' }))).toEqual([
      'intent.same-entry',
    ]);
  });
});
