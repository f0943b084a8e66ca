import { isIPv6 } from 'node:net';

/** The same text for every way to write an IP address: an IPv4 address within IPv6 is that IPv4 address; without a zone. */
export function canonicalAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const plain = new URL(`http://[${address.split('%')[0] ?? ''}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(plain);
  if (mapped === null) return plain;
  const [, high = '', low = ''] = mapped;
  const bytes = [high, low].flatMap((half) => [parseInt(half, 16) >> 8, parseInt(half, 16) & 255]);
  return bytes.join('.');
}
