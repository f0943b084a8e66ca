import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdirSync, renameSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Programs that no Debian package has, built from their Go modules into one cache folder, once. The binary stays, the
 * sources go. What was cut off is taken up again where Go's own caches left it; a version that is there is not built again.
 */
export const peersFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'arung', 'peers');

interface BuiltPeer {
  readonly program: string;
  readonly version: string;
  readonly why: string;
  /** Programs that must be there first. */
  readonly needs: readonly string[];
  readonly takes: string;
  readonly build: (steps: Steps, output: string) => void;
}

/** Runs one command in the build folder; throws with what failed. */
interface Steps {
  run(command: readonly string[], env?: Readonly<Record<string, string>>): void;
  folder: string;
}

export const builtPeers: readonly BuiltPeer[] = [
  {
    program: 'telegraf',
    version: '1.37.2',
    why: 'another collector to compare with and to take points from',
    needs: ['go'],
    takes: '2 to 10 minutes',
    build: ({ run }, output) => {
      const tags =
        'custom,inputs.mem,inputs.cpu,inputs.internal,inputs.ping,inputs.snmp,inputs.file,inputs.mqtt_consumer,' +
        'outputs.mqtt,outputs.http,outputs.influxdb,outputs.influxdb_v2,outputs.file,outputs.discard,' +
        'parsers.influx,serializers.influx,serializers.json';
      run(['go', 'get', '-tool', 'github.com/influxdata/telegraf/cmd/telegraf@v1.37.2']);
      const flags = '-s -w -X github.com/influxdata/telegraf/internal.Version=1.37.2';
      run(
        ['go', 'build', '-trimpath', '-tags', tags, '-ldflags', flags, '-o', output].concat(
          'github.com/influxdata/telegraf/cmd/telegraf',
        ),
        { CGO_ENABLED: '0' },
      );
    },
  },
  {
    program: 'influxd2',
    version: '2.8.0',
    why: 'a real InfluxDB 2 to store into',
    needs: ['go', 'cargo', 'cc'],
    takes: '7 to 40 minutes',
    build: ({ run, folder }, output) => {
      // Not as a tool: pkg-config 0.2.14 cannot read a go.mod with a `tool` line.
      run(['go', 'get', 'github.com/influxdata/influxdb/v2/cmd/influxd@v2.8.0']);
      run(['go', 'build', '-o', 'pkg-config', 'github.com/influxdata/pkg-config']);
      // flux pins an old Rust, and its default feature `strict` makes errors of warnings that newer ones give.
      const cargo = join(folder, 'cargo-flux');
      writeFileSync(cargo, '#!/bin/sh\nexec cargo "$@" --locked -p flux --no-default-features --features cffi\n');
      chmodSync(cargo, 0o755);
      run(
        ['go', 'build', '-trimpath', '-ldflags', '-s -w -X main.version=v2.8.0', '-o', output].concat(
          'github.com/influxdata/influxdb/v2/cmd/influxd',
        ),
        { PKG_CONFIG: join(folder, 'pkg-config'), CARGO: cargo, RUSTUP_TOOLCHAIN: 'stable' },
      );
    },
  },
  {
    program: 'pulumi',
    version: '3.274.1',
    why: 'the real engine, for the provider and the programs of pulumi/',
    needs: ['go'],
    takes: '4 to 10 minutes',
    build: ({ run }, output) => {
      run(['go', 'get', '-tool', 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi@v3.274.1']);
      const flags = '-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=3.274.1';
      run(
        ['go', 'build', '-trimpath', '-ldflags', flags, '-o', output].concat(
          'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
        ),
        { CGO_ENABLED: '0' },
      );
    },
  },
];

/** Libraries of PyPI. Each becomes a Python of its own in the cache folder, under the library's name, that can import it. */
interface PythonPeer {
  readonly program: string;
  readonly version: string;
  readonly why: string;
}

export const pythonPeers: readonly PythonPeer[] = [
  { program: 'librouteros', version: '4.2.2', why: "a client of RouterOS's API that others wrote" },
  { program: 'pyzk', version: '0.9', why: 'a client of attendance terminals that others wrote' },
];

/** Fetches a library with pip. Throws a sentence that says what failed. */
export function fetchPython({ program, version }: PythonPeer): void {
  const folder = join(peersFolder, 'python', `${program}-${version}`);
  const command = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--upgrade', '--target', folder];
  console.log(`$ python3 ${command.join(' ')} ${program}==${version}`);
  const done = spawnSync('python3', [...command, `${program}==${version}`], { stdio: 'inherit' });
  if (done.status !== 0) throw new Error(`pip could not fetch ${program}: see above.`);
  const path = join(peersFolder, program);
  writeFileSync(path, `#!/bin/sh\nPYTHONPATH='${folder}' exec python3 "$@"\n`);
  chmodSync(path, 0o755);
  writeFileSync(`${path}.version`, `${version}\n`);
}

/** Whether the peer is built in the version that is wanted. */
export function isBuilt(peer: { readonly program: string; readonly version: string }): boolean {
  try {
    accessSync(join(peersFolder, peer.program), constants.X_OK);
    return readFileSync(join(peersFolder, `${peer.program}.version`), 'utf8').trim() === peer.version;
  } catch {
    return false;
  }
}

/** Builds one peer. Throws a sentence that says which step failed. */
export function buildPeer(peer: BuiltPeer): void {
  const folder = join(peersFolder, 'build', `${peer.program}-${peer.version}`);
  mkdirSync(folder, { recursive: true });
  const modules = join(folder, 'modules');
  const env = { ...process.env, GOMODCACHE: modules, GOFLAGS: '-modcacherw', GOWORK: 'off' };
  const run: Steps['run'] = (command, more = {}) => {
    const [program = '', ...args] = command;
    console.log(`$ ${command.join(' ')}`);
    const done = spawnSync(program, args, { cwd: folder, stdio: 'inherit', env: { ...env, ...more } });
    if (done.status !== 0) {
      throw new Error(
        `\`${command.slice(0, 3).join(' ')} …\` failed in ${folder}: see above; run this again to go on.`,
      );
    }
  };
  rmSync(join(folder, 'go.mod'), { force: true });
  run(['go', 'mod', 'init', 'peers']);
  const output = join(folder, peer.program);
  peer.build({ run, folder }, output);
  renameSync(output, join(peersFolder, peer.program));
  writeFileSync(join(peersFolder, `${peer.program}.version`), `${peer.version}\n`);
  rmSync(folder, { recursive: true, force: true });
}
