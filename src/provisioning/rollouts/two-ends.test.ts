import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentOf, ProvisioningStage, statesOf } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import type { IntentDocument } from '../../domain/intent.ts';

const system = systemAccess('test');
/** Both ends of the radio link from b to c. */
const ends = { upper: 'rtr-b-01', lower: 'rtr-c-01' } as const;

describe('a change of both ends of a link', { timeout: 180_000 }, () => {
  let stage: ProvisioningStage;
  beforeAll(async () => {
    stage = await ProvisioningStage.open(72);
  }, 120_000);
  afterAll(() => stage?.close());
  beforeEach(async () => {
    stage.runner = stage.newRunner();
    await stage.runner.start();
  });
  afterEach(() => stage.runner.stop());

  const isReached = () => stage.backbone.simulator.network.devices.get('sw-c-01')?.reachable === true;

  /** Whether the upper router lets anybody configure it. */
  const api = (isOn: boolean): void => {
    const router = stage.backbone.simulator.routers.router(ends.upper);
    const id = router?.rows('/ip/service').find((row) => row['name'] === 'api')?.['.id'] ?? '';
    const values = { '.id': id, disabled: isOn ? 'no' : 'yes' };
    router?.run({ path: '/ip/service/set', arguments: new Map(Object.entries(values)), queries: [] });
  };

  /** The link in a network of its own: x.1 above, x.2 below. */
  const link = (network: string): Record<string, IntentDocument> => ({
    [ends.upper]: documentOf({ key: 'down', subject: '/ip/address', values: { address: `${network}.1/30`, interface: 'ether2' } }),
    [ends.lower]: documentOf(
      { key: 'up', subject: '/ip/address', values: { address: `${network}.2/30`, interface: 'ether1' } },
      { key: 'way', subject: '/ip/route', values: { gateway: `${network}.1` } },
    ),
  }); // prettier-ignore

  /** The link as a technician left it, taken over. */
  async function adopt(): Promise<void> {
    const of = (device: string, on: string): string =>
      stage.backbone.simulator.routers
        .router(device)
        ?.rows('/ip/address')
        .find((row) => row['interface'] === on)?.['address'] ?? '';
    const above = of(ends.upper, 'ether2');
    const versions = await stage.stage({
      [ends.upper]: documentOf({
        key: 'down',
        subject: '/ip/address',
        values: { address: above, interface: 'ether2' },
      }),
      [ends.lower]: documentOf(
        { key: 'up', subject: '/ip/address', values: { address: of(ends.lower, 'ether1'), interface: 'ether1' } },
        { key: 'way', subject: '/ip/route', values: { gateway: above.split('/')[0] ?? '' } },
      ),
    });
    const done = await stage.until((await stage.rollouts.start(system, { versions, pauseS: 0 })).rollout.id);
    expect(done).toMatchObject({ state: 'done', phases: [] });
  }

  it('goes in three phases over both of them, and the way stands all the time', async () => {
    await adopt();
    const versions = await stage.stage(link('172.22.7'));
    let cut = 0;
    stage.backbone.simulator.network.onChange(() => {
      if (!isReached()) cut += 1;
    });
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
    const done = await stage.until(rollout.id);
    expect(done).toMatchObject({ state: 'done', phases: ['add', 'switch', 'remove'], phase: 2 });
    expect(statesOf(done)).toEqual({ [ends.upper]: 'confirmed', [ends.lower]: 'confirmed' });
    expect(cut).toBe(0);
    for (const [name, version] of Object.entries(versions)) {
      expect(await stage.reader.get(system, name)).toMatchObject({ confirmed: { version }, staged: { version }, drift: [] });
    } // prettier-ignore
    const addresses = stage.backbone.simulator.routers.router(ends.lower)?.rows('/ip/address').filter((row) => row['interface'] === 'ether1').map((row) => row['address']); // prettier-ignore
    expect(addresses).toEqual(['172.22.7.2/30']);
  });

  it('is one that would cut the village, were one end alone changed', () => {
    const router = stage.backbone.simulator.routers.router(ends.upper);
    const set = (address: string): void => {
      const id = router?.rows('/ip/address').find((row) => row['interface'] === 'ether2')?.['.id'] ?? '';
      router?.run({ path: '/ip/address/set', arguments: new Map(Object.entries({ '.id': id, address })), queries: [] });
    };
    set('172.22.8.1/30');
    expect(isReached()).toBe(false);
    set('172.22.7.1/30');
    expect(isReached()).toBe(true);
  });

  it('switches nothing while the other end does not answer, and goes on from there', async () => {
    const versions = await stage.stage(link('172.22.9'));
    api(false);
    const first = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
    const stopped = await stage.until(first.rollout.id);
    expect(stopped).toMatchObject({ state: 'stopped', reason: { code: 'rollout.partner-missing' } });
    expect(statesOf(stopped)).toMatchObject({ [ends.upper]: 'unreachable' });
    expect(isReached()).toBe(true);
    api(true);
    const second = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
    const done = await stage.until(second.rollout.id);
    expect(done).toMatchObject({ state: 'done' });
    expect(isReached()).toBe(true);
    expect(await stage.reader.get(system, ends.lower)).toMatchObject({ confirmed: { version: versions[ends.lower] } });
  });

  it('goes on in the phase in which another process was killed', async () => {
    const versions = await stage.stage(link('172.22.10'));
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
    for (const phase of [0, 1, 2]) {
      await stage.until(rollout.id, (one) => one.phase >= phase && one.waves !== null);
      await stage.runner.stop();
      stage.runner = stage.newRunner();
      await stage.runner.start();
    }
    expect(await stage.until(rollout.id)).toMatchObject({ state: 'done' });
    expect(isReached()).toBe(true);
  });
});
