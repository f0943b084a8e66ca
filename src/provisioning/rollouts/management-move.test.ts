import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentOf, ProvisioningStage, statesOf } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import type { IntentDocument } from '../../domain/intent.ts';

const system = systemAccess('test');
const net = 78;

/** The first address of a device of the small network, and others that it may be given. */
const router = { name: 'rtr-c-01', on: 'bridge' } as const;

const management = (address: string, bits = 24): IntentDocument =>
  documentOf({
    key: 'mgmt',
    subject: '/ip/address',
    values: { address: `${address}/${bits}`, interface: router.on },
  });

describe('the address at which a device is managed', { timeout: 180_000 }, () => {
  let stage: ProvisioningStage;
  beforeAll(async () => {
    stage = await ProvisioningStage.open(net, { managesAll: true, isDriven: true, commandTimeoutMs: 2_000 });
  }, 120_000);
  afterAll(() => stage?.close());
  beforeEach(async () => {
    stage.runner = stage.newRunner();
    await stage.runner.start();
  });
  afterEach(() => stage.runner.stop());

  const known = async (device: string) =>
    (await stage.test.inventory.managementTargets.of([stage.id(device)])).get(stage.id(device))?.address ?? '';
  const standing = () => stage.hands.rows(router.name, '/ip/address').map((row) => row['address']);
  const rollOut = async (documents: Record<string, IntentDocument>, more: object = {}) => {
    const versions = await stage.stage(documents);
    return (await stage.rollouts.start(system, { versions, pauseS: 0, rollbackS: 30, ...more })).rollout.id;
  };

  it('moves with the fragment that gives it: the new one stands beside the old until it has answered', async () => {
    const first = await known(router.name);
    expect(await stage.until(await rollOut({ [router.name]: management(first) }))).toMatchObject({ state: 'done' });
    const id = await rollOut({ [router.name]: management('127.78.100.1') });
    const done = await stage.until(id);
    expect(done).toMatchObject({ state: 'done', reason: null, phases: ['add', 'remove'] });
    expect(done.devices).toMatchObject([{ state: 'confirmed', managementAddress: '127.78.100.1' }]);
    expect(await known(router.name)).toBe('127.78.100.1');
    expect(standing()).toContain('127.78.100.1/24');
    expect(standing()).not.toContain(`${first}/24`);
    // What was confirmed is looked at there, and the log says who moved it.
    await stage.drift.lookAt([stage.id(router.name)]);
    expect(await stage.reader.get(system, router.name)).toMatchObject({ drift: [], lookError: null });
    const log = await stage.test.database.db
      .selectFrom('audit_log')
      .select(['after', 'actor_name'])
      .where('entity_kind', '=', 'device')
      .where('entity_name', '=', router.name)
      .orderBy('seq', 'desc')
      .executeTakeFirst();
    expect(log).toMatchObject({ after: { address: '127.78.100.1' }, actor_name: `rollout ${done.number}` });
  });

  it('moves at once where both cannot stand, as in one network', async () => {
    const done = await stage.until(await rollOut({ [router.name]: management('127.78.100.2') }));
    expect(done).toMatchObject({ state: 'done', reason: null, phases: [] });
    expect(await known(router.name)).toBe('127.78.100.2');
    expect(standing()).toContain('127.78.100.2/24');
  });

  it('stays where it was when nobody answers at the new one', async () => {
    // On an interface that leads nowhere.
    const wrong = documentOf({ key: 'mgmt', subject: '/ip/address', values: { address: '127.78.101.1/24', interface: 'ether99' } }); // prettier-ignore
    const refused = await stage.until(await rollOut({ [router.name]: wrong }));
    expect(refused).toMatchObject({ state: 'stopped' });
    expect(await known(router.name)).toBe('127.78.100.2');
    // The router takes what its document says, and does not answer where it was said to be.
    stage.hurried.add(router.name);
    const elsewhere = await stage.until(await rollOut({ [router.name]: management('127.78.102.1') }, { managementAddresses: { [router.name]: '127.78.103.1' } })); // prettier-ignore
    stage.hurried.delete(router.name);
    expect(elsewhere.state).toBe('stopped');
    expect(statesOf(elsewhere)).toEqual({ [router.name]: 'reverted' });
    expect(await known(router.name)).toBe('127.78.100.2');
    expect(standing()).toContain('127.78.100.2/24');
  });

  it('is one that no other device has', async () => {
    const other = await known('rtr-d-01');
    const stopped = await stage.until(await rollOut({ [router.name]: management(other) }));
    expect(stopped).toMatchObject({ state: 'stopped', reason: { code: 'management.address-taken', arguments: { holder: 'rtr-d-01' } } }); // prettier-ignore
    expect(await known(router.name)).toBe('127.78.100.2');
  });

  it('is not given to two by one rollout: the one that has it is named', async () => {
    const documents = { [router.name]: management('127.78.105.1'), 'rtr-d-01': management('127.78.106.1') };
    const same = { managementAddresses: { [router.name]: '127.78.107.1', 'rtr-d-01': '127.78.107.1' } };
    const stopped = await stage.until(await rollOut(documents, same));
    const named = { holder: expect.stringMatching(/^rtr-[cd]-01$/) as string };
    expect(stopped).toMatchObject({ state: 'stopped', reason: { code: 'management.address-taken', arguments: named } });
    expect(await known(router.name)).toBe('127.78.100.2');
  });

  it('is nowhere that devices may not be: its credential is not sent there', async () => {
    const elsewhere = { managementAddresses: { [router.name]: '192.0.2.66' } };
    const stopped = await stage.until(await rollOut({ [router.name]: management('127.78.104.1') }, elsewhere));
    expect(stopped).toMatchObject({ state: 'stopped', reason: { code: 'management.address-outside' } });
    expect(await known(router.name)).toBe('127.78.100.2');
    expect(standing()).toContain('127.78.100.2/24');
  });

  it('is where the device answers wherever the controller was killed, and the next rollout brings it there or back', async () => {
    const kills = [0, 1].flatMap((phase) => (['arming', 'applying', 'confirming'] as const).map((state) => ({ phase, state }))); // prettier-ignore
    for (const [at, kill] of kills.entries()) {
      const before = await known(router.name);
      const address = `127.78.${110 + at}.1`;
      const id = await rollOut({ [router.name]: management(address) });
      await stage.until(
        id,
        ({ state, phase, devices }) =>
          state === 'done' || (phase === kill.phase && devices.some((one) => one.state === kill.state)),
      );
      await stage.runner.stop();
      stage.runner = stage.newRunner();
      await stage.runner.start();
      const { state, phase } = await stage.until(id);
      // Whoever comes back too late finds it gone back: to where it was, or to where both stand.
      const now = state === 'done' || phase === 1 ? address : before;
      expect({ kill, known: await known(router.name) }).toEqual({ kill, known: now });
      expect(standing()).toContain(`${now}/24`);
      for (const next of at % 2 === 0 ? [address] : [before, address]) {
        const there = await stage.until(await rollOut({ [router.name]: management(next) }));
        expect({ kill, ...there }).toMatchObject({ kill, state: 'done', reason: null });
        expect(await known(router.name)).toBe(next);
        expect(standing().filter((one) => one?.startsWith('127.') === true)).toEqual([`${next}/24`]);
      }
    }
  });

  it('is kept when the device was moved already and nobody wrote it down', async () => {
    const now = await known(router.name);
    const id = stage.hands.idOf(router.name, '/ip/address', { address: `${now}/24` });
    stage.hands.byHand(router.name, '/ip/address/set', { '.id': id, address: '127.78.120.1/24' });
    const done = await stage.until(await rollOut({ [router.name]: management('127.78.120.1') }));
    expect(done).toMatchObject({ state: 'done', reason: null });
    expect(await known(router.name)).toBe('127.78.120.1');
  });

  it('moves on a switch, over its command line', async () => {
    const name = 'sw-a-01';
    const device = stage.backbone.simulator.switches.device(name);
    const subject = [...(device?.running.sections ?? [])].find(([, entries]) => entries.get('ip address') !== undefined)?.[0] ?? ''; // prettier-ignore
    const at = (address: string): IntentDocument => ({
      driver: 'cli',
      fragments: [{ key: 'mgmt', subject, values: { 'ip.address': `${address} 255.255.255.0` }, secret: [] }],
    });
    expect(await stage.until(await rollOut({ [name]: at(await known(name)) }))).toMatchObject({ state: 'done' });
    const moved = await stage.until(await rollOut({ [name]: at('127.78.130.1') }));
    expect(moved).toMatchObject({ state: 'done', reason: null, phases: [] });
    expect(await known(name)).toBe('127.78.130.1');
    await stage.drift.lookAt([stage.id(name)]);
    expect(await stage.reader.get(system, name)).toMatchObject({ drift: [], lookError: null });
  });
});
