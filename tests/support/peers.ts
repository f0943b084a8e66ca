import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Real programs that tests talk to, and the Debian package each comes in; `npm run peers` installs them. */
export const debianPackages = {
  snmpd: 'snmpd',
  snmpget: 'snmp',
  snmpwalk: 'snmp',
  snmpbulkwalk: 'snmp',
  mosquitto: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  mosquitto_sub: 'mosquitto-clients',
  fping: 'fping',
  dnsmasq: 'dnsmasq-base',
  chronyd: 'chrony',
  chromium: 'chromium',
  openssl: 'openssl',
  'docker-compose': 'docker-compose',
  'systemd-analyze': 'systemd',
  caddy: 'caddy',
  pg_isready: 'postgresql-client',
  busybox: 'busybox',
  influxd1: 'influxdb',
  promtool: 'prometheus',
  prometheus: 'prometheus',
  'prometheus-snmp-exporter': 'prometheus-snmp-exporter',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  collectd: 'collectd-core',
  curl: 'curl',
  ssh: 'openssh-client',
  sshd: 'openssh-server',
} as const;
/** Pythons that can import a library of PyPI; `npm run peers` fetches them. */
const python = ['librouteros', 'pyzk'] as const;
/** What no Debian package has: `npm run peers -- --all` builds them. */
const built = ['influxd2', 'telegraf', 'pulumi'] as const;
export type Peer = keyof typeof debianPackages | (typeof python)[number] | (typeof built)[number];

/** Where the program is called otherwise than the peer. */
const programs: { readonly [name in Peer]?: string } = { influxd1: 'influxd' };

/** Where distributions keep daemons, though a user's PATH may not. */
const sbin = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/** The path of a peer's program, or null where it is not installed. */
export function peer(name: Peer): string | null {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'arung', 'peers');
  const own: readonly string[] = [...python, ...built];
  const folders = own.includes(name) ? [cache] : [...(process.env['PATH'] ?? '').split(delimiter), ...sbin];
  for (const folder of folders) {
    const path = join(folder, programs[name] ?? name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return null;
}

/** In CI a missing peer is a failure, so that a test that skipped never passes for one that ran. */
function required(name: Peer): boolean {
  const wanted = process.env['ARUNG_TEST_REQUIRE_PEERS'];
  return wanted === 'all' || (wanted === 'debian' && !built.some((one) => one === name));
}

/** `describe` for tests that talk to a peer; `body` gets its path. Skips by name where the peer is missing. */
export function describeWithPeer(name: Peer, title: string, body: (path: string) => void): void {
  const path = peer(name);
  if (path !== null) describe(title, () => body(path));
  else if (required(name)) it(title, () => expect.fail(missing(name)));
  else describe.skip(`${title} (skipped: ${missing(name)})`, () => body(''));
}

/** `it` for one test that talks to a peer. */
export function itWithPeer(
  name: Peer,
  title: string,
  body: (path: string) => Promise<void> | void,
  timeoutMs?: number,
): void {
  const path = peer(name);
  if (path !== null) it(title, () => body(path), timeoutMs);
  else if (required(name)) it(title, () => expect.fail(missing(name)));
  else it.skip(`${title} (skipped: ${missing(name)})`, () => body(''));
}

function missing(name: Peer): string {
  const packages: Readonly<Record<string, string>> = debianPackages;
  const found = packages[name];
  if (python.some((one) => one === name)) return `needs PyPI's ${name}, run \`npm run peers\``;
  return found === undefined
    ? `needs ${name}, run \`npm run peers -- --all\``
    : `needs Debian's package ${found}, run \`npm run peers\``;
}
