import { isIP, isIPv4 } from 'node:net';

/** What a property takes, and how it is printed again. All values of RouterOS are text. */
export type ValueKind =
  | { readonly is: 'text'; readonly secret?: true; readonly longest?: number }
  | { readonly is: 'bool' }
  | { readonly is: 'number'; readonly least?: number; readonly most?: number }
  | { readonly is: 'time' }
  | { readonly is: 'address' }
  /** An address with the length of its network: 10.0.0.1/24. */
  | { readonly is: 'prefix' }
  | { readonly is: 'mac' }
  /** A name of /interface. */
  | { readonly is: 'interface' }
  | { readonly is: 'one-of'; readonly values: readonly string[] }
  /** Several, with commas between them; `!` in front of the whole where `negated`. */
  | { readonly is: 'list'; readonly of: ValueKind };

/** Says what a value cannot be, in RouterOS's words where they are known. */
export class BadValue extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadValue';
  }
}

export interface ValueContext {
  isInterface(name: string): boolean;
}

const yes = new Set(['yes', 'true']);
const no = new Set(['no', 'false']);

/** The value as RouterOS keeps it; throws a BadValue. */
export function readValue(name: string, kind: ValueKind, text: string, context: ValueContext): string {
  switch (kind.is) {
    case 'text':
      if (text.length > (kind.longest ?? 65_535)) throw new BadValue(`value of ${name} is too long`);
      return text;
    case 'bool':
      if (yes.has(text)) return 'true';
      if (no.has(text)) return 'false';
      throw new BadValue(`input does not match any value of ${name}`);
    case 'number': {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (Number.isNaN(value)) throw new BadValue(`invalid value for argument ${name}`);
      const { least = 0, most = 4_294_967_295 } = kind;
      if (value < least || value > most) throw new BadValue(`value of ${name} out of range (${least}..${most})`);
      return String(value);
    }
    case 'time': {
      const seconds = readTime(text);
      if (seconds === null) throw new BadValue(`invalid value of ${name}, time expected`);
      return writeTime(seconds);
    }
    case 'address':
      if (isIP(text) === 0) throw new BadValue(`invalid value of ${name}, ip address or domain name required`);
      return text;
    case 'prefix':
      return readPrefix(name, text);
    case 'mac':
      if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text))
        throw new BadValue(`invalid value of ${name}, mac address required`);
      return text.toUpperCase();
    case 'interface':
      if (!context.isInterface(text)) throw new BadValue(`input does not match any value of ${name}`);
      return text;
    case 'one-of':
      if (!kind.values.includes(text)) throw new BadValue(`input does not match any value of ${name}`);
      return text;
    case 'list':
      if (text === '') return '';
      return text
        .split(',')
        .map((one) => readValue(name, kind.of, one, context))
        .join(',');
  }
}

function readPrefix(name: string, text: string): string {
  const [address = '', length, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) throw new BadValue(`invalid value for argument ${name}`);
  const most = family === 4 ? 32 : 128;
  if (length === undefined) return `${address}/${most}`;
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) throw new BadValue(`invalid value for argument ${name}`);
  return `${address}/${Number(length)}`;
}

const units: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 };

/** Seconds of `1w2d3h4m5s`, `00:05:00`, `1d00:05:00` or `300`; null when it is none of them. */
export function readTime(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  const clock = /^(?:(\d+)d)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (clock !== null) {
    const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = clock;
    return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  }
  if (!/^(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/.test(text) || text === '') return null;
  let sum = 0;
  for (const [, count = '0', unit = 's'] of text.matchAll(/(\d+)([wdhms])/g)) sum += Number(count) * (units[unit] ?? 0);
  return sum;
}

/** `1w2d3h4m5s`, without what is zero. */
export function writeTime(seconds: number): string {
  let left = Math.floor(seconds);
  let text = '';
  for (const [unit, size] of Object.entries(units)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

/** Whether an IPv4 address lies in a network such as 10.0.0.0/8; an address alone is a network of one. */
export function isWithin(address: string, network: string): boolean {
  const [base = '', length = '32'] = network.split('/');
  if (!isIPv4(address) || !isIPv4(base)) return address === base;
  const bits = Number(length);
  if (bits === 0) return true;
  const shift = 32 - bits;
  return numberOf(address) >>> shift === numberOf(base) >>> shift;
}

/** The network that an address with its length is in: 10.0.0.0/24 of 10.0.0.1/24. */
export function networkOf(prefix: string): string {
  const [address = '', length = '32'] = prefix.split('/');
  if (!isIPv4(address)) return address;
  const bits = Number(length);
  const mask = bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
  const base = (numberOf(address) & mask) >>> 0;
  return [24, 16, 8, 0].map((shift) => (base >>> shift) & 0xff).join('.');
}

/** An IPv4 address as a number of 32 bits. */
export function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
