import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf, createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';
import { ArungError } from '../../domain/errors.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock as clock } from '../../domain/clock.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { PlaceScope } from '../../domain/place.ts';
import { IntentReader } from '../intent/intent-reader.ts';
import { SharedIntent } from '../intent/shared-intent.ts';
import { IntentStore } from '../intent/intent-store.ts';
import { VariableBook } from './variable-book.ts';
import { fileOfVariables, linesOfFile } from './variable-files.ts';
import { VariableResolver } from './variable-resolver.ts';

const system = systemAccess('test');
const secret = 'sandi-kec-kahu';

describe('variables', { timeout: 60_000 }, () => {
  let test: TestInventory;
  let book: VariableBook;
  let resolver: VariableResolver;
  let intents: IntentStore;
  const put = (name: string, scope: PlaceScope, key: string, value: string, isSecret = false) =>
    book.put(system, { name, scope, key, value, secret: isSecret }, 'uji');
  const valueFor = async (device: string, name: string) =>
    (await resolver.resolved(system, { device })).find((one) => one.name === name);
  const idOf = (name: string): DeviceId => {
    for (const device of test.inventory.topology.current().devices.values()) if (device.name === name) return device.id;
    throw new Error(`no device ${name}`);
  };
  const stage = (device: string, values: Record<string, string>) =>
    intents.stage(
      system,
      device,
      { driver: 'routeros', fragments: [{ key: 'satu', subject: '/system/note', values, secret: [] }] },
      { managedBy: 'uji' },
    );

  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
    const { inventory, database, vault } = test;
    const site = (code: string, region: string, tags: string[]) => ({
      code,
      name: code,
      kind: 'district',
      network: 'smart-city',
      region,
      rolloutStatus: 'active',
      tags,
    });
    const text = JSON.stringify({
      format: 'arung-inventory/1',
      sites: [site('kec-kahu', '73.08.02', ['radio']), site('desa-kahu', '73.08.02.2002', [])],
      devices: [
        { name: 'rtr-kahu', site: 'kec-kahu', role: 'router', address: '10.9.0.1', protocol: 'snmp', tags: ['hub'] },
        { name: 'sw-desa', site: 'desa-kahu', role: 'switch', address: '10.9.0.2', protocol: 'snmp' },
      ].map((one) => ({ ...one, protocol: 'none' })),
    });
    const plan = await inventory.importer.apply(system, { format: 'json', text });
    expect(plan.errors).toEqual([]);
    await inventory.topology.refresh();
    const { db } = database;
    book = new VariableBook({ db, changes: inventory.changes, sealer: vault, clock });
    resolver = new VariableResolver({ db, sealer: vault, nameOf: (text_) => intents.nameOf(text_) });
    intents = new IntentStore({
      db,
      changes: inventory.changes,
      sealer: vault,
      check: () => undefined,
      variables: resolver,
      clock,
    });
    await intents.start();
  }, 60_000);
  afterAll(() => test?.close());

  it('have the value of the nearest place that says one, and tell what it hides', async () => {
    const places: [PlaceScope, string][] = [
      ['network', ''],
      ['group', 'role:router'],
      ['group', 'radio'],
      ['group', 'hub'],
      ['region', '73'],
      ['region', '73.08'],
      ['region', '73.08.02'],
      ['site', 'kec-kahu'],
      ['device', 'rtr-kahu'],
    ];
    for (const [scope, key] of places) {
      await put('ntp', scope, key, `di ${scope} ${key}`);
      expect(await valueFor('rtr-kahu', 'ntp')).toMatchObject({ value: `di ${scope === 'group' && key === 'radio' ? 'group radio' : `${scope} ${key}`}`, from: { scope, key } }); // prettier-ignore
    }
    const found = await valueFor('rtr-kahu', 'ntp');
    expect(found?.hides.map(({ level }) => level)).toEqual(['site', 'district', 'regency', 'province', 'tag', 'tag', 'role', 'network']); // prettier-ignore
    // A village hides its district; another's site and role do not count.
    expect(await valueFor('sw-desa', 'ntp')).toMatchObject({
      value: 'di region 73.08.02',
      from: { level: 'district' },
    });
    await put('ntp', 'region', '73.08.02.2002', 'di desa');
    expect(await valueFor('sw-desa', 'ntp')).toMatchObject({ value: 'di desa', from: { level: 'village' } });
    const atSite = await resolver.resolved(system, { site: 'kec-kahu' });
    expect(atSite).toMatchObject([{ name: 'ntp', value: 'di site kec-kahu' }]);
  });

  it('keep a secret to themselves', async () => {
    await put('sandi', 'region', '73.08.02', secret, true);
    expect(await valueFor('rtr-kahu', 'sandi')).toMatchObject({ value: null, secret: true });
    const list = await book.list(system, { q: 'sandi' });
    expect(list.items).toMatchObject([{ name: 'sandi', value: null, secret: true }]);
    const { db } = test.database;
    const rows = await db.selectFrom('variables').selectAll().execute();
    const log = await db.selectFrom('audit_log').selectAll().execute();
    expect(JSON.stringify([rows, log])).not.toContain(secret);
    expect(rows.map(({ sealed }) => sealed?.toString('latin1') ?? '').join()).not.toContain(secret);
    expect(log.filter(({ entity_kind: kind }) => kind === 'variable').length).toBeGreaterThan(5);
  });

  it('fill what an intent asks for, and make secret what is filled with a secret', async () => {
    const { version } = await stage('rtr-kahu', { note: 'ntp={{variable:ntp}}', sandi: '{{variable:sandi}}' });
    const document = await intents.open(idOf('rtr-kahu'), version);
    expect(document.fragments).toEqual([
      {
        key: 'satu',
        subject: '/system/note',
        values: { note: 'ntp=di device rtr-kahu', sandi: secret },
        secret: ['sandi'],
      },
    ]);
    const masked = await new IntentReader({ db: test.database.db }).masked(system, 'rtr-kahu', version);
    expect(JSON.stringify(masked)).not.toContain(secret);
  });

  it('that are missing are told with the place that asks for them', async () => {
    const failing = stage('sw-desa', { note: '{{variable:tidak-ada}} {{variable:ntp}}' });
    await expect(failing).rejects.toMatchObject({
      code: 'variable.missing',
      arguments: { device: 'sw-desa', name: 'tidak-ada', fragment: 'satu', property: 'note' },
      details: [{ field: '/fragments/0/values/note' }],
    });
  });

  it('that changed make stale what was filled with them, and nothing else', async () => {
    await stage('sw-desa', { note: '{{variable:ntp}}' });
    const ids = [idOf('rtr-kahu'), idOf('sw-desa')];
    expect(await resolver.stale(ids)).toEqual(new Map());
    await put('ntp', 'region', '73.08.02.2002', 'lain');
    expect(await resolver.stale(ids)).toEqual(new Map([[idOf('sw-desa'), ['ntp']]]));
    // Staged again with what holds now, by whoever said it: another version, and stale no more.
    const shared = new SharedIntent({ db: test.database.db, changes: test.inventory.changes, store: intents });
    const versions = await shared.refresh(system, ['sw-desa']);
    const document = await intents.open(idOf('sw-desa'), versions.get('sw-desa') ?? '');
    expect(document.fragments[0]?.values).toEqual({ note: 'lain' });
    expect(await resolver.stale(ids)).toEqual(new Map());
    await expect(shared.refresh(accessOf('operator', '73.09'), ['sw-desa'])).rejects.toMatchObject({ code: 'device.not-found' }); // prettier-ignore
    await put('sandi', 'region', '73.08.02', 'sandi-baru', true);
    expect((await resolver.stale(ids)).get(idOf('rtr-kahu'))).toEqual(['sandi']);
    await put('sandi', 'region', '73.08.02', secret, true);
    expect((await resolver.stale(ids)).get(idOf('rtr-kahu'))).toBeUndefined();
  });

  it('are changed by whom they concern alone, and hidden from those whom they do not', async () => {
    const kahu = accessOf('operator', '73.08.02');
    const draft = { name: 'vlan', value: '20', secret: false } as const;
    for (const [scope, key] of [
      ['network', ''],
      ['group', 'hub'],
      ['region', '73.08'],
      ['region', '73.09'],
    ] as const) {
      const refused = book.put(kahu, { ...draft, scope, key }, undefined);
      await expect(refused).rejects.toMatchObject({ kind: expect.stringMatching(/forbidden|invalid/) as string });
    }
    const id = await book.put(kahu, { ...draft, scope: 'site', key: 'kec-kahu' }, undefined);
    expect((await book.list(kahu, { q: 'vlan' })).items).toHaveLength(1);
    const elsewhere = accessOf('operator', '73.08.03');
    expect((await book.list(elsewhere, { q: 'vlan' })).items).toEqual([]);
    expect((await book.list(elsewhere, { q: 'ntp' })).items.map(({ place }) => place.level).sort()).toEqual(['province', 'regency', 'network', 'role', 'tag', 'tag'].sort()); // prettier-ignore
    await expect(book.remove(elsewhere, id, undefined)).rejects.toMatchObject({ code: 'variable.not-found' });
    await expect(resolver.resolved(elsewhere, { device: 'rtr-kahu' })).rejects.toMatchObject({
      code: 'device.not-found',
    });
    await book.remove(kahu, id, undefined);
    expect((await book.list(kahu, { q: 'vlan' })).items).toEqual([]);
    await expect(book.put(system, { ...draft, scope: 'group', key: 'role:kulkas' }, undefined)).rejects.toMatchObject({ code: 'variable.no-place' }); // prettier-ignore
  });

  it('go out as a file and come back, secrets without their values, all of them or none', async () => {
    await put('berkas', 'region', '73.08.02', '=1+1, "kutip"\nbaris');
    await put('berkas-rahasia', 'region', '73.08.02', secret, true);
    for (const format of ['csv', 'json'] as const) {
      const file = fileOfVariables(await book.all(system), format);
      expect(file).toContain('berkas-rahasia');
      expect(file).not.toContain(secret);
      const lines = linesOfFile(file, format);
      const same = await book.import(system, lines, { dryRun: false });
      expect(same).toEqual({ created: 0, changed: 0, unchanged: lines.length });
    }
    expect(fileOfVariables(await book.all(system), 'csv')).toContain(`"'=1+1, ""kutip""\nbaris"`);
    // A secret that is given counts as another: who tries finds out nothing.
    for (const guess of [secret, 'tebakan']) {
      const given = linesOfFile(`name,scope,key,value,secret\nberkas-rahasia,region,73.08.02,${guess},true\n`, 'csv');
      expect(await book.import(system, given, { dryRun: true })).toEqual({ created: 0, changed: 1, unchanged: 0 });
    }
    const csv = 'name,scope,key,value,secret\nberkas,region,73.08.02,baru,\nlagi,network,,satu,\n';
    const lines = linesOfFile(csv, 'csv');
    expect(await book.import(system, lines, { dryRun: true })).toEqual({ created: 1, changed: 1, unchanged: 0 });
    expect((await book.list(system, { q: 'lagi' })).items).toEqual([]);
    const bad = linesOfFile(`${csv}lain,region,99.99,x,\nkosong,network,,,true\n`, 'csv');
    await expect(book.import(system, bad, { dryRun: false })).rejects.toMatchObject({
      code: 'variable.import',
      details: [
        { code: 'variable.no-place', line: 4 },
        { code: 'variable.value-needed', line: 5 },
      ],
    });
    expect((await book.list(system, { q: 'lagi' })).items).toEqual([]);
    expect(await book.import(system, lines, { dryRun: false })).toEqual({ created: 1, changed: 1, unchanged: 0 });
    expect(await valueFor('rtr-kahu', 'berkas')).toMatchObject({ value: 'baru' });
    expect(() => linesOfFile('name,scope,key,value,secret\nA B,di mana,,x,\n', 'csv')).toThrow(/Line 2/);
    expect(() => linesOfFile('{"variables": []}', 'json')).toThrow(/arung-variables/);
    const semicolons = linesOfFile('name;scope;key;value;secret\r\nntp;region;73.08.02;a,b;\r\n', 'csv');
    expect(semicolons).toEqual([
      { line: 2, name: 'ntp', scope: 'region', key: '73.08.02', value: 'a,b', secret: false },
    ]);
  });
});

it.each([
  ['columns by the hundred thousand', `${'kolom,'.repeat(300_000)}x\n${','.repeat(300_000)}\n`],
  ['many wide lines', `"a\nb"${','.repeat(30_000)}\n`.repeat(200)],
  ['more lines than are taken', `name,scope,key,value,secret\n${'x,network,,1,false\n'.repeat(400_000)}`],
  ['a quote that is never closed', `name,scope\n"${'a""'.repeat(2_000_000)}`],
])('a file is refused in moments: %s', (_, text) => {
  const before = process.cpuUsage();
  expect(() => linesOfFile(text, 'csv')).toThrow(ArungError);
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(3);
});
