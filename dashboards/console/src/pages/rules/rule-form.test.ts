import { describe, expect, it } from 'vitest';
import { builtInRules } from '../../../../../src/alerting/rules/built-in.ts';
import { problemOfRule, type AlertRule } from '../../../../../src/domain/alert-rule.ts';
import { measurements } from '../../../../../src/domain/point.ts';
import { en } from '../../i18n/en.ts';
import { id } from '../../i18n/id.ts';
import { differencesOf, emptyForm, fieldsOf, formOf, keyOf, ruleOf, unitOf, withMeasurement } from './rule-form.ts';

const rule = (condition: AlertRule['condition'], more: Partial<AlertRule> = {}): AlertRule => ({
  key: 'own.rule',
  name: 'Aturan',
  severity: 'warning',
  forS: 300,
  condition,
  scope: {},
  isEnabled: true,
  ...more,
});
const cpu = { measurement: 'device', field: 'cpu_percent' } as const;

describe('the form of a rule', () => {
  it.each(builtInRules.map((one) => [one.key, one] as const))('gives %s back as it was', (_, one) => {
    expect(ruleOf(formOf(one))).toEqual(one);
  });

  it('gives back every field that a rule can have', () => {
    const scope = {
      regions: ['73.08.02'],
      networks: ['smart-city' as const],
      siteKinds: ['village' as const],
      roles: ['router' as const],
      tags: ['uji', 'penting sekali'],
      carriesLink: true,
      during: 'attendance' as const,
    };
    const all: readonly AlertRule[] = [
      rule(
        {
          kind: 'threshold',
          measurement: 'sensor',
          field: 'value',
          sensor: 'temperature.',
          exceptSensors: ['temperature.cpu', 'temperature.battery'],
          below: -5.5,
          clear: 0,
          ownBound: true,
          absolute: true,
        },
        { scope, about: 'site', isEnabled: false, severity: 'critical', forS: 0 },
      ),
      rule({ kind: 'rate', ...cpu, otherFields: ['memory_percent'], below: -0.5, overS: 60 }),
      rule({ kind: 'change', ...cpu, by: 2, times: 6, holdS: 900 }),
      rule({ kind: 'change', ...cpu, holdS: 900 }),
      rule({ kind: 'absence', measurement: 'external/disk', field: 'used_percent', afterS: 600 }),
      rule({ kind: 'unusual', ...cpu, share: 0.07, atLeast: 50 }),
      rule({ kind: 'unusual', ...cpu, higherBy: 3 }),
    ];
    for (const one of all) expect(ruleOf(formOf(one))).toEqual(one);
  });

  it('leaves out what was emptied, and what belongs to another kind of condition', () => {
    const form = formOf(rule({ kind: 'threshold', ...cpu, above: 85, clear: 75, ownBound: true }));
    expect(ruleOf({ ...form, bound: '90', clear: ' ' }).condition).toEqual({
      kind: 'threshold',
      ...cpu,
      above: 90,
      ownBound: true,
    });
    expect(ruleOf({ ...form, kind: 'absence', afterS: '120' }).condition).toEqual({
      kind: 'absence',
      ...cpu,
      afterS: 120,
    });
  });

  it('gives another measurement its own fields, and nothing that it has not', () => {
    const light = formOf(rule({ kind: 'threshold', measurement: 'sensor', field: 'value', sensor: 'fan.', above: 1 }));
    const load = withMeasurement({ ...light, percentOf: 'speed' }, 'interface');
    expect(ruleOf({ ...load, bound: '85' }).condition).toEqual({
      kind: 'threshold',
      measurement: 'interface',
      field: 'in_bps',
      above: 85,
      percentOf: 'speed',
    });
    for (const measurement of Object.keys(measurements)) {
      const made = ruleOf({ ...withMeasurement({ ...load, bound: '1' }, measurement), key: 'a', name: 'A' });
      if (measurement !== 'external') expect(problemOfRule(made)).toBeNull();
    }
  });

  it('begins with a rule that only lacks its name and its bound', () => {
    expect(problemOfRule(ruleOf({ ...emptyForm, key: 'a', name: 'A', bound: '90' }))).toBeNull();
  });

  it('knows the unit of what is compared', () => {
    expect(unitOf('interface', 'in_bps')).toBe('bps');
    expect(unitOf('device', 'cpu_percent')).toBe('%');
    expect(unitOf('service', 'total_ms')).toBe('ms');
    expect(unitOf('sensor', 'value', 'temperature.')).toBe('°C');
    expect(unitOf('interface', 'oper_status')).toBe('');
  });

  it('has a word for every field of every measurement, in both languages', () => {
    for (const measurement of Object.keys(measurements)) {
      for (const texts of [id, en]) {
        expect(texts).toHaveProperty([`rules.of.${measurement}`]);
        for (const field of fieldsOf(measurement)) expect(texts).toHaveProperty([`rules.of.${measurement}.${field}`]);
      }
    }
  });

  it('makes a key of a name', () => {
    expect(keyOf('Uplink kecamatan: 85 % penuh!')).toBe('uplink-kecamatan-85-penuh');
    expect(keyOf('Café')).toBe('cafe');
  });

  it('says what somebody else changed, whatever the order of the fields', () => {
    const mine = rule({ kind: 'threshold', ...cpu, above: 85, clear: 75 });
    const same = rule({ kind: 'threshold', ...cpu, clear: 75, above: 85 });
    expect(differencesOf(mine, same)).toEqual([]);
    expect(differencesOf(mine, { ...same, severity: 'critical', scope: { roles: ['router'] } })).toEqual([
      'severity',
      'scope',
    ]);
  });
});
