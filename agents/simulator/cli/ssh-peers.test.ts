import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../../tests/support/peers.ts';
import { SyslogReceiver } from '../routeros/testing/syslog-receiver.ts';
import { catalyst, smallBackbone, user, type SmallBackbone } from '../routeros/testing/small-backbone.ts';

let backbone: SmallBackbone;
let folder = '';
beforeAll(async () => {
  backbone = await smallBackbone(44, { as: { 'sw-c-01': catalyst } }); // sw-d-01 is TP-Link's
  folder = mkdtempSync(join(tmpdir(), 'arung-ssh-'));
});
afterAll(async () => {
  await backbone.simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Signs in with OpenSSH's client at a terminal of its own, types lines, and gives back what came. */
function ssh(
  program: string,
  device: string,
  lines: readonly string[],
  password: string = user.password,
): Promise<{ readonly code: number | null; readonly shown: string }> {
  // prettier-ignore
  const ask = join(folder, 'ask');
  writeFileSync(ask, `#!/bin/sh\necho '${password}'\n`);
  chmodSync(ask, 0o700);
  const child = spawn(
    program,
    ['-tt', '-F', 'none', '-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${join(folder, 'known')}`, '-o', 'NumberOfPasswordPrompts=1', '-o', 'ConnectTimeout=10', '-p', String(backbone.sshPort), `${user.name}@${backbone.addressOf(device)}`], // prettier-ignore
    { env: { ...process.env, SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: 'none' } },
  );
  let shown = '';
  let next = 0;
  const isFull = (): boolean => /More ?-+\s*$|<return> $|\(Q to quit\)$/.test(shown);
  // A prompt, or a page that is full, and the next line is typed.
  const isReady = (): boolean => /[>#\]]$/.test(shown) || isFull();
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (!isReady()) return;
    if (isFull()) child.stdin.write(' ');
    else if (next < lines.length) child.stdin.write(`${lines[next++] ?? ''}\r`);
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, shown }));
  });
}

describeWithPeer('ssh', "a simulated switch, by OpenSSH's client", (program) => {
  it.each([
    ['sw-a-01', ['display current-configuration', 'system-view', 'sysname ganti', 'quit', 'display version', 'quit'], /ganti[\s\S]*Huawei Versatile Routing Platform/], // prettier-ignore
    ['sw-b-01', ['show running-config', 'configure terminal', 'hostname ganti', 'end', 'show version', 'exit'], /ganti#show version[\s\S]*Active-image/], // prettier-ignore
    ['sw-c-01', ['show running-config', 'configure terminal', 'hostname ganti', 'end', 'show version', 'exit'], /ganti#show version[\s\S]*Cisco IOS Software/], // prettier-ignore
    ['sw-d-01', ['configure', 'enable', 'show running-config', 'configure', 'hostname ganti', 'end', 'show system-info', 'logout'], /sw-d-01>configure\r\n[\s\S]*Bad command[\s\S]*sw-d-01>enable\r\nsw-d-01#[\s\S]*ganti#show system-info[\s\S]*JetStream/], // prettier-ignore
  ] as const)('lets one in at %s, turns pages, and takes lines', async (device, lines, expected) => {
    const { code, shown } = await ssh(program, device, lines);
    expect(shown).toMatch(expected);
    expect(shown).toMatch(/More|Q to quit/);
    expect(code).toBe(0);
  }, 20_000); // prettier-ignore

  it.each([
    ['sw-a-01', (port: number) => ['system-view', `info-center loghost 127.0.0.1 port ${port}`, 'return', 'quit'], /CMDRECORD.*Ip=127\.0\.0\.1, VpnName=, User=arung,/], // prettier-ignore
    ['sw-c-01', (port: number) => ['configure terminal', `logging host 127.0.0.1 transport udp port ${port}`, 'end', 'exit'], /CONFIG_I: Configured from console by arung on vty0 \(127\.0\.0\.1\)$/], // prettier-ignore
  ] as const)(
    'has %s tell a log host who configures it, and from where',
    async (device, lines, expected) => {
      const receiver = await SyslogReceiver.start();
      try {
        await ssh(program, device, lines(receiver.port));
        const [heard] = await receiver.heard();
        expect(heard).toEqual({ from: backbone.addressOf(device), text: expect.stringMatching(expected) as string });
      } finally {
        receiver.stop();
      }
    },
    20_000,
  );

  it('refuses a wrong password', async () => {
    const { code } = await ssh(program, 'sw-a-01', [], 'salah');
    expect(code).toBe(255);
  });
});
