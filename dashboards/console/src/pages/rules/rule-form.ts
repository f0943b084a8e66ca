import type { AlertRule, RuleCondition } from '../../../../../src/domain/alert-rule.ts';
import { isMeasurement, measurements } from '../../../../../src/domain/point.ts';
import { sensorUnit } from '../sensor-keys.ts';

export const conditionKinds = ['threshold', 'rate', 'change', 'absence', 'unusual'] as const;
export type ConditionKind = (typeof conditionKinds)[number];
/** Ways in which a value may be unusual; exactly one is given. */
export const unusualWays = ['times', 'share', 'higherBy', 'lowerBy'] as const;
export type UnusualWay = (typeof unusualWays)[number];

/** A rule as it is typed: numbers and lists as texts, empty where nothing is given. Seconds, else the field's unit. */
export interface RuleForm {
  key: string;
  name: string;
  severity: string;
  forS: string;
  kind: ConditionKind;
  /** One of ours, or `external` with `externalName`. */
  measurement: string;
  externalName: string;
  field: string;
  otherFields: readonly string[];
  sensor: string;
  /** Separated by commas, as tags. */
  exceptSensors: string;
  side: 'above' | 'below';
  bound: string;
  clear: string;
  /** Empty: the value itself. */
  percentOf: string;
  ownBound: boolean;
  absolute: boolean;
  overS: string;
  by: string;
  changes: string;
  holdS: string;
  afterS: string;
  way: UnusualWay;
  /** A share in percent. */
  amount: string;
  atLeast: string;
  regions: readonly string[];
  networks: readonly string[];
  siteKinds: readonly string[];
  roles: readonly string[];
  tags: string;
  carriesLink: boolean;
  /** Empty: at any time. */
  during: string;
  aboutSite: boolean;
  isEnabled: boolean;
}

const external = 'external';
const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
/** Without what floating point adds: 0.07 is 7 %. */
const rounded = (value: number): number => Number(value.toPrecision(12));

/** What a new rule begins with. */
export const emptyForm: RuleForm = {
  key: '',
  name: '',
  severity: 'warning',
  forS: '300',
  kind: 'threshold',
  measurement: 'device',
  externalName: '',
  field: 'cpu_percent',
  otherFields: [],
  sensor: '',
  exceptSensors: '',
  side: 'above',
  bound: '',
  clear: '',
  percentOf: '',
  ownBound: false,
  absolute: false,
  overS: '300',
  by: '',
  changes: '',
  holdS: '900',
  afterS: '300',
  way: 'times',
  amount: '',
  atLeast: '',
  regions: [],
  networks: [],
  siteKinds: [],
  roles: [],
  tags: '',
  carriesLink: false,
  during: '',
  aboutSite: false,
  isEnabled: true,
};

export function formOf({ key, name, severity, forS, condition, scope, about, isEnabled }: AlertRule): RuleForm {
  const [first = '', ...rest] = condition.measurement.split('/');
  return {
    ...emptyForm,
    key,
    name,
    severity,
    forS: String(forS),
    kind: condition.kind,
    measurement: first,
    externalName: rest.join('/'),
    field: condition.field,
    otherFields: condition.otherFields ?? [],
    sensor: condition.sensor ?? '',
    exceptSensors: (condition.exceptSensors ?? []).join(', '),
    ...figuresOf(condition),
    regions: scope.regions ?? [],
    networks: scope.networks ?? [],
    siteKinds: scope.siteKinds ?? [],
    roles: scope.roles ?? [],
    tags: (scope.tags ?? []).join(', '),
    carriesLink: scope.carriesLink ?? false,
    during: scope.during ?? '',
    aboutSite: about === 'site',
    isEnabled,
  };
}

function figuresOf(condition: RuleCondition): Partial<RuleForm> {
  switch (condition.kind) {
    case 'threshold': {
      const { above, below, clear, percentOf = '', ownBound = false, absolute = false } = condition;
      return { ...sideOf(above, below), clear: text(clear), percentOf, ownBound, absolute };
    }
    case 'rate':
      return { ...sideOf(condition.above, condition.below), overS: String(condition.overS) };
    case 'change':
      return { by: text(condition.by), changes: text(condition.times), holdS: String(condition.holdS) };
    case 'absence':
      return { afterS: String(condition.afterS) };
    case 'unusual': {
      const way = unusualWays.find((one) => condition[one] !== undefined) ?? 'times';
      const given = condition[way];
      const amount = way === 'share' && given !== undefined ? rounded(given * 100) : given;
      return { way, amount: text(amount), atLeast: text(condition.atLeast) };
    }
  }
}

