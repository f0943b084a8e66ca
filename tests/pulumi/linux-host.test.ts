import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPackages, LinuxHost, quoted, runServices, writeFile } from '../../pulumi/components/linux-host.ts';
import { commandsOf } from '../support/pulumi/host-commands.ts';

const connection = { host: '127.0.0.1', user: 'root', privateKey: 'kunci', hostKey: 'ssh-ed25519 AAAA' };

describe('a Linux host', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'arung-host-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const sh = (command: string, input = '') => spawnSync('/bin/sh', ['-c', command], { input, encoding: 'utf8' });

  it('is packages, then files, then services, which start anew when a file is another', async () => {
    const host = (content: string) => () =>
      void new LinuxHost('kotak', {
        connection,
        packages: ['mosquitto'],
        files: [{ path: '/etc/arung/agent.toml', content, mode: '0600' }],
        services: ['arung-agent'],
      });
    const first = await commandsOf(host('a = 1'));
    expect(first.map(({ name }) => name)).toEqual(['kotak-packages', 'kotak-file-etc-arung-agent-toml', 'kotak-services']);
    const [, file, services] = first;
    expect(file).toMatchObject({ stdin: 'a = 1', delete: "rm -f '/etc/arung/agent.toml'" });
    expect(JSON.stringify([file?.create, services?.create])).not.toContain('a = 1');
    const second = await commandsOf(host('a = 2'));
    expect(second[2]?.stdin).not.toBe(services?.stdin);
    expect(second[2]?.create).toBe(services?.create);
  }); // prettier-ignore

  it('writes a file whole, with its mode, wherever it lies and whatever it is called', () => {
    const path = join(folder, "tempat baru/it's $HOME `x`.toml");
    const content = 'satu\n"dua" $tiga\n';
    expect(sh(writeFile('', path, '0600'), content)).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(sh(writeFile('', path, '0640'), 'lain').status).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('lain');
    expect(
      execFileSync('ls', [join(folder, 'tempat baru')], { encoding: 'utf8' })
        .trim()
        .split('\n'),
    ).toHaveLength(1);
    expect(() => writeFile('', 'etc/x', '0644')).toThrow(/no absolute path/);
    expect(() => writeFile('', '/etc/x', '0644; reboot')).toThrow(/no mode/);
  });

  it('hands names to the shell as names', () => {
    for (const name of ["a'b", '$(touch /tmp/x)', '`id`', 'a;b', 'a\nb']) expect(sh(`printf %s ${quoted(name)}`).stdout).toBe(name); // prettier-ignore
    expect(installPackages('sudo ', ['fping; reboot'])).toMatch(/'fping; reboot'$/);
    expect(runServices('', ['a', 'b'])).toBe(
      "systemctl daemon-reload && systemctl enable 'a' 'b' && systemctl restart 'a' 'b'",
    );
  });
});
