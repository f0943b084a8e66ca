import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Real programs that tests talk to, and the Debian package each comes in; `npm run peers` installs them. */
const peers = {
  snmpd: 'snmpd',
  snmpget: 'snmp',
  snmpwalk: 'snmp',
  snmpbulkwalk: 'snmp',
  snmptrap: 'snmp',
  mosquitto: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  mosquitto_sub: 'mosquitto-clients',
  fping: 'fping',
  chromium: 'chromium',
  openssl: 'openssl',
} as const;
export type Peer = keyof typeof peers;

/** Where distributions keep daemons, though a user's PATH may not. */
const sbin = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/** The path of a peer's program, or null where it is not installed. */
export function peer(name: Peer): string | null {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...sbin]) {
    const path = join(folder, name);
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
function required(): boolean {
  return process.env['ARUNG_TEST_REQUIRE_PEERS'] === 'debian';
}

/** `describe` for tests that talk to a peer; `body` gets its path. Skips by name where the peer is missing. */
export function describeWithPeer(name: Peer, title: string, body: (path: string) => void): void {
  const path = peer(name);
  if (path !== null) describe(title, () => body(path));
  else if (required()) it(title, () => expect.fail(missing(name)));
  else describe.skip(`${title} (skipped: ${missing(name)})`, () => body(''));
}

/** `it` for one test that talks to a peer. */
export function itWithPeer(name: Peer, title: string, body: (path: string) => Promise<void> | void): void {
  const path = peer(name);
  if (path !== null) it(title, () => body(path));
  else if (required()) it(title, () => expect.fail(missing(name)));
  else it.skip(`${title} (skipped: ${missing(name)})`, () => body(''));
}

function missing(name: Peer): string {
  return `needs Debian's package ${peers[name]}, run \`npm run peers\``;
}
