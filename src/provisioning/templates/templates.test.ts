import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf } from '../../../tests/support/inventory.ts';
import { documentOf, ProvisioningStage } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock as clock } from '../../domain/clock.ts';
import type { PlaceScope } from '../../domain/place.ts';
import { sourcedFragments } from '../intent/fragment-sources.ts';
import { VariableBook } from '../variables/variable-book.ts';
import type { TemplateFragment } from './template-rows.ts';

const system = systemAccess('test');
const secret = 'kenari-templat-77';
const fragment = (key: string, subject: string, values: Record<string, string>): TemplateFragment => ({
  key,
  subject,
  values,
  secret: [],
  order: 0,
});
const address = (key: string, net: number) =>
  fragment(key, '/ip/address', { address: `10.77.${net}.1/24`, interface: 'bridge' });

describe('templates', { timeout: 120_000 }, () => {
  let stage: ProvisioningStage;
  const put = (name: string, places: [PlaceScope, string][], fragments: TemplateFragment[], driver = 'routeros') =>
    stage.templateBook.put(
      system,
      { name, note: '', driver, fragments, places: places.map(([scope, key]) => ({ scope, key })) },
      'uji',
    );
  const staged = async (device: string) => {
    const { staged: now } = await stage.reader.get(system, device);
    if (now === null) throw new Error('not staged');
    const { fragments } = await stage.intents.open(stage.id(device), now.version);
    return Object.fromEntries(fragments.map(({ key, values }) => [key, values]));
  };
  const stale = async (...devices: string[]) => {
    const found = await stage.templates.stale(devices.map((name) => stage.id(name)));
    return devices.map((name) => found.get(stage.id(name)) ?? []);
  };
  const rollOut = async (...devices: string[]) => {
    const versions = Object.fromEntries(await stage.shared.refresh(system, devices));
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0 });
    expect(await stage.until(rollout.id)).toMatchObject({ state: 'done', reason: null });
  };
  const addresses = (device: string) => stage.hands.rows(device, '/ip/address').map((row) => row['address']);
  const preview = (change: Parameters<ProvisioningStage['templatePreview']['devices']>[1], access = system) =>
    stage.templatePreview.devices(access, change);

  beforeAll(async () => {
    stage = await ProvisioningStage.open(133, { managesAll: true });
    await stage.runner.start();
  }, 120_000);
  afterAll(() => stage?.close());

  it('reach the devices of their place that their driver opens, by a rollout', async () => {
    await put('dasar', [['group', 'role:router']], [address('umum', 1), address('lan', 2)]);
    const [first] = await preview({ kind: 'none', key: 'dasar' });
    expect(first).toMatchObject({ device: 'rtr-a-01', state: 'unmanaged', added: ['umum', 'lan'], from: { level: 'role' } }); // prettier-ignore
    const routers = ['rtr-a-01', 'rtr-b-01', 'rtr-c-01', 'rtr-d-01', 'rtr-dc-01'];
    expect((await preview({ kind: 'none', key: 'dasar' })).map(({ device }) => device)).toEqual(routers);
    await rollOut('rtr-c-01', 'rtr-d-01');
    expect(addresses('rtr-c-01')).toEqual(expect.arrayContaining(['10.77.1.1/24', '10.77.2.1/24']));
    const after = await preview({ kind: 'none', key: 'dasar' });
    expect(after.map(({ state }) => state)).toEqual(['unmanaged', 'unmanaged', 'right', 'right', 'unmanaged']);
    expect(await stale('rtr-c-01', 'rtr-d-01', 'rtr-a-01')).toEqual([[], [], []]);
    await expect(stage.shared.refresh(system, ['sw-a-01'])).rejects.toMatchObject({ code: 'intent.none' });
  });

  it('give way to what is nearer, and tell what they hide and what hides them', async () => {
    await put('situs-c', [['site', 'c']], [address('lan', 3)]);
    expect(await stale('rtr-c-01', 'rtr-d-01')).toEqual([['dasar', 'situs-c'], []]);
    await stage.shared.refresh(system, ['rtr-c-01']);
    expect(await staged('rtr-c-01')).toMatchObject({ umum: {}, lan: { address: '10.77.3.1/24' } });
    expect(await stale('rtr-c-01')).toEqual([[]]);
    // A person's or program's own word is nearer than any template, and no conflict.
    const own = await stage.intents.stage(system, 'rtr-c-01', documentOf(address('umum', 4)), {
      managedBy: 'pulumi x',
    });
    expect(own.changed).toBe(true);
    expect(await staged('rtr-c-01')).toMatchObject({
      umum: { address: '10.77.4.1/24' },
      lan: { address: '10.77.3.1/24' },
    });
    const { fragments } = await sourcedFragments({ reader: stage.reader, shared: stage.shared }, system, 'rtr-c-01');
    expect(fragments.map(({ key, owner, template, hides }) => [key, owner, template?.template ?? null, hides.map((one) => one.template)])).toEqual([
      ['lan', null, 'situs-c', ['dasar']],
      ['umum', 'pulumi x', null, ['dasar']],
    ]); // prettier-ignore
    const c = (await preview({ kind: 'none', key: 'dasar' })).find(({ device }) => device === 'rtr-c-01');
    expect(c?.hidden).toMatchObject([
      { key: 'lan', owner: null, by: { template: 'situs-c', place: { level: 'site' } } },
      { key: 'umum', owner: 'pulumi x', by: null },
    ]);
    // What is hidden may change without anybody being the wiser.
    await put('dasar', [['group', 'role:router']], [address('umum', 9), address('lan', 2)]);
    expect(await stale('rtr-c-01', 'rtr-d-01')).toEqual([[], ['dasar']]);
    await put('dasar', [['group', 'role:router']], [address('umum', 1), address('lan', 2)]);
    expect(await stale('rtr-d-01')).toEqual([[]]);
    // Taken back, the template's own counts again.
    await stage.shared.withdraw(system, 'rtr-c-01', { managedBy: 'pulumi x' });
    expect(await staged('rtr-c-01')).toMatchObject({ umum: { address: '10.77.1.1/24' } });
  });

  it('are previewed before they change: who would get what, and who could not', async () => {
    const draft = {
      name: 'dasar',
      note: '',
      driver: 'routeros',
      places: [{ scope: 'group' as const, key: 'role:router' }],
      fragments: [address('umum', 5), fragment('jam', '/system/ntp/client', { enabled: 'yes', servers: '{{variable:ntp-77}}' })], // prettier-ignore
    };
    const refused = await preview({ kind: 'put', draft });
    expect(refused.find(({ device }) => device === 'rtr-d-01')).toMatchObject({ state: 'refused', error: { code: 'variable.missing', arguments: { fragment: 'jam', property: 'servers' } } }); // prettier-ignore
    const { db } = stage.test.database;
    const variables = new VariableBook({ db, changes: stage.test.inventory.changes, sealer: stage.test.vault, clock });
    await variables.put(
      system,
      { name: 'ntp-77', scope: 'site', key: 'd', value: '10.73.0.9', secret: false },
      undefined,
    );
    const would = await preview({ kind: 'put', draft });
    expect(would.find(({ device }) => device === 'rtr-d-01')).toMatchObject({
      state: 'stale',
      added: ['jam'],
      changed: ['umum'],
      removed: ['lan'],
    });
    // Nothing was kept by it.
    expect(await stale('rtr-d-01')).toEqual([[]]);
    expect((await stage.templateBook.get(system, 'dasar')).fragments.map(({ key }) => key)).toEqual(['umum', 'lan']);
    const gone = await preview({ kind: 'remove', key: 'dasar' });
    expect(gone.find(({ device }) => device === 'rtr-d-01')).toMatchObject({ state: 'stale', removed: ['umum', 'lan'], from: null }); // prettier-ignore
  });

  it('take their fragments back from a device that leaves the group, and when they go away', async () => {
    const { db } = stage.test.database;
    const tag = (tags: string[]) => db.updateTable('devices').set({ tags }).where('name', '=', 'rtr-d-01').execute();
    await tag(['tamu']);
    await put('tamu', [['group', 'tamu']], [address('tamu', 6)]);
    await rollOut('rtr-d-01');
    expect(addresses('rtr-d-01')).toContain('10.77.6.1/24');
    await tag([]);
    expect(await stale('rtr-d-01')).toEqual([['tamu']]);
    expect(await preview({ kind: 'none', key: 'tamu' })).toMatchObject([{ device: 'rtr-d-01', from: null, removed: ['tamu'] }]); // prettier-ignore
    await rollOut('rtr-d-01');
    expect(addresses('rtr-d-01')).not.toContain('10.77.6.1/24');
    await stage.templateBook.remove(system, 'tamu', undefined);
    await stage.templateBook.remove(system, 'dasar', undefined);
    expect(await stale('rtr-d-01')).toEqual([['dasar']]);
    // Nobody says anything of it any more: an empty document takes the rest from it, and it may be released.
    await rollOut('rtr-d-01');
    expect(await staged('rtr-d-01')).toEqual({});
    expect(addresses('rtr-d-01')).not.toContain('10.77.1.1/24');
    expect(await stale('rtr-d-01')).toEqual([[]]);
    await stage.intents.release(system, 'rtr-d-01');
    await expect(stage.shared.refresh(system, ['rtr-d-01'])).rejects.toMatchObject({ code: 'intent.none' });
  });

  it('stay on a device whose program goes, and go before it is released when nothing holds any more', async () => {
    await put('tetap', [['device', 'rtr-a-01']], [address('tetap', 8)]);
    await stage.intents.stage(system, 'rtr-a-01', documentOf(address('own', 7)), { managedBy: 'pulumi y' });
    await stage.shared.withdraw(system, 'rtr-a-01', { managedBy: 'pulumi y' });
    expect(Object.keys(await staged('rtr-a-01'))).toEqual(['tetap']);
    await stage.intents.stage(system, 'rtr-a-01', documentOf(address('own', 7)), { managedBy: 'pulumi y' });
    await stage.templateBook.remove(system, 'tetap', undefined);
    await stage.shared.withdraw(system, 'rtr-a-01', { managedBy: 'pulumi y' });
    // Still managed, so that a rollout takes the template's fragment from it.
    expect(await staged('rtr-a-01')).toEqual({});
    await stage.intents.release(system, 'rtr-a-01');
  });

  it('are checked when they are written, but for what a variable will be', async () => {
    const faults = put('salah', [], [
      fragment('a', '/ip/address', { address: '{{variable:a}}', interface: 'bridge' }),
      fragment('b', '/ip/address', { address: '{{variable:b}}', interface: 'bridge', disabled: '7?' }),
      fragment('c', '/ip/address', { interface: '{{variable:a}}' }),
    ]); // prettier-ignore
    await expect(faults).rejects.toMatchObject({
      code: 'intent.invalid',
      details: [
        { code: 'intent.value-kind', field: '/fragments/1/values/disabled' },
        { code: 'intent.property-needed', field: '/fragments/2/values/address' },
      ],
    });
    await expect(put('salah', [], [address('a', 1)], 'telnet')).rejects.toMatchObject({ code: 'driver.unknown' });
    await expect(put('salah', [['group', 'role:kulkas']], [address('a', 1)])).rejects.toMatchObject({ code: 'template.no-place' }); // prettier-ignore
    const asThem = stage.intents.stage(system, 'rtr-b-01', documentOf(), { managedBy: 'arung:templates' });
    await expect(asThem).rejects.toMatchObject({ code: 'intent.owner-kept' });
  });

  it('keep their secrets sealed, also when they are written again without them', async () => {
    const user = (values: Record<string, string>) => fragment('u', '/user', { name: 'ani', group: 'read', ...values });
    await put('sandi', [['device', 'rtr-b-01']], [user({ password: secret })]);
    await stage.shared.refresh(system, ['rtr-b-01']);
    const { db } = stage.test.database;
    const everything = async () => [
      await db.selectFrom('templates').selectAll().execute(),
      await db.selectFrom('device_templates').selectAll().execute(),
      await db.selectFrom('audit_log').selectAll().execute(),
      await stage.templateBook.list(system),
      await stage.shared.parts(system, 'rtr-b-01'),
      await preview({ kind: 'none', key: 'sandi' }),
      await sourcedFragments({ reader: stage.reader, shared: stage.shared }, system, 'rtr-b-01'),
    ];
    const [rows = []] = await everything();
    expect(JSON.stringify(await everything())).not.toContain(secret);
    expect((rows as { sealed: Buffer }[]).map(({ sealed }) => sealed.toString('latin1')).join()).not.toContain(secret);
    const seen = await stage.templateBook.get(system, 'sandi');
    expect(seen.fragments).toMatchObject([{ values: { name: 'ani', group: 'read' }, secret: ['password'] }]);
    // As a person has read it, with one word changed.
    await put('sandi', [['device', 'rtr-b-01']], [{ ...user({ group: 'full' }), secret: ['password'] }]);
    await stage.shared.refresh(system, ['rtr-b-01']);
    expect(await staged('rtr-b-01')).toMatchObject({ u: { group: 'full', password: secret } });
    // A secret does not move into something else that could be read.
    const moved = { ...fragment('u', '/system/note', { note: 'x' }), secret: ['password'] };
    await expect(put('sandi', [['device', 'rtr-b-01']], [moved])).rejects.toMatchObject({ details: [{ code: 'intent.secret-absent' }] }); // prettier-ignore
    // A variable tells nothing of what it holds, so that it is seen.
    await put('sandi', [['device', 'rtr-b-01']], [user({ password: '{{variable:sandi-77}}' })]);
    expect((await stage.templateBook.get(system, 'sandi')).fragments[0]?.values).toMatchObject({ password: '{{variable:sandi-77}}' }); // prettier-ignore
    await stage.templateBook.remove(system, 'sandi', undefined);
  });

  it('are changed by those whom all of their places concern, and hidden from those whom none does', async () => {
    const mine = accessOf('operator', '73.08');
    const other = accessOf('operator', '73.09');
    const draft = { name: 'bone', note: '', driver: 'routeros', fragments: [address('bone', 10)] };
    const at = (...places: { scope: PlaceScope; key: string }[]) => ({ ...draft, places });
    for (const places of [[], [{ scope: 'network', key: '' }], [{ scope: 'region', key: '73' }]] as const) {
      const refused = stage.templateBook.put(mine, at(...places), undefined);
      await expect(refused).rejects.toMatchObject({ code: 'template.outside-regions' });
    }
    await stage.templateBook.put(mine, at({ scope: 'region', key: '73.08' }), undefined);
    expect((await stage.templateBook.list(other)).map(({ name }) => name)).not.toContain('bone');
    await expect(stage.templateBook.get(other, 'bone')).rejects.toMatchObject({ code: 'template.not-found' });
    await expect(preview({ kind: 'none', key: 'bone' }, other)).rejects.toMatchObject({ code: 'template.not-found' });
    await expect(preview({ kind: 'put', draft: at() }, mine)).rejects.toMatchObject({
      code: 'template.outside-regions',
    });
    // As soon as it holds elsewhere, too, it is not theirs alone.
    await stage.templateBook.put(
      system,
      at({ scope: 'region', key: '73.08' }, { scope: 'network', key: '' }),
      undefined,
    );
    await expect(stage.templateBook.remove(mine, 'bone', undefined)).rejects.toMatchObject({ code: 'template.outside-regions' }); // prettier-ignore
    expect((await stage.templateBook.get(other, 'bone')).places).toMatchObject([{ level: 'network' }]);
    expect(await stage.templateBook.get(other, 'bone')).toMatchObject({ placesElsewhere: 1 });
    await stage.templateBook.remove(system, 'bone', undefined);
    const log = await stage.test.database.db.selectFrom('audit_log').select(['action', 'entity_kind']).where('entity_name', '=', 'bone').orderBy('seq').execute(); // prettier-ignore
    expect(log.map(({ action }) => action)).toEqual(['create', 'update', 'remove']);
  });
});
