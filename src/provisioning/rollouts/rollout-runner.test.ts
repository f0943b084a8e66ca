import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentOf, lan, ProvisioningStage, statesOf } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import { openRolloutStates } from '../../domain/rollout.ts';
import { FallenAlerts } from './fallen-alerts.ts';

const system = systemAccess('test');

describe('a rollout over simulated routers', { timeout: 180_000 }, () => {
  let stage: ProvisioningStage;
  beforeAll(async () => {
    stage = await ProvisioningStage.open(71, { isDriven: true, commandTimeoutMs: 4_000 });
  }, 120_000);
  afterAll(() => stage?.close());
  beforeEach(async () => {
    stage.runner = stage.newRunner();
    await stage.runner.start();
    stage.news.length = 0;
    stage.work.announced.length = 0;
  });
  afterEach(async () => {
    // What a test that failed has left open holds up the ones after it.
    const { items } = await stage.rollouts.list(system, { page: { limit: 20 } });
    for (const one of items.filter(({ state }) => openRolloutStates.some((open) => open === state)))
      await stage.rollouts.abort(system, one.id, 'uji selesai').catch(() => undefined);
    await stage.runner.stop();
    stage.dark.clear();
    stage.work.covered = true;
    stage.work.until = Number.POSITIVE_INFINITY;
  });

  it('goes from the leaves to the core, confirms each, and leaves out what is right already', async () => {
    const versions = await stage.stage({ 'rtr-b-01': lan(2), 'rtr-c-01': lan(3), 'rtr-d-01': lan(4) });
    const { rollout, joined } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
    expect(joined).toBe(false);
    const again = await stage.rollouts.start(system, { versions });
    expect(again).toMatchObject({ joined: true, rollout: { id: rollout.id } });

    const done = await stage.until(rollout.id);
    expect(done).toMatchObject({ state: 'done', reason: null });
    expect(statesOf(done)).toEqual({ 'rtr-b-01': 'confirmed', 'rtr-c-01': 'confirmed', 'rtr-d-01': 'confirmed' });
    const waveOf = new Map(done.devices.map(({ deviceName, wave }) => [deviceName, wave]));
    expect(waveOf.get('rtr-c-01')).toBe(1);
    expect(waveOf.get('rtr-b-01')).toBeGreaterThan(waveOf.get('rtr-c-01') ?? 0);
    expect(stage.news).toEqual(
      expect.arrayContaining(['rollout.started', 'device.configured rtr-c-01', 'rollout.ended']),
    );
    expect(stage.work.announced).toHaveLength(3);
    expect(await stage.reader.get(system, 'rtr-c-01')).toMatchObject({
      confirmed: { version: versions['rtr-c-01'] },
      drift: [],
    });

    const second = await stage.rollouts.start(system, { versions, pauseS: 0 });
    expect(second.joined).toBe(false);
    const unchanged = await stage.until(second.rollout.id);
    expect(unchanged).toMatchObject({ state: 'done', waves: [] });
    expect(new Set(Object.values(statesOf(unchanged)))).toEqual(new Set(['unchanged']));
    expect(stage.work.announced).toHaveLength(3);
  });

  it('stops at the first device that does not come back; it heals itself, and no other is touched', async () => {
    const cutsItself = documentOf({
      key: 'drop-all',
      subject: '/ip/firewall/filter',
      values: { chain: 'input', action: 'drop' },
    });
    const versions = await stage.stage({ 'rtr-c-01': cutsItself, 'rtr-b-01': lan(22) });
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 30 });
    const armed = await stage.until(rollout.id, ({ devices }) => devices.some(({ armedUntil }) => armedUntil !== null));
    expect(armed.devices.find(({ deviceName }) => deviceName === 'rtr-c-01')?.armedUntil).toBeGreaterThan(
      stage.nowS() * 1_000,
    );
    const stopped = await stage.until(rollout.id);
    expect(stopped).toMatchObject({ state: 'stopped', reason: { code: 'rollout.failed-at' } });
    expect(statesOf(stopped)).toEqual({ 'rtr-c-01': 'reverted', 'rtr-b-01': 'skipped' });
    expect(stage.news).toContain('device.reverted rtr-c-01');
    expect(await stage.store.fallen()).toMatchObject([
      { name: 'rtr-c-01', state: 'reverted', rollout: rollout.number },
    ]);
    const fallen = new FallenAlerts({ store: stage.store, logger: pino({ level: 'silent' }) });
    let woken = 0;
    fallen.onChange(() => (woken += 1));
    await fallen.refresh();
    await fallen.refresh();
    expect(woken).toBe(1);
    expect(fallen.current()).toMatchObject([
      { rule: 'rollout.reverted', severity: 'warning', subject: { kind: 'device', name: 'rtr-c-01' }, cause: null },
    ]);
    // Asked again while it does not answer, it was not configured since.
    stage.backbone.simulator.cut('b--c', true);
    const again = { 'rtr-c-01': versions['rtr-c-01'] ?? '' };
    const silent = await stage.until((await stage.rollouts.start(system, { versions: again, pauseS: 0 })).rollout.id);
    stage.backbone.simulator.cut('b--c', false);
    expect(statesOf(silent)).toEqual({ 'rtr-c-01': 'unreachable' });
    expect(await stage.store.fallen()).toMatchObject([{ name: 'rtr-c-01', rollout: rollout.number }]);
    // As it was: the address of the rollout before is there, the filter is not.
    expect(await stage.door.look(stage.id('rtr-c-01'), lan(3), lan(3))).toEqual([]);
    // What is right again is no more fallen.
    const mended = await stage.stage({ 'rtr-c-01': lan(3) });
    await stage.until((await stage.rollouts.start(system, { versions: mended, pauseS: 0 })).rollout.id);
    expect(await stage.store.fallen()).toEqual([]);
    await fallen.refresh();
    expect(fallen.current()).toEqual([]);
  });

  it('refuses what could cut the path of the controller, unless it is forced with a reason', async () => {
    const versions = await stage.stage({ 'rtr-dc-01': lan(9) });
    await expect(stage.rollouts.start(system, { versions })).rejects.toMatchObject({ code: 'rollout.cuts-controller' });
    expect(await stage.rollouts.preview(system, ['rtr-dc-01'])).toMatchObject({
      refusal: { code: 'rollout.cuts-controller' },
    });
    const forced = { versions, forcedReason: 'Jendela kerja malam, orang di tempat', rollbackS: 60 };
    const done = await stage.until((await stage.rollouts.start(system, forced)).rollout.id);
    expect(done.state).toBe('done');
    const [newest] = await stage.test.audit.list(system, { entityKind: 'rollout', limit: 1 });
    expect(newest).toMatchObject({ action: 'start', reason: forced.forcedReason });
  });

  it('waits for who could touch the same path, pauses, goes on, and ends when it is aborted', async () => {
    stage.work.covered = false;
    const first = await stage.rollouts.start(system, {
      versions: await stage.stage({ 'rtr-c-01': lan(41) }),
      onlyInMaintenance: true,
      rollbackS: 60,
    });
    await stage.until(first.rollout.id, ({ state, waves }) => state === 'running' && waves !== null);
    const second = await stage.rollouts.start(system, {
      versions: await stage.stage({ 'rtr-b-01': lan(42) }),
      pauseS: 0,
      rollbackS: 60,
    });
    const waits = await stage.until(second.rollout.id, ({ reason }) => reason !== null);
    expect(waits).toMatchObject({ state: 'queued', reason: { arguments: { number: first.rollout.number } } });
    // What shares no path goes on meanwhile.
    const apart = await stage.rollouts.start(system, {
      versions: await stage.stage({ 'rtr-d-01': lan(43) }),
      pauseS: 0,
      rollbackS: 60,
    });
    expect((await stage.until(apart.rollout.id)).state).toBe('done');
    expect((await stage.rollouts.get(system, second.rollout.id)).state).toBe('queued');

    await stage.rollouts.pause(system, first.rollout.id, undefined);
    stage.work.covered = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(statesOf(await stage.rollouts.get(system, first.rollout.id))).toEqual({ 'rtr-c-01': 'checking' });
    await stage.rollouts.abort(system, String(first.rollout.number), 'nanti saja');
    expect(await stage.until(first.rollout.id)).toMatchObject({
      state: 'stopped',
      reason: { code: 'rollout.abort-asked' },
      devices: [{ state: 'skipped' }],
    });
    expect((await stage.until(second.rollout.id)).state).toBe('done');
  });

  it('begins in planned work only while that lasts as long as the way back may take, and says what it waits for', async () => {
    stage.work.until = (stage.nowS() + 59) * 1_000;
    const versions = await stage.stage({ 'rtr-c-01': lan(45) });
    const options = { onlyInMaintenance: true, pauseS: 0, rollbackS: 60 };
    const { rollout } = await stage.rollouts.start(system, { versions, ...options });
    const waits = await stage.until(rollout.id, ({ reason }) => reason !== null);
    expect(waits).toMatchObject({
      state: 'running',
      reason: { code: 'rollout.waits-for-work', arguments: { names: 'rtr-c-01', seconds: 60 } },
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const still = await stage.rollouts.get(system, rollout.id);
    expect(statesOf(still)).toEqual({ 'rtr-c-01': 'checking' });
    // It says it once.
    expect(still.revision).toBe(waits.revision);
    stage.work.until = (stage.nowS() + 90) * 1_000;
    expect(await stage.until(rollout.id)).toMatchObject({ state: 'done', reason: null });
  });

  describe('brings back who answers and carries nothing any more', () => {
    const [hub, behind] = ['rtr-b-01', 'rtr-c-01'];
    const rollbackS = 60;
    const downlink = () =>
      stage.hands.rows(hub, '/ip/address').find((row) => row['interface'] === 'ether2')?.['address'] ?? '';
    const link = (address: string) => ({
      key: 'to-c',
      subject: '/ip/address',
      values: { address, interface: 'ether2' },
    });

    /** The hub takes a good document, then one that cuts off what hangs on it. @returns seconds from its start to its end. */
    async function cutOff(options: {
      readonly good: Parameters<typeof documentOf>;
      readonly cutting: Parameters<typeof documentOf>;
      readonly isThere: () => boolean | undefined;
    }): Promise<number> {
      const { good, cutting, isThere } = options;
      const staged = await stage.stage({ [hub]: documentOf(...good) });
      const before = await stage.rollouts.start(system, { versions: staged, pauseS: 0, rollbackS });
      expect((await stage.until(before.rollout.id)).state).toBe('done');
      const began = stage.nowS();
      const versions = await stage.stage({ [hub]: documentOf(...cutting) });
      const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS });
      // The router itself takes it well: what hangs on it is gone.
      await expect.poll(isThere, { timeout: 30_000 }).toBe(false);
      expect(stage.answers(hub)).toBe(true);
      // Most of the time that is given to what hangs on it goes fast; the end of it does not.
      stage.hurried.add(hub);
      await expect.poll(() => stage.nowS() - began, { timeout: 30_000 }).toBeGreaterThan(35);
      stage.hurried.delete(hub);
      const stopped = await stage.until(rollout.id);
      expect(stopped).toMatchObject({ state: 'stopped', reason: { code: 'rollout.failed-at' } });
      const error = { code: 'rollout.cut-off', arguments: { names: expect.stringContaining(behind) } };
      expect(stopped.devices).toMatchObject([{ state: 'reverted', error }]);
      expect(isThere()).toBe(true);
      expect(await stage.reader.get(system, hub)).toMatchObject({ confirmed: { version: staged[hub] } });
      return stage.nowS() - began;
    }

    it('since the way behind it is another', async () => {
      const isThere = () => stage.backbone.simulator.network.devices.get(behind)?.reachable;
      const tookS = await cutOff({ good: [link(downlink())], cutting: [link('172.31.250.1/30')], isThere });
      expect(tookS).toBeLessThan(rollbackS);
    });

    it('since it drops what it should carry on: its routes stand, and nothing behind it answers', async () => {
      const rule = (action: string) => ({ key: 'forward', subject: '/ip/firewall/filter', values: { chain: 'forward', action } }); // prettier-ignore
      const way = link(downlink());
      await cutOff({ good: [way, rule('accept')], cutting: [way, rule('drop')], isThere: () => stage.answers(behind) });
    });
  });

  it('stops at a gate when the network is worse after a wave than before', async () => {
    stage.dark.add('ap-b-01');
    const versions = await stage.stage({ 'rtr-c-01': lan(51), 'rtr-b-01': lan(52) });
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
    await stage.until(rollout.id, ({ devices }) =>
      devices.some(({ state }) => state === 'arming' || state === 'applying'),
    );
    stage.dark.add('sw-c-01');
    const stopped = await stage.until(rollout.id);
    expect(stopped).toMatchObject({
      state: 'stopped',
      reason: { code: 'rollout.gate', arguments: { names: 'sw-c-01' } },
    });
    expect(statesOf(stopped)).toEqual({ 'rtr-c-01': 'confirmed', 'rtr-b-01': 'skipped' });
  });

  it('stops at a gate when clearly more errors are counted beside a wave than before', async () => {
    const counted = (perS: number) => ({ device: 'rtr-c-01', key: 'ether1 in_eps', name: 'rtr-c-01 ether1', perS });
    stage.errors.push(counted(3));
    const versions = await stage.stage({ 'rtr-c-01': lan(53), 'rtr-b-01': lan(54) });
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
    await stage.until(rollout.id, ({ devices }) =>
      devices.some(({ state }) => state === 'arming' || state === 'applying'),
    );
    stage.errors.splice(0, 1, counted(40));
    const stopped = await stage.until(rollout.id);
    stage.errors.length = 0;
    expect(stopped.before?.errors).toEqual({ 'ether1 in_eps': 3 });
    expect(stopped).toMatchObject({
      state: 'stopped',
      reason: { code: 'rollout.gate-errors', arguments: { wave: 1, names: 'rtr-c-01 ether1 (40/s)' } },
    });
    expect(statesOf(stopped)).toEqual({ 'rtr-c-01': 'confirmed', 'rtr-b-01': 'skipped' });
  });

  it('asks after a pause for what was well when it began, and not when it went on', async () => {
    stage.work.covered = false;
    const versions = await stage.stage({ 'rtr-c-01': lan(55) });
    const { rollout } = await stage.rollouts.start(system, { versions, onlyInMaintenance: true, rollbackS: 60 });
    await stage.until(rollout.id, ({ state, waves }) => state === 'running' && waves !== null);
    await stage.rollouts.pause(system, rollout.id, undefined);
    stage.dark.add('sw-c-01');
    await stage.rollouts.resume(system, rollout.id, undefined);
    const again = await stage.until(rollout.id, ({ state }) => state === 'running');
    expect(again.before).toEqual({ devices: [], services: [], errors: {} });
    expect(stage.news.filter((key) => key === 'rollout.started')).toHaveLength(1);
    await stage.rollouts.abort(system, rollout.id, undefined);
    await stage.until(rollout.id);
  });

  it('leaves out who does not answer, and says so at the end', async () => {
    stage.backbone.simulator.cut('b--c', true);
    const versions = await stage.stage({ 'rtr-c-01': lan(61), 'rtr-d-01': lan(62) });
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
    const over = await stage.until(rollout.id);
    stage.backbone.simulator.cut('b--c', false);
    expect(over).toMatchObject({ state: 'stopped', reason: { code: 'rollout.incomplete', arguments: { count: 1 } } });
    expect(statesOf(over)).toEqual({ 'rtr-c-01': 'unreachable', 'rtr-d-01': 'confirmed' });
    const [listed] = (await stage.rollouts.list(system, { page: { limit: 1 } })).items;
    expect(listed).toMatchObject({ devices: 2, ended: 2, right: 1, unreachable: 1, skipped: 0 });
  });

  it('stops before anything is touched where a device refuses to be read by what is wanted of it', async () => {
    const before = stage.hands.rows('rtr-d-01', '/ip/address');
    const versions = await stage.stage({ 'rtr-c-01': documentOf({ key: 'salah', subject: '/ip/adress', values: { address: '10.9.9.1/24' } }), 'rtr-d-01': lan(63) }); // prettier-ignore
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
    const over = await stage.until(rollout.id);
    expect(over).toMatchObject({ state: 'stopped', reason: { code: 'rollout.failed-at', arguments: { names: 'rtr-c-01' } } }); // prettier-ignore
    expect(statesOf(over)).toEqual({ 'rtr-c-01': 'refused', 'rtr-d-01': 'skipped' });
    expect(stage.hands.rows('rtr-d-01', '/ip/address')).toEqual(before);
    await stage.stage({ 'rtr-c-01': lan(61) });
  });

  it('leaves out whose credential is taken away between its check and its turn', async () => {
    const { devices } = stage.test.inventory;
    const { managementCredentialId } = (await devices.get(system, 'rtr-c-01')).entity;
    stage.work.covered = false;
    const versions = await stage.stage({ 'rtr-c-01': lan(66) });
    const { rollout } = await stage.rollouts.start(system, { versions, onlyInMaintenance: true, rollbackS: 60 });
    await stage.until(rollout.id, ({ state, waves }) => state === 'running' && waves !== null);
    await devices.update(system, 'rtr-c-01', { managementCredentialId: null });
    stage.work.covered = true;
    const over = await stage.until(rollout.id);
    await devices.update(system, 'rtr-c-01', { managementCredentialId });
    expect(over).toMatchObject({
      state: 'stopped',
      reason: { code: 'rollout.incomplete' },
      devices: [{ state: 'unreachable', error: { code: 'management.no-credential' } }],
    });
  });

  it('goes on where another process was killed, at whatever step', async () => {
    for (const [i, at] of (['checking', 'arming', 'applying', 'confirming'] as const).entries()) {
      const versions = await stage.stage({ 'rtr-c-01': lan(70 + i) });
      const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 60 });
      await stage.until(rollout.id, ({ devices, state }) => devices[0]?.state === at || state === 'done');
      // As a kill does: nothing of it writes any more, and its lease runs out or is taken.
      await stage.runner.stop();
      stage.runner = stage.newRunner();
      await stage.runner.start();
      const done = await stage.until(rollout.id);
      expect({ at, state: done.state, devices: statesOf(done) }).toEqual({
        at,
        state: 'done',
        devices: { 'rtr-c-01': expect.stringMatching(/^(confirmed|unchanged)$/) as string },
      });
    }
  });

  it('finds what a hand has changed since, once, and shows no secret', async () => {
    const secret = 'k4ta-sandi-rahasia';
    const document = documentOf(
      { key: 'lan', subject: '/ip/address', values: { address: '10.73.80.1/24', interface: 'bridge' } },
      {
        key: 'snmp',
        subject: '/snmp/community',
        values: { name: 'arung', security: 'private', 'encryption-password': secret },
        secret: ['encryption-password'],
      },
    );
    const versions = await stage.stage({ 'rtr-c-01': document });
    const done = await stage.until((await stage.rollouts.start(system, { versions, pauseS: 0 })).rollout.id);
    expect(done.state).toBe('done');
    expect(JSON.stringify(done)).not.toContain(secret);
    const byHand = documentOf({
      key: 'lan',
      subject: '/ip/address',
      values: { address: '10.73.81.1/24', interface: 'bridge' },
    });
    const target = await stage.door.managementOf(stage.id('rtr-c-01'));
    const driver = stage.door.driverOf(byHand);
    const session = await driver.open(stage.door.targetOf(target, byHand));
    const { until } = await session.arm('hand', 60);
    await session.apply(byHand, { run: 'hand', applied: null, until });
    session.close();
    const second = await driver.open(stage.door.targetOf(target, byHand));
    expect(await second.confirm(byHand, { run: 'hand', applied: null })).toEqual({ confirmed: true });
    second.close();

    await stage.drift.lookAt([stage.id('rtr-c-01')]);
    await stage.drift.lookAt([stage.id('rtr-c-01')]);
    expect(stage.drifted).toHaveLength(1);
    const { drift } = await stage.reader.get(system, 'rtr-c-01');
    expect(drift.map(({ subject, kind }) => `${kind} ${subject}`).sort()).toEqual([
      'add /snmp/community',
      'set /ip/address',
    ]);
    expect(JSON.stringify(drift)).not.toContain(secret);
    // The same set again brings it back.
    const healed = await stage.until((await stage.rollouts.start(system, { versions, pauseS: 0 })).rollout.id);
    expect(statesOf(healed)).toEqual({ 'rtr-c-01': 'confirmed' });
  });
});
