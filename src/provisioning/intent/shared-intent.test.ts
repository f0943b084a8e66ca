import { accessOf } from '../../../tests/support/inventory.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { documentOf, lan, ProvisioningStage } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock } from '../../domain/clock.ts';
import { newId } from '../../domain/ids.ts';
import { throwIfFaulty } from '../../domain/intent.ts';
import { templateOwner } from '../../domain/template.ts';
import { IntentStore } from './intent-store.ts';
import { IntentTrial } from './intent-trial.ts';
import { SharedIntent } from './shared-intent.ts';
import { compose, partOf, type PartFragment } from './intent-parts.ts';
import { versionDifference } from './version-difference.ts';

const system = systemAccess('test');
const address = (key: string, net: number, order = 0): PartFragment => ({
  key,
  subject: '/ip/address',
  values: { address: `10.74.${net}.1/24`, interface: 'bridge' },
  secret: [],
  order,
});

describe('the parts of several owners', () => {
  it('are one document, whatever order they came in; `order` goes before owner', () => {
    const a = { ...partOf('a', documentOf()), fragments: [address('late', 1, 5), address('first', 2, -1)] };
    const b = partOf('b', documentOf(address('b1', 3), address('b0', 4)));
    const keys = ({ fragments }: { fragments: readonly { key: string }[] }) => fragments.map(({ key }) => key);
    expect(keys(compose('rtr', [a, b]))).toEqual(['first', 'b1', 'b0', 'late']);
    expect(compose('rtr', [b, a])).toEqual(compose('rtr', [a, b]));
    expect(compose('rtr', [a]).fragments[0]).not.toHaveProperty('order');
  });

  it('cannot hold one key twice, nor two drivers', () => {
    const a = partOf('a', documentOf(address('lan', 1)));
    const b = partOf('b', documentOf(address('lan', 1)));
    expect(() => compose('rtr', [a, b])).toThrow(/Both a and b say what the fragment lan of rtr is/);
    expect(() => compose('rtr', [a, { ...b, driver: 'cli', fragments: [] }])).toThrow(/a device has one/);
  });
});

