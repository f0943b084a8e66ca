import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { builtPeers, buildPeer, fetchPython, isBuilt, peersFolder, pythonPeers } from './build-peers.ts';
import { debianPeers } from './debian-peers.ts';

/**
 * `npm run peers`: installs from Debian's packages the programs that the tests talk to. Says what it does; where it may
 * not (no root, no sudo without a password, no apt) it names the exact command and goes on: the tests that need a
 * missing peer are then skipped by name. Clients from PyPI come by pip into a cache folder. `-- --all` also builds what no Debian package has (see build-peers.ts) into
 * ~/.cache/arung/peers.
 */
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

const missing = debianPeers.filter((peer) => !onPath(peer.program));
for (const peer of debianPeers) {
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
