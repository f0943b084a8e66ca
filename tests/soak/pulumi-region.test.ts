import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freeTcpPort } from '../../src/demo/demo.ts';
import { Demo } from '../support/demo.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithPeer } from '../support/peers.ts';
import { Desk } from '../support/pulumi/desk.ts';

/**
 * Every router of Bone by one program, as docs/pulumi.md has it for a region: how long the first `up` takes, and what one costs
 * that has nothing to do, with a look at every router and where each was looked at a moment ago.
 */
const everyDevice = 1_524;
const ticksAS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const say = (text: string): void => void process.stdout.write(`pulumi-region: ${text}\n`);

/** Seconds of CPU of a process and of all that it has begun and are there. */
function cpuOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const own = (Number(fields[11]) + Number(fields[12])) / ticksAS;
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return children.reduce((sum, child) => sum + cpuOf(child), own);
}

describeWithPeer('pulumi', 'all routers of a regency by one program', (pulumi) => {
  let demo: Demo;
  let desk: Desk;

  beforeAll(async () => {
    demo = new Demo({
      ARUNG_PORT: String(await freePort()),
      ARUNG_MQTT_PORT: String(await freeTcpPort()),
      ARUNG_LOG_LEVEL: 'warn',
    });
    await demo.start();
    await demo.until((status) => status.devices.up === everyDevice, 300_000);
    desk = new Desk(pulumi, {
      ARUNG_DATA_DIR: demo.dataDir,
      ARUNG_KEY_FILE: `${demo.dataDir}.key`,
      PULUMI_CONFIG_PASSPHRASE: 'frasa-sandi-uji',
      PULUMI_SKIP_CHECKPOINTS: 'true',
      ARUNG_URL: demo.url,
      ARUNG_TOKEN: await demo.token('operator'),
    });
  }, 600_000);
  afterAll(async () => {
    desk?.remove();
    await demo?.remove();
  });

  /** What it said; tells how long it took, and the CPU of Pulumi with its program and provider, and of the demo. */
  async function measured(line: string): Promise<string> {
    const before = cpuOf(demo.pid);
    const { shown, tookS } = await desk.well(`bash -c 'TIMEFORMAT="cpu %U %S"; time ${line}'`);
    const [, user = '', system = ''] = /cpu ([\d.]+) ([\d.]+)/.exec(shown) ?? [];
    const own = Number(user) + Number(system);
    say(`${tookS.toFixed(1)} s, CPU ${own.toFixed(1)} s, demo ${(cpuOf(demo.pid) - before).toFixed(1)} s: ${line}`);
    return shown;
  }

  it('comes to all of them, and has nothing to do then', { timeout: 3_600_000 }, async () => {
    await desk.well('npm ci');
    for (const line of [
      'mkdir -p state',
      'npx pulumi stack init bone',
      'npx pulumi config set region 73.08',
      "npx pulumi config set --path 'managementFrom[0]' 127.0.0.0/8",
      "npx pulumi config set --path 'managementFrom[1]' 10.0.0.0/8",
      "npx pulumi config set --path 'tunnelPorts.rtr-dc-vsat-01[0]' 13231",
      "npx pulumi config set --path 'tunnelPorts.rtr-dc-4g-01[0]' 13231",
      'npx pulumi config set batch 20',
      'npx pulumi config set pauseS 0',
    ])
      await desk.well(line);
    expect(await measured('npx pulumi preview')).toMatch(/439 devices in \d+ waves:/);
    await measured('npx pulumi up --yes --skip-preview');
    expect((await desk.well('npx pulumi stack output configured')).shown).toMatch(/\b439\b/);
    const { items } = await demo.get<{ items: unknown[] }>('/api/v1/intents?state=right&limit=500');
    expect(items).toHaveLength(439);
    for (const age of ['0', '0', '86400', '86400', '86400']) {
      desk.export('ARUNG_LOOK_AGE_S', age);
      say(`ARUNG_LOOK_AGE_S=${age}`);
      expect(await measured('npx pulumi up --yes --skip-preview --expect-no-changes')).toMatch(/unchanged/);
    }
    desk.export('ARUNG_LOOK_AGE_S', '0');
    expect(await measured('npx pulumi preview --expect-no-changes')).toMatch(/unchanged/);
  });
});
