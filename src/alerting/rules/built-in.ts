import type { AlertRule, RuleCondition, RuleScope } from '../../domain/alert-rule.ts';
import { onBattery } from '../incidents/grouping.ts';

type Severity = AlertRule['severity'];

interface More {
  readonly forS?: number;
  readonly scope?: RuleScope;
  readonly about?: 'site';
}

const minute = 60;
const hour = 3_600;

function rule(key: string, name: string, severity: Severity, condition: RuleCondition, more: More = {}): AlertRule {
  const { forS = 0, scope = {}, about } = more;
  return { key, name, severity, forS, condition, scope, ...(about !== undefined && { about }), isEnabled: true };
}

/** Both directions of the interfaces that carry a link: its two ends are one alert, of the link. */
const both = { measurement: 'interface', field: 'in_bps', otherFields: ['out_bps'] };
const errors = { measurement: 'interface', field: 'in_eps', otherFields: ['out_eps'] };
const discards = { measurement: 'interface', field: 'in_discards_pps', otherFields: ['out_discards_pps'] };
const links = { carriesLink: true } as const;
const sensor = (prefix: string, exceptSensors?: string[]) => ({
  measurement: 'sensor',
  field: 'value',
  sensor: prefix,
  ...(exceptSensors !== undefined && { exceptSensors }),
});
const device = (field: string) => ({ measurement: 'device', field });
const service = (field: string) => ({ measurement: 'service', field });
const terminal = (field: string) => ({ measurement: 'terminal', field });
const round = (field: string) => ({ measurement: 'reachability', field });

/**
 * What every backbone needs. Names are for files and the command line: screens and messages name these rules by their
 * key, in the reader's language. What is down, unreachable or silent is no rule: status tells it, with its cause.
 */
