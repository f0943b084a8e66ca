import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { ManagedNetwork } from '../support/pulumi/controller.ts';
import { Stack } from '../support/pulumi/stack.ts';
import { item, lan, options, program, router } from '../support/pulumi/whole-program.ts';

/** Ways in which a run of the real Pulumi is cut off, beside those of tests/pulumi/stack.test.ts. */
describeWithPeer('pulumi', 'a run of Pulumi that is cut off', (pulumi) => {
  let network: ManagedNetwork;
  let stack: Stack;
  const addresses = () => network.hands.rows(router, '/ip/address').map(({ address }) => address);
  const up = () => stack.well('up', '--yes', '--skip-preview');

  beforeAll(async () => {
    network = await ManagedNetwork.start(79);
    stack = new Stack(pulumi, {
      ARUNG_URL: network.url,
      ARUNG_TOKEN: network.token,
      ARUNG_LOOK_AGE_S: '0',
      ARUNG_AWAY_S: '20',
    });
    await stack.well('stack', 'init', 'kahu');
    stack.say(program(lan('10.73.8.1/24')));
    await up();
  }, 180_000);
  afterAll(async () => {
    stack?.remove();
    await network?.stop();
  });

  it('by Ctrl-C leaves the rollout to Arung, and joins it with the next `up`', async () => {
    stack.say({ ...program(lan('10.73.61.1/24')), rollout: { ...options, onlyInMaintenance: true } });
    const { child, ended } = stack.start('up', '--yes', '--skip-preview');
    await vi.waitFor(async () => {
      const { items } = await network.ask<{ items: { state: string }[] }>('GET', '/rollouts?open=true');
      expect(items).toHaveLength(1);
    }, 30_000);
    child.kill('SIGINT');
    const { code, text } = await ended;
    expect(code).not.toBe(0);
    expect(text).toMatch(/(Rollout \d+|What has begun) goes on in Arung; `pulumi up` joins it/);
    const { items } = await network.ask<{ items: { number: number }[] }>('GET', '/rollouts?open=true');
    await network.ask('POST', `/rollouts/${items[0]?.number}/abort`);
    stack.say(program(lan('10.73.8.1/24')));
    await up();
    expect(addresses()).toContain('10.73.8.1/24');
  });

  it('by a controller that is away for a while waits for it', async () => {
    stack.say(program(lan('10.73.62.1/24')));
    const { port } = new URL(network.url);
    await network.stopController();
    const running = up();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await network.startController(port);
    await running;
    expect(addresses()).toContain('10.73.62.1/24');
  });

  it('by a device that does not come back fails with its reason, and is right after the next `up`', async () => {
    const cut = item('tutup', '/ip/firewall/filter', { chain: 'input', action: 'drop' });
    stack.say({ ...program(lan('10.73.62.1/24'), cut), rollout: { ...options, rollbackS: 30 } });
    const { code, text } = await stack.run('up', '--yes', '--skip-preview');
    expect(code).not.toBe(0);
    expect(text).toMatch(/Rollout \d+ stopped/);
    expect(text).toMatch(/rtr-c-01 \((reverted|lost|reverting)\)/);
    stack.say(program(lan('10.73.62.1/24')));
    await up();
    await stack.well('preview', '--expect-no-changes');
  });
});