describe('a device’s intent that several write', { timeout: 120_000 }, () => {
  let stage: ProvisioningStage;
  beforeAll(async () => {
    stage = await ProvisioningStage.open(76);
    await stage.runner.start();
  }, 120_000);
  afterAll(() => stage?.close());
  const router = 'rtr-c-01';
  const put = (managedBy: string, fragment: PartFragment, device = router) =>
    stage.shared.stageFragment(system, device, { driver: 'routeros', fragment }, { managedBy });
  const staged = async (device = router) => {
    const version = (await stage.reader.get(system, device)).staged?.version ?? '';
    return (await stage.reader.masked(system, device, version)).fragments.map(({ key }) => key);
  };
  afterEach(async () => {
    for (const device of [router, 'rtr-d-01']) await stage.intents.release(system, device);
  });

  it('hides, in what was found on the device, what any document of it has called secret', async () => {
    await put('stack one', { ...address('lan', 1), secret: ['address'] });
    const { values } = address('lan', 1);
    const found = [{ key: 'lan', subject: '/ip/address', values, secret: [] }];
    expect(await stage.reader.withNamedSecrets(stage.id(router), found)).toEqual([
      { ...found[0], secret: ['address'] },
    ]);
    expect(await stage.reader.withNamedSecrets(stage.id('rtr-d-01'), found)).toEqual(found);
    // A key that was made of the secret would tell it.
    const made = found.map((one) => ({ ...one, key: `ip-address.${one.values['address']?.replaceAll('/', '-') ?? ''}` })); // prettier-ignore
    expect(await stage.reader.withNamedSecrets(stage.id(router), made)).toMatchObject([{ key: 'ip-address.1' }]);
    expect(await stage.reader.withNamedSecrets(stage.id('rtr-d-01'), made)).toEqual(made);
  });

  it('compares a version with the one before it, however many came since', async () => {
    const device_id = stage.id(router);
    const kept = async (net: number) => (await stage.intents.stage(system, router, lan(net), { managedBy: 'stack' })).version; // prettier-ignore
    const [first, second] = [await kept(1), await kept(2)];
    const common = { device_id, driver: 'routeros', masked: '{}', sealed: Buffer.alloc(0), created_at: new Date(), created_by: 'x', managed_by: 'x' }; // prettier-ignore
    const later = Array.from({ length: 501 }, (_, i) => ({
      ...common,
      id: newId<never>() as string,
      version: `v${i}`,
    }));
    const { db } = stage.test.database;
    const parts = { reader: stage.reader, intents: stage.intents };
    await db.insertInto('intent_versions').values(later).execute();
    try {
      const found = await versionDifference(parts, system, { key: router, version: second, from: null });
      expect(found.from).toBe(first);
    } finally {
      await db.deleteFrom('intent_versions').where('created_by', '=', 'x').execute();
    }
  });

  it('tells a program what it has staged, but for what it could not stage again just so', async () => {
    const [one, other] = [stage.id(router), stage.id('rtr-d-01')];
    const { content } = await put('stack one', address('one', 1));
    await put('stack two', address('two', 2));
    await put('stacked', address('three', 3));
    const ofOther = await put('stack', address('four', 4), 'rtr-d-01');
    const known = await stage.shared.staged([one, other], 'stack');
    expect(known.get(one)?.map(({ managedBy }) => managedBy)).toEqual(['stack one', 'stack two']);
    expect(known.get(one)?.[0]).toEqual({ managedBy: 'stack one', content });
    expect(known.get(other)).toEqual([{ managedBy: 'stack', content: ofOther.content }]);

    // A later Arung knows more: that an address is secret, that one cannot be.
    const { inventory, vault: sealer, database } = stage.test;
    const { changes } = inventory;
    const later = async (knows: Pick<ConstructorParameters<typeof IntentStore>[0], 'check' | 'secretNames'>) => {
      const store = new IntentStore({ db: database.db, changes, sealer, clock: systemClock, ...knows });
      await store.start();
      return new SharedIntent({ db: database.db, changes, store }).staged([one, other], 'stack');
    };
    const hiding = await later({ check: () => {}, secretNames: () => ['address'] });
    expect([...hiding.values()]).toEqual([[], []]);
    const refusing = await later({
      check: ({ fragments }) =>
        throwIfFaulty(fragments.some(({ key }) => key === 'one') ? [{ code: 'x', message: 'x' }] : []),
    });
    expect(refusing.get(one)?.map(({ managedBy }) => managedBy)).toEqual(['stack two']);
    expect(refusing.get(other)).toHaveLength(1);
  });

  it('is staged again with many others at once, and not written where it is so already', async () => {
    const rows = async () => {
      const { db } = stage.test.database;
      return (await db.selectFrom('intent_parts').select('id').orderBy('id').execute()).map(({ id }) => id);
    };
    const one = await put('stack one', address('many', 41));
    const other = await put('stack one', address('many', 42), 'rtr-d-01');
    const before = await rows();
    const keys = ['rtr-d-01', router, stage.id(router)];
    const versions = [[router, one.version], ['rtr-d-01', other.version]] as const; // prettier-ignore
    expect([...(await stage.shared.refresh(system, keys))]).toEqual(versions);
    expect(await rows()).toEqual(before);
    await expect(stage.shared.refresh(system, [...keys, 'rtr-tidak-ada'])).rejects.toMatchObject({
      code: 'device.not-found',
      arguments: { key: 'rtr-tidak-ada' },
    });
    const elsewhere = accessOf('operator', '73.09');
    await expect(stage.shared.refresh(elsewhere, keys)).rejects.toMatchObject({ code: 'device.not-found' });
    await expect(stage.shared.refresh(system, ['rtr-a-01'])).rejects.toMatchObject({ code: 'intent.none' });
  });

  it('is what all say together; the way there makes no difference and is not kept', async () => {
    const before = (await stage.reader.versions(system, router)).length;
    await put('stack one', address('one', 1));
    await put('stack two', address('two', 2));
    const whole = await put('stack one', address('three', 3));
    expect(await staged()).toEqual(['one', 'three', 'two']);
    expect((await stage.reader.versions(system, router)).length).toBe(before + 1);
    await stage.intents.release(system, router);

    await put('stack two', address('two', 2));
    await put('stack one', address('one', 1));
    const again = await put('stack one', address('three', 3));
    expect(again).toEqual(whole);
    expect(await put('stack one', address('three', 3))).toEqual({ ...again, changed: false });
    // What is answered tells names alone: the rest holds secrets.
    expect(Object.keys(again).toSorted()).toEqual(['changed', 'content', 'version']);
  });

  it('keeps what others say when one writes a whole document, unless it takes over', async () => {
    await put('console', address('one', 1));
    await stage.intents.stage(system, router, lan(8), { managedBy: 'stack' });
    expect(await staged()).toEqual(['one', 'lan']);
    await stage.intents.stage(system, router, lan(8), { managedBy: 'stack', takeOver: true });
    expect(await staged()).toEqual(['lan']);
    expect((await stage.shared.parts(system, router)).map(({ managedBy }) => managedBy)).toEqual(['stack']);
  });

  it('refuses a key that another has, and changes nothing then', async () => {
    await put('stack', address('lan', 1));
    await expect(put('console', address('lan', 2))).rejects.toMatchObject({
      code: 'intent.key-taken',
      kind: 'conflict',
      arguments: { fragment: 'lan', owner: 'console', other: 'stack' },
    });
    // Two fragments that are the same entry of the device are found across owners, too.
    await expect(put('console', address('other', 1))).rejects.toMatchObject({ code: 'intent.invalid' });
    expect(await staged()).toEqual(['lan']);
  });

  it('tells of a try what staging gives, or refuses, and keeps nothing', async () => {
    const trial = new IntentTrial({ db: stage.test.database.db, store: stage.intents });
    const one = { driver: 'routeros', fragment: address('one', 1), managedBy: 'stack' };
    const tried = await trial.wouldStageFragment(system, router, one);
    expect(await stage.shared.parts(system, router)).toEqual([]);
    expect(await put('stack', address('one', 1))).toEqual(tried);
    expect(await trial.wouldStageFragment(system, router, one)).toEqual({ ...tried, changed: false });

    const beside = await trial.wouldStage(system, router, { document: lan(8), managedBy: 'console' });
    const alone = await trial.wouldStage(system, router, { document: lan(8), managedBy: 'console', takeOver: true });
    expect(await stage.intents.stage(system, router, lan(8), { managedBy: 'console' })).toEqual(beside);
    expect(await stage.intents.stage(system, router, lan(8), { managedBy: 'console', takeOver: true })).toEqual(alone);
    await expect(trial.wouldStageFragment(system, router, { ...one, fragment: address('lan', 2) })).rejects.toMatchObject({ code: 'intent.key-taken' }); // prettier-ignore
    await expect(trial.wouldStage(system, router, { document: lan(8), managedBy: templateOwner })).rejects.toMatchObject({ code: 'intent.owner-kept' }); // prettier-ignore
    await expect(trial.wouldStageFragment(accessOf('viewer', null), router, one)).rejects.toMatchObject({ code: 'device.not-found' }); // prettier-ignore
  });

  it('tells who tries nothing by which a secret could be guessed', async () => {
    const trial = new IntentTrial({ db: stage.test.database.db, store: stage.intents });
    const withSecret = (guess: string) => ({ ...address('rahasia', 3), values: { ...address('rahasia', 3).values, comment: guess }, secret: ['comment'] }); // prettier-ignore
    await put('stack', withSecret('benar'));
    const none = { version: null, changed: true, content: null };
    for (const guess of ['benar', 'salah']) {
      const fragment = withSecret(guess);
      expect(await trial.wouldStageFragment(system, router, { driver: 'routeros', fragment, managedBy: 'stack' })).toEqual(none); // prettier-ignore
    }
    // Beside another's secret, too.
    expect(await trial.wouldStage(system, router, { document: lan(8), managedBy: 'console' })).toEqual(none);
  });

  it('takes what was staged before there were parts as the part of who staged it', async () => {
    await stage.intents.stage(system, router, lan(9), { managedBy: 'before' });
    await stage.test.database.db.deleteFrom('intent_parts').execute();
    await put('stack', address('one', 1));
    expect((await stage.shared.parts(system, router)).map(({ managedBy }) => managedBy)).toEqual(['before', 'stack']);
    expect(await staged()).toEqual(['lan', 'one']);
  });

  it('shows no secret, also one that nobody called so', async () => {
    const user = { key: 'u', subject: '/user', values: { name: 'ani', group: 'read', password: 'kata-sandi-ani' } };
    await put('stack', { ...user, secret: [], order: 0 });
    const parts = await stage.shared.parts(system, router);
    expect(parts[0]?.fragments[0]).toMatchObject({ values: { name: 'ani', group: 'read' }, secret: ['password'] });
    const { staged: now } = await stage.reader.get(system, router);
    const seen = await stage.reader.masked(system, router, now?.version ?? '');
    expect(JSON.stringify([parts, seen])).not.toContain('kata-sandi-ani');
    const other = await put('stack', { ...user, values: { ...user.values, password: 'lain' }, secret: [], order: 0 });
    expect(other.changed).toBe(true);
    expect(other.content).not.toBe(parts[0]?.content);
  });

  it('is released when nobody says anything of it any more', async () => {
    await put('stack', address('one', 1));
    await put('stack', address('two', 2));
    await stage.shared.withdraw(system, router, { managedBy: 'stack', fragment: 'two' });
    await stage.shared.withdraw(system, router, { managedBy: 'stack', fragment: 'absent' });
    await stage.shared.withdraw(system, router, { managedBy: 'nobody' });
    expect(await staged()).toEqual(['one']);
    await stage.shared.withdraw(system, router, { managedBy: 'stack', fragment: 'one' });
    expect((await stage.reader.get(system, router)).staged).toBeNull();
    await stage.shared.withdraw(system, router, { managedBy: 'stack', fragment: 'one' });
  });

  it('is settled for a rollout of exactly what was staged; what is withdrawn leaves its device', async () => {
    const one = await put('stack one', address('one', 31));
    const two = await put('stack two', address('two', 32));
    const other = await put('stack other', address('other', 33), 'rtr-d-01');
    const named = [
      { device: router, managedBy: 'stack one', content: one.content },
      { device: router, managedBy: 'stack two', content: two.content },
      { device: 'rtr-d-01', managedBy: 'stack other', content: other.content },
    ];
    const versions = await stage.shared.settle(system, { parts: named, withdrawn: [] });
    expect(Object.fromEntries(versions)).toEqual({ [router]: two.version, 'rtr-d-01': other.version });
    const first = await stage.rollouts.start(system, { versions: Object.fromEntries(versions), pauseS: 0 });
    expect(await stage.until(first.rollout.id)).toMatchObject({ state: 'done', reason: null });
    const addresses = async (device: string) =>
      (await stage.door.found(stage.id(device), 'routeros', '/ip/address')).map(({ values }) => values['address']);
    expect(await addresses(router)).toEqual(expect.arrayContaining(['10.74.31.1/24', '10.74.32.1/24']));

    // What a run of the same program that was cut off has left beside is not rolled; what others say is.
    await put('stack left', address('left', 35));
    await put('console', address('hand', 36));
    await stage.shared.settle(system, { parts: named, withdrawn: [], program: 'stack' });
    expect(await staged()).toEqual(['hand', 'one', 'two']);
    await put('stack one', address('one', 34));
    await expect(stage.shared.settle(system, { parts: named, withdrawn: [] })).rejects.toMatchObject({
      code: 'intent.staged-since',
      arguments: { name: router, owner: 'stack one' },
    });
    const fewer = await stage.shared.settle(system, {
      parts: named.slice(1, 2),
      withdrawn: [
        { device: router, managedBy: 'stack one' },
        { device: 'rtr-d-01', managedBy: 'stack other' },
        { device: 'rtr-gone', managedBy: 'stack other' },
      ],
    });
    const second = await stage.rollouts.start(system, { versions: Object.fromEntries(fewer), pauseS: 0 });
    expect(await stage.until(second.rollout.id)).toMatchObject({ state: 'done', reason: null });
    expect(await addresses(router)).toContain('10.74.32.1/24');
    expect(await addresses(router)).not.toContain('10.74.31.1/24');
    expect(await addresses('rtr-d-01')).not.toContain('10.74.33.1/24');
    // The rest is the release that follows: nothing is said of it any more.
    await stage.shared.withdraw(system, 'rtr-d-01', { managedBy: 'stack other' });
    expect((await stage.reader.get(system, 'rtr-d-01')).staged).toBeNull();
  });
});
