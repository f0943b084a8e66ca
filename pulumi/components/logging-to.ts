import { isIP } from 'node:net';
import type { BaseArgs } from './base.ts';

/** The usual port of syslog (RFC 5426). */
const usualPort = 514;

/** @param place `10.73.0.2`, `10.73.0.2:5514`. Throws where a router could send nothing there. */
export function loggingTo(place: string): NonNullable<BaseArgs['logging']> {
  const [remote = '', said = String(usualPort), ...more] = place.split(':');
  const port = /^\d{1,5}$/.test(said) ? Number(said) : 0;
  if (isIP(remote) !== 4 || remote === '0.0.0.0' || more.length > 0 || port < 1 || port > 65_535) {
    throw new Error(
      `logTo is ${place}: give an IPv4 address and, if it is not ${usualPort}, a port up to 65535, such as \`pulumi config set logTo 10.73.0.2:5514\`; \`pulumi config rm logTo\` for none.`,
    );
  }
  return { remote, port };
}