export const builtInRules: readonly AlertRule[] = [
  rule(
    'link.load',
    'Link load',
    'warning',
    { kind: 'threshold', ...both, above: 85, clear: 75, percentOf: 'speed' },
    { forS: 5 * minute, scope: links },
  ),
  rule(
    'link.errors',
    'Errors on a link',
    'warning',
    { kind: 'threshold', ...errors, above: 1, clear: 0.1 },
    { forS: 10 * minute, scope: links },
  ),
  rule(
    'link.discards',
    'Discards on a link',
    'warning',
    { kind: 'threshold', ...discards, above: 10, clear: 1 },
    { forS: 10 * minute, scope: links },
  ),
  rule('link.flapping', 'Link flaps', 'warning', {
    kind: 'change',
    measurement: 'port',
    field: 'oper_status',
    times: 6,
    holdS: 15 * minute,
  }),
  // Receivers of the usual 10 to 20 km optics see down to -20 to -24 dBm; without light modules tell -40.
  rule(
    'optical.low',
    'Received light low',
    'warning',
    { kind: 'threshold', ownBound: true, ...sensor('optical-rx.'), below: -25, clear: -24 },
    { forS: 5 * minute, scope: links },
  ),
  // Half of the light is gone: a bend, a splice, a dirty connector.
  rule(
    'optical.fading',
    'Received light fades',
    'info',
    { kind: 'unusual', ...sensor('optical-rx.'), lowerBy: 3, atLeast: -35 },
    { forS: 15 * minute, scope: links },
  ),
  rule(
    'signal.fading',
    'Radio signal fades',
    'info',
    { kind: 'unusual', ...sensor('signal.'), lowerBy: 10 },
    { forS: 30 * minute },
  ),

  rule(
    'device.cpu',
    'CPU load',
    'warning',
    { kind: 'threshold', ...device('cpu_percent'), above: 90, clear: 80 },
    { forS: 10 * minute },
  ),
  rule(
    'device.memory',
    'Memory',
    'warning',
    { kind: 'threshold', ...device('memory_percent'), above: 92, clear: 88 },
    { forS: 15 * minute },
  ),
  rule(
    'temperature.high',
    'Temperature',
    'warning',
    {
      kind: 'threshold',
      ownBound: true,
      ...sensor('temperature.', ['temperature.cpu', 'temperature.battery']),
      above: 75,
      clear: 70,
    },
    { forS: 5 * minute },
  ),
  rule(
    'temperature.cpu',
    'Temperature of a processor',
    'warning',
    { kind: 'threshold', ownBound: true, ...sensor('temperature.cpu'), above: 95, clear: 88 },
    { forS: 5 * minute },
  ),
  rule(
    'temperature.battery',
    'Temperature of batteries',
    'warning',
    { kind: 'threshold', ownBound: true, ...sensor('temperature.battery'), above: 45, clear: 42 },
    { forS: 15 * minute },
  ),
  rule(
    'fan.slow',
    'Fan',
    'warning',
    { kind: 'unusual', ...sensor('fan.'), share: 0.4, atLeast: 500 },
    { forS: 10 * minute },
  ),

  // A self-test takes some ten seconds.
  rule(
    onBattery,
    'UPS on battery',
    'warning',
    { kind: 'threshold', ...sensor('on-battery'), above: 15, clear: 0 },
    { about: 'site' },
  ),
  rule('ups.minutes-left', 'Minutes left on battery', 'critical', {
    kind: 'threshold',
    ownBound: true,
    ...sensor('battery-minutes'),
    below: 5,
    clear: 8,
  }),
  rule('ups.charge', 'Charge of the battery', 'warning', {
    kind: 'threshold',
    ...sensor('battery-charge'),
    below: 40,
    clear: 60,
  }),
  rule(
    'ups.load',
    'Load of the UPS',
    'warning',
    { kind: 'threshold', ...sensor('load.output'), above: 90, clear: 80 },
    { forS: 10 * minute },
  ),
  // SPLN 1: 220 V less 10 % and plus 5 %, and some more that equipment stands.
  rule(
    'voltage.mains-low',
    'Mains voltage low',
    'warning',
    { kind: 'threshold', ownBound: true, ...sensor('voltage.input'), below: 190, clear: 198 },
    { forS: 5 * minute, scope: { roles: ['ups'] } },
  ),
  rule(
    'voltage.mains-high',
    'Mains voltage high',
    'warning',
    { kind: 'threshold', ownBound: true, ...sensor('voltage.input'), above: 250, clear: 245 },
    { forS: 5 * minute, scope: { roles: ['ups'] } },
  ),
  // 12, 24 or 48 V: a device knows its own. A panel's battery at night is usual at night.
  rule(
    'voltage.low',
    'Supply voltage low',
    'warning',
    {
      kind: 'unusual',
      ...sensor('voltage.', ['voltage.input', 'voltage.sfp', 'voltage.poe']),
      share: 0.85,
      atLeast: 3,
    },
    { forS: 10 * minute },
  ),

  // For the digest: it matters, to many terminals at once, and it can wait for the morning.
  rule(
    'terminal.clock-drift',
    'Clock of a terminal',
    'info',
    { kind: 'threshold', ...terminal('clock_drift_s'), above: minute, clear: minute / 2, absolute: true },
    { forS: 5 * minute },
  ),
  rule('terminal.backlog', 'Records of a terminal', 'warning', {
    kind: 'threshold',
    ...terminal('records'),
    above: 80,
    clear: 70,
    percentOf: 'capacity_records',
  }),
  // Nobody clocked in since yesterday, an hour after the office has opened.
  rule(
    'terminal.no-punches',
    'Nobody clocks in',
    'warning',
    { kind: 'threshold', ...terminal('last_punch_age_s'), above: 15 * hour },
    { forS: hour, scope: { during: 'office' } },
  ),

  rule(
    'reachability.loss',
    'Packet loss',
    'warning',
    { kind: 'threshold', ...round('loss_percent'), above: 10, clear: 5 },
    { forS: 10 * minute },
  ),
  rule(
    'reachability.slow',
    'Round trip',
    'info',
    { kind: 'unusual', ...round('rtt_ms'), times: 3, atLeast: 50 },
    { forS: 15 * minute },
  ),

  rule(
    'service.slow',
    'Service slow',
    'warning',
    { kind: 'unusual', ...service('total_ms'), times: 3, atLeast: 1_000 },
    { forS: 10 * minute },
  ),
  rule(
    'service.very-slow',
    'Service very slow',
    'warning',
    { kind: 'threshold', ...service('total_ms'), above: 8_000, clear: 5_000 },
    { forS: 5 * minute },
  ),
  rule(
    'service.clock',
    'Time server off',
    'warning',
    { kind: 'threshold', ...service('offset_ms'), above: 1_000, clear: 500, absolute: true },
    { forS: 5 * minute },
  ),
  rule('certificate.ends', 'Certificate ends', 'warning', {
    kind: 'threshold',
    ...service('days_left'),
    below: 21,
    clear: 22,
  }),
  rule('certificate.ends-soon', 'Certificate ends in days', 'critical', {
    kind: 'threshold',
    ...service('days_left'),
    below: 4,
    clear: 5,
  }),
  // What a router may no longer be upgraded to leaves its faults open; it goes on working: weeks to buy another key.
  rule('licence.ends', 'Licence ends', 'warning', {
    kind: 'threshold',
    ...sensor('licence-days'),
    below: 30,
    clear: 31,
  }),
];

const byKey = new Map(builtInRules.map((one) => [one.key, one]));

export function builtInRule(key: string): AlertRule | null {
  return byKey.get(key) ?? null;
}
