import { isIPv4 } from 'node:net';

/**
 * How values of a property compare. RouterOS prints many of them otherwise than they were written: `24h` comes back as
 * `1d`, `yes` as `true`, `10.0.0.1` as `10.0.0.1/32`, `10M` as `10000000`.
 */
export const valueKinds = [
  'text',
  'bool',
  'number',
  'time',
  /** Several with commas, in any order: VLANs, states of a connection, ports. */
  'set',
  /** Rights of a group: what is not granted is printed, too, with `!` before it. */
  'policy',
  /** An address with or without the length of its network. */
  'prefix',
  /** The network of it: bits of the host do not count. */
  'network',
  'prefixes',
  'networks',
  'mac',
  /** Upload and download, `10M/2M`. */
  'rate',
  /** A property that the menus' tables do not have. */
  'any',
] as const;
export type ValueKind = (typeof valueKinds)[number];

/** One text for all that mean the same. */
export function canonical(kind: ValueKind, value: string): string {
  switch (kind) {
    case 'text':
      return value;
    case 'bool':
      return flag(value) ?? value;
    case 'number':
      return /^\d+$/.test(value) ? value.replace(/^0+(?=\d)/, '') : value;
    case 'time':
      return time(value) ?? value;
    case 'set':
      return several(value, (one) => one);
    case 'policy':
      return several(value, (one) => (one.startsWith('!') ? '' : one));
    case 'prefix':
      return prefix(value);
    case 'network':
      return network(value);
    case 'prefixes':
      return several(value, prefix);
    case 'networks':
      return several(value, network);
    case 'mac':
      return value.toUpperCase();
    case 'rate':
      return rate(value);
    case 'any':
      return flag(value) ?? (/^(\d+[wdhms])+$/.test(value) ? `${time(value)} ms` : value);
  }
}

/**
 * A value in the one notation that people are shown, whoever wrote it: `yes` where the device prints `true`, `1d` where a
 * document says `24h`. It means the same, and is taken as it stands.
 */
export function notation(kind: ValueKind, value: string): string {
  switch (kind) {
    case 'time':
      return shownTime(value);
    case 'rate':
      return rate(value).split('/').map(shownSize).join('/');
    case 'any':
      return flag(value) ?? (/^(\d+[wdhms])+$/.test(value) ? shownTime(value) : value);
    case 'set':
      return canonical(kind, value).split(',').sort(byNumber).join(',');
    default:
      return canonical(kind, value);
  }
}

/** What a value must look like to be one of its kind; null where anything may be. For a person, in English. */
export function expectation(kind: ValueKind, value: string): string | null {
  switch (kind) {
    case 'bool':
      // Some take a third word beside yes and no.
      return /^[a-z-]+$/.test(value) ? null : 'yes | no';
    case 'number':
      return /^\d{1,15}$/.test(value) || /^[a-z][a-z0-9-]*$/.test(value) ? null : '0, 1, 2, …';
    case 'time':
      return time(value) !== null || /^[a-z-]+$/.test(value) ? null : '1d2h3m4s';
    case 'mac':
      return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value) ? null : '00:11:22:33:44:55';
    default:
      return null;
  }
}

function flag(value: string): string | null {
  if (value === 'yes' || value === 'true') return 'yes';
  return value === 'no' || value === 'false' ? 'no' : null;
}

const unitMs: Readonly<Record<string, number>> = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

/** Milliseconds, as text, of `1w2d3h4m5s6ms`, `00:05:00`, `1d00:05:00` or `300`; null when it is none of them. */
function time(value: string): string | null {
  if (/^\d+$/.test(value)) return String(Number(value) * 1_000);
  const clock = /^(?:(\d+)d)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(value);
  if (clock !== null) {
    const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = clock;
    return String((((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000);
  }
  if (!/^(\d+(ms|[wdhms]))+$/.test(value)) return null;
  let sum = 0;
  for (const [, count = '0', unit = ''] of value.matchAll(/(\d+)(ms|[wdhms])/g))
    sum += Number(count) * (unitMs[unit] ?? 0);
  return String(sum);
}

/** As RouterOS prints it: `1w2d3h4m5s`. */
function shownTime(value: string): string {
  const whole = time(value);
  if (whole === null) return value;
  let rest = Number(whole);
  const parts = Object.entries(unitMs).map(([unit, ms]) => {
    const count = Math.floor(rest / ms);
    rest -= count * ms;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.join('') || '0s';
}

function several(value: string, one: (text: string) => string): string {
  const parts = value.split(',').map((part) => one(part.trim()));
  return [...new Set(parts.filter((part) => part !== ''))].sort().join(',');
}

/** VLAN 20 before VLAN 100. */
const byNumber = new Intl.Collator('en', { numeric: true }).compare;

function prefix(value: string): string {
  return value.toLowerCase().replace(value.includes(':') ? /\/128$/ : /\/32$/, '');
}

function network(value: string): string {
  const [address = '', length] = value.split('/');
  if (!isIPv4(address) || length === undefined || !/^\d{1,2}$/.test(length) || Number(length) > 32)
    return prefix(value);
  const bits = Number(length);
  const mask = bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const base = (number & mask) >>> 0;
  return prefix(`${[24, 16, 8, 0].map((shift) => (base >>> shift) & 0xff).join('.')}/${bits}`);
}

const sizes: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

function rate(value: string): string {
  const sides = value.split('/').map((side) => {
    const found = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(side);
    return found === null ? side : String(Math.round(Number(found[1]) * (sizes[found[2] ?? ''] ?? 1)));
  });
  const [up = '', down = up] = sides;
  return `${up}/${down}`;
}

/** `10M` where it is exactly that. */
function shownSize(value: string): string {
  const bps = Number(value);
  if (!Number.isSafeInteger(bps) || bps === 0) return value;
  const [unit, size] = Object.entries(sizes).findLast(([, size]) => bps % size === 0) ?? ['', 1];
  return `${bps / size}${unit}`;
}
