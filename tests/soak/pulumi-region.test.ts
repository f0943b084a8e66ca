import { afterAll, beforeAll, expect, it } from 'vitest';
import { processTree } from '../../bench/processes.ts';
import type { Demo } from '../support/demo.ts';
import { describeWithPeer } from '../support/peers.ts';
import { demoDesk } from '../support/pulumi/demo-desk.ts';
import type { Desk } from '../support/pulumi/desk.ts';

/**
 * Every router of Bone by one program, as docs/pulumi.md has it for a region: how long the first `up` takes, and what one costs
 * that has nothing to do, with a look at every router and where each was looked at a moment ago.
 */
const say = (text: string): void => void process.stdout.write(`pulumi-region: ${text}\n`);

/** Seconds of CPU of a process and of all below it. */
const cpuOf = (pid: number): number =>
  processTree(pid).reduce((sum, { ownCpuS, endedCpuS }) => sum + ownCpuS + endedCpuS, 0);

describeWithPeer('pulumi', 'all routers of a regency by one program', (pulumi) => {
  let demo: Demo;
  let desk: Desk;

  beforeAll(async () => {
    ({ demo, desk } = await demoDesk(pulumi, { PULUMI_SKIP_CHECKPOINTS: 'true' }));
    desk.export('ARUNG_TOKEN', await demo.token('operator'));
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
