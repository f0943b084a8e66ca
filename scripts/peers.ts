import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * `npm run peers`: installs from Debian's packages the programs that the tests talk to. Says what it does; where it may
 * not (no root, no sudo without a password, no apt) it names the exact command and goes on: the tests that need a
 * missing peer are then skipped by name.
 */
const peers: readonly { readonly package: string; readonly program: string; readonly why: string }[] = [
  { package: 'snmpd', program: 'snmpd', why: 'a real SNMP agent to poll' },
  { package: 'snmp', program: 'snmpbulkwalk', why: 'snmpget, snmpwalk and snmpbulkwalk check the simulated devices' },
  { package: 'mosquitto', program: 'mosquitto', why: 'a real MQTT broker' },
  { package: 'mosquitto-clients', program: 'mosquitto_pub', why: 'MQTT clients that others wrote' },
  { package: 'chromium', program: 'chromium', why: 'the browser of the browser tests' },
];

function onPath(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const missing = peers.filter((peer) => !onPath(peer.program));
for (const peer of peers) {
  console.log(`${missing.includes(peer) ? 'missing' : 'present'}  ${peer.package.padEnd(18)} ${peer.why}`);
}
if (missing.length === 0) {
  console.log('\nAll peers are here.');
  process.exit(0);
}

const packages = missing.map((peer) => peer.package);
const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
const isRoot = process.getuid?.() === 0;
const prefix = isRoot ? [] : ['sudo', '-n'];
const manual = `${isRoot ? '' : 'sudo '}apt-get update && ${isRoot ? '' : 'sudo '}${install.join(' ')}`;

function run(command: readonly string[]): boolean {
  const [program, ...args] = [...prefix, ...command];
  if (program === undefined) return false;
  console.log(`\n$ ${[program, ...args].join(' ')}`);
  const done = spawnSync(program, args, {
    stdio: 'inherit',
    // services stay off: the tests start their own on free ports
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
  return done.status === 0;
}

console.log(`\nInstalling ${packages.length} of Debian's packages: ${packages.join(', ')}`);
if (!onPath('apt-get') || (!isRoot && !onPath('sudo')) || !run(['apt-get', 'update', '-qq']) || !run(install)) {
  console.log(`\nCould not install them here. Run this yourself, then \`npm test\` again:\n  ${manual}`);
  console.log('Until then the tests that need them are skipped by name.');
} else {
  console.log('\nAll peers are here.');
}
