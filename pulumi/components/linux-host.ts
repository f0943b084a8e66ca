import { createHash } from 'node:crypto';
import { remote } from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';

/** How a host is reached by SSH. */
export interface HostConnection {
  readonly host: string;
  /** 22 without. */
  readonly port?: number;
  /** `root`, or somebody whom sudo asks for no password. */
  readonly user: string;
  /** A secret of the program (`config.requireSecret`). */
  readonly privateKey: pulumi.Input<string>;
  /** The host's public key, as in `known_hosts`: another host is refused. */
  readonly hostKey: string;
}

export interface HostFile {
  /** Absolute. */
  readonly path: string;
  readonly content: pulumi.Input<string>;
  /** `0644` without; `0600` for what holds secrets. */
  readonly mode?: string;
}

export interface LinuxHostArgs {
  readonly connection: HostConnection;
  /** Packages of Debian that are installed. One that leaves the list stays installed. */
  readonly packages?: readonly string[];
  /** One that leaves the list leaves the host. */
  readonly files?: readonly HostFile[];
  /** Units of systemd that are enabled and run; restarted when a file of this host changes. */
  readonly services?: readonly string[];
}

/** A small box at a site that runs Debian (an agent, a camera's recorder), by SSH: packages, files, services. */
export class LinuxHost extends pulumi.ComponentResource {
  constructor(name: string, args: LinuxHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super('arung:components:LinuxHost', name, {}, opts);
    const { connection, packages = [], files = [], services = [] } = args;
    const root = connection.user === 'root' ? '' : 'sudo ';
    const own = { parent: this };
    const command = (part: string, inputs: Omit<remote.CommandArgs, 'connection'>, after: pulumi.Resource[] = []) =>
      new remote.Command(`${name}-${part}`, { connection, ...inputs }, { ...own, dependsOn: after });

    const installed = packages.length === 0 ? [] : [command('packages', { create: installPackages(root, packages) })];
    const written = files.map(({ path, content, mode = '0644' }) =>
      command(
        `file-${keyOfPath(path)}`,
        // What it holds comes by the standard input: no list of processes shows it.
        { create: writeFile(root, path, mode), delete: `${root}rm -f ${quoted(path)}`, stdin: content, logging: 'none' },
        installed,
      ),
    ); // prettier-ignore
    if (services.length > 0) {
      const contents = pulumi.output(files.map(({ content }) => content)).apply(digestOf);
      command(
        'services',
        {
          create: runServices(root, services),
          // Nobody reads it: that it is another one is why they are restarted.
          stdin: contents,
          delete: `${root}systemctl disable --now ${services.map(quoted).join(' ')}`,
        },
        [...installed, ...written],
      );
    }
    this.registerOutputs({});
  }
}

/** Waits for who else installs something, and asks nothing. */
export function installPackages(root: string, packages: readonly string[]): string {
  const options = '-o DPkg::Lock::Timeout=120 -y --no-install-recommends';
  return `${root}apt-get update -q && ${root}env DEBIAN_FRONTEND=noninteractive apt-get install ${options} ${packages.map(quoted).join(' ')}`;
}

/** From the standard input, all of it or nothing: a half-written file never lies at its place. */
export function writeFile(root: string, path: string, mode: string): string {
  if (!path.startsWith('/')) throw new Error(`${path} is no absolute path: a file of a host needs one.`);
  if (!/^[0-7]{3,4}$/.test(mode)) throw new Error(`${mode} is no mode of a file: write it like 0644.`);
  // `install /dev/stdin` would do, were it not a socket behind sshd, which nobody can open by its name.
  const script = 'mkdir -p "$(dirname "$3")" && umask 077 && cat > "$1" && chmod "$2" "$1" && mv -f "$1" "$3"';
  return `${root}sh -c ${quoted(script)} sh ${quoted(`${path}.arung-new`)} ${mode} ${quoted(path)}`;
}

export function runServices(root: string, services: readonly string[]): string {
  const units = services.map(quoted).join(' ');
  return `${root}systemctl daemon-reload && ${root}systemctl enable ${units} && ${root}systemctl restart ${units}`;
}

/** For a shell: nothing in it is read as anything else. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function digestOf(contents: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(contents)).digest('hex').slice(0, 12);
}

function keyOfPath(path: string): string {
  return path.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
}
