import { assert, constantFrom, array, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ComplianceKind, ComplianceRule, ComplianceSettings } from '../../domain/compliance.ts';
import { factsOf } from '../drivers/routeros/facts.ts';
import { remarksOf } from '../drivers/routeros/remarks.ts';
import { isAtLeast, judge } from './judge.ts';
import { matchesLine } from './line-pattern.ts';

const users = remarksOf(
  [
    { name: 'arung', group: 'full' },
    { name: 'admin', group: 'full', disabled: 'yes' },
  ],
  [{ name: 'kab-bone' }, { name: 'public', disabled: 'true' }],
);
const good = `# by RouterOS 7.18.2
/ip service
set telnet disabled=yes
set ftp disabled=yes
set www disabled=yes
set ssh address=10.0.0.0/8
set api address=10.0.0.0/8
set winbox address=10.0.0.0/8
set api-ssl disabled=yes
/snmp
set enabled=yes
/system logging action
add name=arung remote=10.73.0.5 target=remote
/system logging
add action=arung topics=info
/system ntp client
set enabled=yes
${users.clear}`;
const rule = (kind: ComplianceKind, settings: ComplianceSettings = {}): ComplianceRule => ({ id: kind, kind, name: '', enabled: true, settings }); // prettier-ignore
const state = (kind: ComplianceKind, text: string, settings: ComplianceSettings = {}) =>
  judge(rule(kind, settings), { facts: factsOf(text), masked: text, vendor: 'MikroTik', firmware: '' });
const kinds = ['telnet', 'snmp-community', 'ntp', 'management-open', 'logging', 'default-user'] as const;

describe('a configuration of a router', () => {
  it.each(kinds)('that is right is right by the rule %s', (kind) => {
    expect(state(kind, good)?.state).toBe('right');
  });

  it.each([
    ['telnet', 'set telnet disabled=yes\n', '', ['telnet']],
    ['telnet', 'set telnet disabled=yes', 'set telnet address=10.0.0.0/8', ['telnet']],
    ['snmp-community', 'name=public disabled=yes', 'name=public', ['public']],
    ['snmp-community', 'name=kab-bone', 'name=Private', ['Private']],
    ['ntp', '/system ntp client\nset enabled=yes\n', '', []],
    ['management-open', 'set api address=10.0.0.0/8\nset winbox address=10.0.0.0/8\n', '', ['api', 'winbox']],
    ['logging', 'add action=arung topics=info', 'add action=arung disabled=yes topics=info', []],
    ['default-user', 'name=admin group=full disabled=yes', 'name=admin group=full', ['admin']],
  ] as const)('is wrong by the rule %s without %j', (kind, from, to, found) => {
    const text = good.replace(from, to);
    expect(text).not.toBe(good);
    expect(state(kind, text)).toEqual({ state: 'wrong', found });
  });

  it('logs to the machine that is asked for, or not', () => {
    expect(state('logging', good, { to: '10.73.0.5' })?.state).toBe('right');
    expect(state('logging', good, { to: '10.73.0.6' })).toEqual({ state: 'wrong', found: ['10.73.0.5'] });
  });

  it('is not judged where nobody can tell', () => {
    expect(state('default-user', good.replaceAll(/^# (user|snmp).*\n/gm, ''))).toEqual({ state: 'unknown', found: [] });
    for (const kind of kinds) {
      const none = judge(rule(kind), { facts: null, masked: good, vendor: 'Huawei', firmware: '' });
      expect(none).toEqual({ state: 'unknown', found: [] });
    }
  });

  it('has firmware that is new enough, or not; of another maker it is not asked', () => {
    const settings = { minimum: '7.15', vendor: 'mikrotik' };
    expect(state('firmware', good, settings)).toEqual({ state: 'right', found: ['7.18.2'] });
    expect(state('firmware', good.replace('7.18.2', '7.9'), settings)).toEqual({ state: 'wrong', found: ['7.9'] });
    const other = { facts: null, masked: '', vendor: 'Huawei', firmware: 'V200R019' };
    expect(judge(rule('firmware', settings), other)).toBeNull();
    expect(judge(rule('firmware', { minimum: '7.15' }), { ...other, firmware: '' })).toEqual({
      state: 'unknown',
      found: [],
    });
    expect(isAtLeast('7.15', '7.15.0')).toBe(true);
    expect(isAtLeast('6.49.10', '7')).toBe(false);
  });

  it('has a line or has it not, secrets never told', () => {
    const masked = good.replace('name=kab-bone', 'name=•••');
    const line = (settings: ComplianceSettings) =>
      judge(rule('line', settings), { facts: factsOf(good), masked, vendor: '', firmware: '' })?.state;
    expect(line({ text: 'set ssh address=10.*', must: true })).toBe('right');
    expect(line({ text: 'set ssh address=10.*', must: false })).toBe('wrong');
    expect(line({ text: '*kab-bone*', must: false })).toBe('right');
    expect(line({ text: '*name=k*', must: true })).toBe('wrong');
  });
});

describe('a pattern of a line', () => {
  it('means what it says', () => {
    const letters = constantFrom('a', 'b', '*', '?');
    const patterns = array(letters, { maxLength: 6 }).map((some) => some.join(''));
    const lines = array(constantFrom('a', 'b'), { maxLength: 8 }).map((some) => some.join(''));
    assert(
      property(patterns, lines, (pattern, line) => {
        const wanted = new RegExp(`^${pattern.replaceAll('*', '[ab]*').replaceAll('?', '[ab]')}$`).test(line);
        expect(matchesLine(pattern, line)).toBe(wanted);
      }),
      { numRuns: 1_000 },
    );
    expect(matchesLine('.*', 'x')).toBe(false);
  });

  it('is tried in a moment, whatever somebody writes', () => {
    const begun = performance.now();
    expect(matchesLine(`${'*a'.repeat(99)}b`, 'a'.repeat(50_000))).toBe(false);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
