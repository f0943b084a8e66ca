import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { builtPeers, buildPeer, fetchPython, isBuilt, peersFolder, pythonPeers } from './build-peers.ts';

/**
 * `npm run peers`: installs from Debian's packages the programs that the tests talk to. Says what it does; where it may
 * not (no root, no sudo without a password, no apt) it names the exact command and goes on: the tests that need a
 * missing peer are then skipped by name. Clients from PyPI come by pip into a cache folder. `-- --all` also builds what no Debian package has (see build-peers.ts) into
 * ~/.cache/arung/peers.
 */
const peers: readonly { readonly package: string; readonly program: string; readonly why: string }[] = [
  { package: 'snmpd', program: 'snmpd', why: 'a real SNMP agent to poll' },
  { package: 'snmp', program: 'snmpbulkwalk', why: 'snmpget, snmpwalk and snmpbulkwalk check the simulated devices' },
  { package: 'mosquitto', program: 'mosquitto', why: 'a real MQTT broker' },
  { package: 'mosquitto-clients', program: 'mosquitto_pub', why: 'MQTT clients that others wrote' },
  { package: 'influxdb', program: 'influxd', why: 'a real InfluxDB 1 to store into' },
  { package: 'influxdb-client', program: 'influx', why: 'its command line' },
  { package: 'prometheus-snmp-exporter', program: 'prometheus-snmp-exporter', why: 'a collector to compare with' },
  { package: 'prometheus', program: 'promtool', why: 'reads what Arung exposes; a set of rules to compare with' },
  {
    package: 'prometheus-alertmanager',
    program: 'prometheus-alertmanager',
    why: 'takes our incidents and hands alerts to us',
  },
  { package: 'openssl', program: 'openssl', why: 'makes the certificates of the tests' },
  { package: 'collectd-core', program: 'collectd', why: 'a collector to compare with' },
  { package: 'fping', program: 'fping', why: 'ICMP probes' },
  { package: 'dnsmasq-base', program: 'dnsmasq', why: 'a real name server to probe' },
  { package: 'chrony', program: 'chronyd', why: 'a real time server to probe' },
  { package: 'systemd', program: 'systemd-analyze', why: 'checks the unit for a plain server' },
  { package: 'docker-compose', program: 'docker-compose', why: 'checks docker-compose.yml by the compose schema' },
  { package: 'caddy', program: 'caddy', why: 'checks the proxy of the containers' },
  { package: 'curl', program: 'curl', why: "asks the simulated routers' REST API" },
  { package: 'python3-pip', program: 'pip3', why: 'fetches clients of PyPI that check the simulators' },
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

function installMissing(): void {
  if (missing.length === 0) return;
  console.log(`\nInstalling ${packages.length} of Debian's packages: ${packages.join(', ')}`);
  if (onPath('apt-get') && (isRoot || onPath('sudo')) && run(['apt-get', 'update', '-qq']) && run(install)) return;
  console.log(`\nCould not install them here. Run this yourself, then \`npm test\` again:\n  ${manual}`);
  console.log('Until then the tests that need them are skipped by name.');
  incomplete = true;
}

function fetchMissing(): void {
  for (const peer of pythonPeers) {
    const present = isBuilt(peer);
    console.log(`${present ? 'present' : 'missing'}  ${`${peer.program} ${peer.version}`.padEnd(18)} ${peer.why}`);
    if (present) continue;
    try {
      fetchPython(peer);
    } catch (error) {
      console.log(`  ${error instanceof Error ? error.message : String(error)}`);
      incomplete = true;
    }
  }
}

function buildMissing(): void {
  for (const peer of builtPeers) {
    const present = isBuilt(peer);
    console.log(`${present ? 'present' : 'missing'}  ${`${peer.program} ${peer.version}`.padEnd(18)} ${peer.why}`);
    if (present || !process.argv.includes('--all')) continue;
    const without = peer.needs.filter((program) => !onPath(program));
    if (without.length > 0) {
      console.log(`  cannot be built here: ${without.join(', ')} is missing; its tests are skipped by name`);
      incomplete = true;
      continue;
    }
    console.log(`  building it takes ${peer.takes}, once, into ${peersFolder}`);
    try {
      buildPeer(peer);
    } catch (error) {
      console.log(`  ${error instanceof Error ? error.message : String(error)}`);
      incomplete = true;
    }
  }
}

let incomplete = false;
installMissing();
console.log('');
fetchMissing();
buildMissing();
const unbuilt = builtPeers.filter((peer) => !isBuilt(peer));
if (!incomplete && unbuilt.length === 0) console.log('\nAll peers are here.');
else if (!incomplete) console.log("\nAll of Debian's are here; `npm run peers -- --all` builds the others.");
else if (process.argv.includes('--all')) process.exitCode = 1;
