import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LinuxHost, type LinuxHostArgs } from '../../pulumi/components/linux-host.ts';
import { LinuxBox } from '../support/linux-box.ts';
import { describeWithPeer } from '../support/peers.ts';
import { commandsOf, type Command } from '../support/pulumi/host-commands.ts';

const unit = 'arung-uji';

/**
 * What `LinuxHost` does to a host, done over a real sshd. Its commands are run by OpenSSH's client, which stands in for the
 * provider of `@pulumi/command`: that one comes with Pulumi's releases only.
 */
describeWithPeer('sshd', 'a Linux host behind a real sshd', (sshd) => {
  // Only root may lay something over the folders of a machine.
  if (process.getuid?.() !== 0) return it.skip('(skipped: needs root, for a mount namespace)', () => undefined);
  let box: LinuxBox;
  beforeAll(async () => {
    box = await LinuxBox.start(sshd, unit);
  }, 60_000);
  afterAll(() => box?.stop());

  const host = async (args: Omit<LinuxHostArgs, 'connection'>): Promise<readonly Command[]> => {
    const connection = { host: '127.0.0.1', port: box.port, user: 'root', privateKey: 'kunci', hostKey: box.hostKey };
    return commandsOf(() => void new LinuxHost('kotak', { connection, ...args }));
  };
  const secret = "sandi = 'kenari $HOME `x`'\n";
  const args = (content: string) => ({
    packages: [unit],
    files: [{ path: '/etc/arung uji/agent.toml', content, mode: '0600' }],
    services: [unit],
  });
  const shown = async (command: string) => (await box.ssh(command)).stdout;
  const done = async (command: string, stdin = '') => {
    const ran = await box.ssh(command, { stdin });
    expect({ command, ...ran }).toMatchObject({ code: 0 });
  };

  it('has its packages, then its files, then its services; the machine below is as before', async () => {
    for (const { create, stdin = '' } of await host(args(secret))) await done(create, stdin);
    expect(await shown(`dpkg-query -W -f '\${Status}' ${unit}`)).toBe('install ok installed');
    expect(await shown('cat /usr/share/uji/isi')).toBe('ada\n');
    expect(await shown("cat '/etc/arung uji/agent.toml'")).toBe(secret);
    expect(await shown("stat -c '%a %U' '/etc/arung uji/agent.toml'")).toBe('600 root\n');
    expect(await shown("ls '/etc/arung uji'")).toBe('agent.toml\n');
    expect(await shown(`systemctl is-enabled ${unit} >/dev/null; /usr/bin/systemctl is-enabled ${unit}`)).toBe('enabled\n');
    expect(box.told.slice(0, 3)).toEqual(['daemon-reload', `enable ${unit}`, `restart ${unit}`]);
    expect(existsSync('/etc/arung uji')).toBe(false);
    expect(existsSync('/usr/share/uji')).toBe(false);
  }, 120_000); // prettier-ignore

  it('is the same when it is done again, and has another file when that is another', async () => {
    for (const { create, stdin = '' } of await host(args('lain = 1\n'))) await done(create, stdin);
    expect(await shown("cat '/etc/arung uji/agent.toml'")).toBe('lain = 1\n');
    expect(box.told.at(-1)).toBe(`restart ${unit}`);
  }, 120_000);

  it('shows no process what is in a file while it is written', async () => {
    const [, file] = await host(args(secret));
    const spied = box.ssh('for i in 1 2 3 4 5 6 7 8 9 10; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "; sleep 0.05; done'); // prettier-ignore
    for (let at = 0; at < 5; at += 1) await done(file?.create ?? '', secret);
    const { stdout } = await spied;
    expect(stdout).toContain('agent.toml');
    expect(stdout).not.toContain('kenari');
  }, 60_000);

  it('loses files and services that leave the program', async () => {
    for (const one of (await host(args(secret))).toReversed()) if (one.delete !== undefined) await done(one.delete);
    expect(await shown("ls '/etc/arung uji'")).toBe('');
    expect(await shown(`/usr/bin/systemctl is-enabled ${unit}`)).toBe('disabled\n');
  }, 60_000);

  it('is refused where another host answers', async () => {
    const other = `ssh-ed25519 ${Buffer.alloc(51, 7).toString('base64')}`;
    const { code, stderr } = await box.ssh('true', { hostKey: other });
    expect(code).toBe(255);
    expect(stderr).toMatch(/host key|verification/i);
  });
});
