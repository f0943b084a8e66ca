import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of Debian that may be changed: over this machine's own folders lies a layer that is thrown away. */
const layered = ['etc', 'usr', 'var', 'root'];

/**
 * A Linux host behind a real sshd, which may be changed in every way: it runs on this machine's files, in a mount namespace of
 * its own with a layer over them, so that nothing of this machine changes. Packages come from a repository in a folder, with
 * one package. There is no systemd that runs: `systemctl enable` and `disable` are its own, and what it would start is
 * written down. Needs root.
 */
export class LinuxBox {
  readonly folder: string;
  readonly port: number;
  /** Its public key, as in `known_hosts`. */
  readonly hostKey: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, port: number, child: ChildProcess) {
    this.folder = folder;
    this.port = port;
    this.#child = child;
    this.hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  }

  /** @param unit name of the package, and of the service that it brings. */
  static async start(sshd: string, unit: string): Promise<LinuxBox> {
    const folder = mkdtempSync(join(tmpdir(), 'arung-box-'));
    // apt reads as a user of its own.
    chmodSync(folder, 0o755);
    const port = await freePort();
    for (const name of ['host', 'user'])
      must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    makeRepository(join(folder, 'packages'), unit);
    mkdirSync(join(folder, 'layer'));
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/user.pub`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'StrictModes no',
      'PidFile none',
    ];
    writeFileSync(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
    writeFileSync(join(folder, 'systemctl'), systemctl(folder), { mode: 0o755 });
    const script = join(folder, 'start.sh');
    writeFileSync(script, start(folder, sshd), { mode: 0o755 });
    const child = spawn('unshare', ['--mount', 'sh', script], { stdio: ['ignore', 'ignore', 'pipe'] });
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('Server listening')) resolve();
      });
      child.once('close', (code) => reject(new Error(`sshd ended with ${code}: ${said}`)));
    });
    return new LinuxBox(folder, port, child);
  }

  /** A command as a client of SSH hands it over, on a channel of its own. */
  ssh(command: string, options: { readonly stdin?: string; readonly hostKey?: string } = {}): Promise<Ran> {
    const known = join(this.folder, 'known_hosts');
    writeFileSync(known, `[127.0.0.1]:${this.port} ${options.hostKey ?? this.hostKey}\n`);
    const settings = ['StrictHostKeyChecking=yes', `UserKnownHostsFile=${known}`, 'IdentitiesOnly=yes', 'BatchMode=yes', 'ConnectTimeout=10']; // prettier-ignore
    const args = ['-F', 'none', '-T', '-i', join(this.folder, 'user'), ...settings.flatMap((one) => ['-o', one])];
    const child = spawn('ssh', [...args, '-p', String(this.port), 'root@127.0.0.1', command]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on('error', () => undefined).end(options.stdin ?? '');
    return new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  /** What systemd would have been told to start, stop and read, in order. */
  get told(): readonly string[] {
    try {
      return readFileSync(join(this.folder, 'told'), 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  }

  async stop(): Promise<void> {
    const closed = new Promise((done) => this.#child.once('close', done));
    this.#child.kill('SIGTERM');
    await closed;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

function start(folder: string, sshd: string): string {
  const layers = layered.map((name) => {
    const layer = `${folder}/layer/${name}`;
    return `mkdir -p ${layer}/up ${layer}/work
mount -t overlay overlay -o lowerdir=/${name},upperdir=${layer}/up,workdir=${layer}/work /${name}`;
  });
  return `set -e
mount --make-rprivate /
mount -t tmpfs tmpfs ${folder}/layer
${layers.join('\n')}
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/lock /usr/local/bin
rm -rf /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:${folder}/packages ./' > /etc/apt/sources.list
cp ${folder}/systemctl /usr/local/bin/systemctl
exec ${sshd} -D -e -f ${folder}/sshd_config
`;
}

function systemctl(folder: string): string {
  return `#!/bin/sh
echo "$*" >> ${folder}/told
case "$1" in
enable) shift; exec /usr/bin/systemctl enable "$@" ;;
disable) shift; [ "$1" = --now ] && shift; exec /usr/bin/systemctl disable "$@" ;;
esac
`;
}

/** A repository with one package: a unit of systemd, and a file. */
function makeRepository(folder: string, name: string): void {
  const tree = join(folder, name);
  const unit = `[Unit]\nDescription=uji\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n`;
  for (const part of ['DEBIAN', 'usr/lib/systemd/system', 'usr/share/uji']) mkdirSync(join(tree, part), { recursive: true });
  writeFileSync(join(tree, 'usr/lib/systemd/system', `${name}.service`), unit);
  writeFileSync(join(tree, 'usr/share/uji/isi'), 'ada\n');
  const control = `Package: ${name}\nVersion: 1.0\nArchitecture: all\nMaintainer: Arung <arung@bone.example>\nDescription: uji\n`;
  writeFileSync(join(tree, 'DEBIAN/control'), control);
  const file = join(folder, `${name}.deb`);
  must('dpkg-deb', ['--build', '--root-owner-group', tree, file]);
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  const entry = `${control}Filename: ./${name}.deb\nSize: ${statSync(file).size}\nSHA256: ${digest}\n`;
  writeFileSync(join(folder, 'Packages'), entry);
} // prettier-ignore

function must(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
}
