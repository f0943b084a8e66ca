import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInRules } from './built-in.ts';
import { readRuleFile, ruleFormat, writeRuleFile } from './rule-file.ts';

const yaml = `format: ${ruleFormat}
rules:
  - key: cpu.hot
    name: CPU
    severity: warning
    forS: 60
    condition:
      kind: threshold
      measurement: device
      field: cpu_percent
      above: 90
    scope: {}
    isEnabled: true
`;

describe('a file of rules', () => {
  it.each(['json', 'yaml'] as const)('comes back from %s as it was written, with every built-in rule', (format) => {
    expect(readRuleFile(writeRuleFile(builtInRules, format))).toEqual({ rules: builtInRules, errors: [] });
  });

  it.each([
    ['a wrong severity', yaml.replace('warning', 'loud'), 5, 'rules.0.severity'],
    ['an unknown field of a rule', yaml.replace('scope: {}', 'scope: {planet: mars}'), 12, 'rules.0.scope'],
    ['a field that the measurement has not', yaml.replace('cpu_percent', 'cpu'), 10, 'rules.0.condition.field'],
    [
      'a measurement of an object',
      yaml.replace('measurement: device', 'measurement: __proto__'),
      9,
      'rules.0.condition.measurement',
    ],
    ['two bounds', yaml.replace('above: 90', 'above: 90\n      below: 5'), 8, 'rules.0.condition'],
    ['a region that is none', yaml.replace('scope: {}', 'scope: {regions: [bone]}'), 12, 'rules.0.scope.regions'],
    ['a key for nobody', yaml.replace('cpu.hot', 'CPU|hot'), 3, 'rules.0.key'],
    ['a bound that is no number', yaml.replace('above: 90', 'above: .nan'), 11, 'rules.0.condition'],
  ])('tells the line of %s', (_what, text, line, field) => {
    const { rules, errors } = readRuleFile(text);
    expect(rules).toEqual([]);
    expect(errors[0]?.field?.startsWith(field)).toBe(true);
    expect(Math.abs((errors[0]?.line ?? 0) - line)).toBeLessThanOrEqual(1);
    expect(errors[0]?.column).toBeGreaterThan(0);
  });

  it('tells the line of what is no YAML and no JSON, and of a key that is there twice', () => {
    expect(readRuleFile('{"format": "arung-rules/1",\n "rules": [}').errors[0]).toMatchObject({ line: 2 });
    const twice = yaml + yaml.split('rules:\n')[1];
    expect(readRuleFile(twice).errors).toMatchObject([{ message: 'cpu.hot is there twice.', field: 'rules.1.key' }]);
    const key = yaml.replace('    forS: 60\n', '    forS: 60\n    forS: 90\n');
    expect(readRuleFile(key).errors).toMatchObject([{ message: 'Map keys must be unique', line: 7 }]);
    expect(readRuleFile('').errors).toHaveLength(1);
    expect(readRuleFile('[]').errors[0]?.message).toContain(ruleFormat);
    expect(readRuleFile('['.repeat(100_000)).errors).not.toEqual([]);
    for (const bad of ['\\u0000', '\\ud800']) {
      expect(readRuleFile(yaml.replace('name: CPU', `name: "a${bad}"`)).errors[0]?.line).toBeGreaterThan(2);
    }
  });

  it.each([
    ['as many keys as can be', Array.from({ length: 59_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['more than can be', Array.from({ length: 150_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['one key again and again', 'k: 1\n'.repeat(59_000)],
    ['lists in lists', '- '.repeat(900_000)],
    ['brackets that close nothing', ']\n'.repeat(119_000)],
    ['names that are used again and again', `a: &a 1\nb:\n${' - *a\n'.repeat(118_000)}`],
  ])('is refused in moments: %s', (_, text) => {
    const before = process.cpuUsage();
    expect(readRuleFile(text).errors).not.toEqual([]);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(8);
  });

  it('of two thousand rules is taken', () => {
    const rule = yaml.split('rules:\n')[1] ?? '';
    const rules = Array.from({ length: 2_000 }, (_, i) => rule.replace('cpu.hot', `cpu.hot-${i}`)).join('');
    expect(readRuleFile(`format: ${ruleFormat}\nrules:\n${rules}`).rules).toHaveLength(2_000);
  });

  it('does not grow from a few lines to gigabytes', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i += 1)
      bomb.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`);
    const began = performance.now();
    expect(readRuleFile(bomb.join('\n')).errors).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('takes any text without falling', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((one) => `{"format":"arung-rules/1","rules":[${one}]}`),
        ),
        (text) => {
          const { rules, errors } = readRuleFile(text);
          expect(rules.length === 0 || errors.length === 0).toBe(true);
        },
      ),
    );
  });
});