function sideOf(above: number | undefined, below: number | undefined): Pick<RuleForm, 'side' | 'bound'> {
  return above === undefined ? { side: 'below', bound: text(below) } : { side: 'above', bound: text(above) };
}

const numberOf = (typed: string): number | undefined => (typed.trim() === '' ? undefined : Number(typed));
const listOf = (typed: string): readonly string[] | undefined =>
  orNothing(
    typed
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  );
const orNothing = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

/** The rule of a form; what was left empty is not given. The controller checks it. */
export function ruleOf(form: RuleForm): AlertRule {
  const { sensor, regions, networks, siteKinds, roles, carriesLink, during } = form;
  const rule = {
    key: form.key.trim(),
    name: form.name.trim(),
    severity: form.severity,
    forS: Math.round(Number(form.forS)),
    condition: {
      kind: form.kind,
      measurement: form.measurement === external ? `${external}/${form.externalName.trim()}` : form.measurement,
      field: form.field.trim(),
      otherFields: orNothing(form.otherFields),
      sensor: hasSensors(form) && sensor.trim() !== '' ? sensor.trim() : undefined,
      exceptSensors: hasSensors(form) ? listOf(form.exceptSensors) : undefined,
      ...conditionFigures(form),
    },
    scope: {
      regions: orNothing(regions),
      networks: orNothing(networks),
      siteKinds: orNothing(siteKinds),
      roles: orNothing(roles),
      tags: listOf(form.tags),
      carriesLink: carriesLink || undefined,
      during: during === '' ? undefined : during,
    },
    about: form.aboutSite ? 'site' : undefined,
    isEnabled: form.isEnabled,
  };
  return JSON.parse(JSON.stringify(rule)) as AlertRule;
}

function conditionFigures(form: RuleForm): Readonly<Record<string, unknown>> {
  const bound = { [form.side]: numberOf(form.bound) };
  switch (form.kind) {
    case 'threshold':
      return {
        ...bound,
        clear: numberOf(form.clear),
        percentOf: form.percentOf === '' ? undefined : form.percentOf,
        ownBound: form.ownBound || undefined,
        absolute: form.absolute || undefined,
      };
    case 'rate':
      return { ...bound, overS: numberOf(form.overS) };
    case 'change':
      return { by: numberOf(form.by), times: numberOf(form.changes), holdS: numberOf(form.holdS) };
    case 'absence':
      return { afterS: numberOf(form.afterS) };
    case 'unusual': {
      const amount = numberOf(form.amount);
      const given = form.way === 'share' && amount !== undefined ? rounded(amount / 100) : amount;
      return { [form.way]: given, atLeast: numberOf(form.atLeast) };
    }
  }
}

/** Fields of a measurement of ours; none of a stranger's, whose fields nobody knows beforehand. */
export function fieldsOf(measurement: string): readonly string[] {
  return isMeasurement(measurement) && measurement !== external ? measurements[measurement].fields : [];
}

export function hasSensors({ measurement }: Pick<RuleForm, 'measurement'>): boolean {
  return measurement === 'sensor';
}

/** Whether its sign may not matter: clocks are fast or slow, sensors and strangers are anything. */
export function mayBeNegative({ measurement, field }: Pick<RuleForm, 'measurement' | 'field'>): boolean {
  return measurement === 'sensor' || measurement === external || /drift|offset/.test(field);
}

/** Another measurement: its first field, and nothing that only the one before had. */
export function withMeasurement(form: RuleForm, measurement: string): RuleForm {
  const [field = ''] = fieldsOf(measurement);
  const percentOf = measurement === 'interface' && form.percentOf === 'speed' ? 'speed' : '';
  return { ...form, measurement, field, otherFields: [], percentOf };
}

/** The unit of a measurement's field: of its last part, or of the sensor. Empty where it has none. */
export function unitOf(measurement: string, field: string, sensor = ''): string {
  if (measurement === 'sensor') return sensorUnit(sensor.replace(/\.$/, ''));
  if (field === 'oper_status') return '';
  const last = /_(bps|pps|eps|percent|ms|s)$/.exec(field)?.[1];
  return { bps: 'bps', pps: '/s', eps: '/s', percent: '%', ms: 'ms', s: 's' }[last ?? ''] ?? '';
}

/** A key for a name: `Uplink kecamatan penuh` is `uplink-kecamatan-penuh`. */
export function keyOf(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80);
}

/** What of a rule differs from another: names of its parts. */
export function differencesOf(mine: AlertRule, theirs: AlertRule): readonly (keyof AlertRule)[] {
  const parts = ['name', 'severity', 'forS', 'condition', 'scope', 'about', 'isEnabled'] as const;
  return parts.filter((part) => canonical(mine[part]) !== canonical(theirs[part]));
}

/** The same text for the same value, whatever the order of its fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
