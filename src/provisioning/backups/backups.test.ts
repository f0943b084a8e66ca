import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { accessOf } from '../../../tests/support/inventory.ts';
import { documentOf, ProvisioningStage } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import { BackupReader } from './backup-reader.ts';
import { BackupStore } from './backup-store.ts';
import { BackupWatch } from './backup-watch.ts';

const system = systemAccess('test');
const secret = 'k4ta-sandi-cadangan';
const dayMs = 86_400_000;
/** Ours to move; the routers keep their own. */
let aheadMs = 0;
const clock = { now: () => Date.now() + aheadMs, monotonic: () => performance.now() + aheadMs };

describe('configurations of devices', { timeout: 120_000 }, () => {
  let stage: ProvisioningStage;
  let store: BackupStore;
  let reader: BackupReader;
  let watch: BackupWatch;
  const told: string[] = [];
  beforeAll(async () => {
    stage = await ProvisioningStage.open(132);
    const { database, inventory, vault } = stage.test;
    store = new BackupStore({
      db: database.db,
      sealer: vault,
      names: stage.intents,
      clock,
      logger: pino({ level: 'silent' }),
    });
    reader = new BackupReader({
      db: database.db,
      sealer: vault,
      mask: (driver, text) => stage.door.driverOf({ driver }).masked?.(text) ?? text,
    });
    watch = new BackupWatch({
      db: database.db,
      store,
      door: stage.door,
      intents: stage.reader,
      tell: (deviceId) => told.push(inventory.topology.current().devices.get(deviceId)?.name ?? deviceId),
      clock,
      logger: pino({ level: 'silent' }),
      everyMs: 3_600_000,
      roundMs: 60_000,
    });
    await watch.start();
    await stage.runner.start();
  }, 120_000);
  afterAll(async () => {
    await watch?.stop();
    await stage?.close();
  });

  it('are fetched of every device that can be configured, once a day, and kept once', async () => {
    await watch.look();
    const first = await reader.list(system, {});
    expect(first.items.map(({ device }) => device).sort()).toEqual(
      ['ap-b-01', 'rtr-a-01', 'rtr-b-01', 'rtr-c-01', 'rtr-d-01', 'rtr-dc-01'].sort(),
    );
    expect(told).toEqual([]);
    expect(await store.due({ before: clock.now() - 3_600_000, most: 100, kinds: stage.door.credentials })).toEqual([]);
    for (const { deviceId } of first.items) await watch.fetch(deviceId);
    expect((await reader.list(system, {})).items).toHaveLength(first.items.length);
    expect(told).toEqual([]);
  });

  it('are kept anew after a change, without showing a secret, and found by what they show', async () => {
    const document = documentOf({
      key: 'pantau',
      subject: '/snmp/community',
      values: { name: 'pantauan', security: 'private', 'encryption-password': secret },
      secret: ['encryption-password'],
    });
    const versions = await stage.stage({ 'rtr-c-01': document });
    await stage.until((await stage.rollouts.start(system, { versions, pauseS: 0 })).rollout.id);
    watch.soon(stage.id('rtr-c-01'));
    await watch.look();
    expect(told).toEqual(['rtr-c-01']);
    const { items } = await reader.list(system, { device: 'rtr-c-01' });
    expect(items).toHaveLength(2);
    expect(items[1]?.changes).toBeNull();
    expect(items[0]?.changes).toMatchObject({ added: 2, removed: 0, headings: ['/snmp community'] });
    expect(items[0]?.firstAt).toBeGreaterThan(items[1]?.firstAt ?? 0);
    const newest = await reader.masked(system, items[0]?.id ?? '');
    expect(newest.text).toContain('/snmp community');
    expect(newest.text).not.toContain(secret);
    const found = (await reader.list(system, { q: 'ARUNG:pantau' })).items;
    expect(found.map(({ id }) => id)).toEqual([newest.id]);
    expect(found[0]?.found[0]?.text).toContain('arung:pantau');
    expect((await reader.list(system, { newest: true })).items.filter(({ device }) => device === 'rtr-c-01')).toHaveLength(1); // prettier-ignore
    expect((await reader.list(system, { q: secret })).items).toEqual([]);
    // Sealed whole, so that it can be restored; nothing of it lies in clear in the table.
    const { db } = stage.test.database;
    const rows = await db.selectFrom('device_backups').selectAll().where('id', '=', newest.id).execute();
    expect(rows.map(({ sealed, id }) => stage.test.vault.open(sealed, id)).join('')).toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(rows[0]?.sealed.toString('latin1')).not.toContain(secret);
  });

  it('show nothing that is known to be secret since they were kept, and are not found by it', async () => {
    const { db } = stage.test.database;
    const [newest] = (await reader.list(system, { device: 'rtr-c-01' })).items;
    const id = newest?.id ?? '';
    const row = await db.selectFrom('device_backups').select('masked').where('id', '=', id).executeTakeFirstOrThrow();
    const older = `${row.masked}/ip ipsec key psk\nadd key=KENARI name=x\n`;
    await db.updateTable('device_backups').set({ masked: older }).where('id', '=', id).execute();
    expect((await reader.masked(system, id)).text).toBe(`${row.masked}/ip ipsec key psk\nadd key=••• name=x\n`);
    expect((await reader.list(system, { q: 'KENARI' })).items).toEqual([]);
    expect((await reader.list(system, { q: 'name=x' })).items.map((one) => one.id)).toEqual([id]);
    await db.updateTable('device_backups').set({ masked: row.masked }).where('id', '=', id).execute();
  });

  it('are held against each other, a secret that changed told and not shown', async () => {
    const other = 'kata-sandi-yang-lain';
    const document = documentOf({
      key: 'pantau',
      subject: '/snmp/community',
      values: { name: 'pantauan', security: 'private', 'encryption-password': other },
      secret: ['encryption-password'],
    });
    const versions = await stage.stage({ 'rtr-c-01': document });
    await stage.until((await stage.rollouts.start(system, { versions, pauseS: 0 })).rollout.id);
    await watch.fetch(stage.id('rtr-c-01'));
    const [last, middle, first] = (await reader.list(system, { device: 'rtr-c-01' })).items;
    const { difference, before } = await reader.difference(system, last?.id ?? '', null);
    expect(before.id).toBe(middle?.id);
    expect(difference.summary).toEqual({ added: 0, removed: 0, changed: 1, headings: ['/snmp community'] });
    const told = JSON.stringify(difference);
    expect(told).toContain('"mark":"secret"');
    for (const value of [secret, other]) expect(told).not.toContain(value);
    const far = await reader.difference(system, last?.id ?? '', first?.id ?? '');
    expect(far.difference.summary).toMatchObject({ added: 2 });
    await expect(reader.difference(system, first?.id ?? '', null)).rejects.toMatchObject({ code: 'backup.no-other' });
  });

  it('show nothing that only a person or a program has called secret', async () => {
    const named = 'catatan-yang-rahasia';
    const device = 'rtr-d-01';
    const note = (text: string, secret: readonly string[]) =>
      documentOf({ key: 'catatan', subject: '/system/note', values: { note: text }, secret });
    const bring = async (document: ReturnType<typeof note>): Promise<void> => {
      const versions = await stage.stage({ [device]: document });
      const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0 });
      expect((await stage.until(rollout.id)).state).toBe('done');
      await watch.fetch(stage.id(device));
    };
    const texts = async () => {
      const { items } = await reader.list(system, { device });
      return Promise.all(items.map(async ({ id }) => (await reader.masked(system, id)).text));
    };
    await bring(note(named, []));
    expect((await texts())[0]).toContain(`note=${named}`);
    // The same text, of which it is known by now that it is one.
    await bring(note(named, ['note']));
    expect((await texts()).join('')).not.toContain(named);
    await bring(note('lain-lagi', ['note']));
    expect((await texts())[0]).toContain('note=•••');
    const { items } = await reader.list(system, { device });
    const { difference } = await reader.difference(system, items[0]?.id ?? '', null);
    expect(JSON.stringify(difference)).not.toMatch(/catatan-yang|lain-lagi/);
    expect(difference.summary).toMatchObject({ changed: 1 });
  });

  it('have an entry for each time, where an earlier one comes back', async () => {
    const device = 'rtr-a-01';
    await watch.fetch(stage.id(device));
    const first = (await reader.list(system, { device })).items.map(({ id, version, firstAt, lastAt }) => ({ id, version, firstAt, lastAt })); // prettier-ignore
    stage.hands.byHand(device, '/ip/pool/add', { name: 'tamu', ranges: '10.9.0.2-10.9.0.9' });
    await watch.fetch(stage.id(device));
    stage.hands.byHand(device, '/ip/pool/remove', { '.id': stage.hands.idOf(device, '/ip/pool', { name: 'tamu' }) });
    await watch.fetch(stage.id(device));
    const { items } = await reader.list(system, { device });
    expect(items).toHaveLength(3);
    expect(items[0]?.version).toBe(first[0]?.version);
    expect(items[2]).toMatchObject(first[0] ?? {});
    for (const { id, changes } of items.slice(0, 2)) {
      expect((await reader.difference(system, id, null)).difference.summary).toEqual(changes);
    }
    expect(items.map(({ changes }) => changes && [changes.added, changes.removed])).toEqual([[0, 2], [2, 0], null]);
  });

  it('begin with what a device was before its first change', async () => {
    const { db } = stage.test.database;
    const device = 'rtr-b-01';
    await db.deleteFrom('device_backups').where('device_id', '=', stage.id(device)).execute();
    await db.deleteFrom('device_backup_looks').where('device_id', '=', stage.id(device)).execute();
    stage.before = (...change) => watch.before(...change);
    const document = documentOf({ key: 'kantor', subject: '/ip/pool', values: { name: 'kantor', ranges: '10.9.1.2-10.9.1.9' }, secret: [] }); // prettier-ignore
    const versions = await stage.stage({ [device]: document });
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0 });
    expect((await stage.until(rollout.id)).state).toBe('done');
    const { items } = await reader.list(system, { device });
    expect(items).toHaveLength(1);
    expect((await reader.masked(system, items[0]?.id ?? '')).text).not.toContain('kantor');
    await watch.fetch(stage.id(device));
    expect((await reader.list(system, { device })).items).toHaveLength(2);
  });

  it('are the same ones after 30 days on which nobody changes anything', async () => {
    const before = (await reader.list(system, {})).items.map(({ id }) => id);
    const asked = told.length;
    for (let day = 1; day <= 30; day += 1) {
      aheadMs = day * dayMs;
      await watch.look();
    }
    const after = (await reader.list(system, {})).items;
    expect(after.map(({ id }) => id)).toEqual(before);
    expect(told).toHaveLength(asked);
    const { items } = await reader.list(system, { newest: true });
    for (const { lastAt } of items) expect(lastAt).toBeGreaterThan(Date.now() + 29 * dayMs);
  });

  it('are not kept when two exports, one after the other, differ', async () => {
    const backup = (text: string) => ({ text, masked: text });
    const texts = ['a\n', 'b\n'];
    const door = {
      managementOf: async () => ({ secret: { kind: 'routeros' } }),
      targetOf: () => ({}),
      driverFor: () => ({
        kind: 'routeros',
        open: async () => ({ backup: async () => backup(texts.shift() ?? ''), close: () => undefined }),
      }),
    };
    const { db } = stage.test.database;
    const options = {
      db,
      store,
      door: door as never,
      intents: stage.reader,
      tell: () => undefined,
      clock,
      logger: pino({ level: 'silent' }),
    };
    const before = (await reader.list(system, { device: 'rtr-a-01' })).items.length;
    await new BackupWatch({ ...options, everyMs: dayMs }).fetch(stage.id('rtr-a-01'));
    expect(texts).toEqual([]);
    expect((await reader.list(system, { device: 'rtr-a-01' })).items).toHaveLength(before);
    expect(await reader.failures(system)).toMatchObject([{ device: 'rtr-a-01', error: { code: 'backup.unsteady' } }]);
    // It is asked again after an hour, not after a day.
    expect(
      await store.due({ before: clock.now() - dayMs, most: 10, failedBefore: clock.now() + 1, kinds: ['routeros'] }),
    ).toEqual([stage.id('rtr-a-01')]);
  });

  it('are kept anew also where the newest one that is kept does not open, and it opens again when it comes again', async () => {
    const { db } = stage.test.database;
    const device = 'rtr-dc-01';
    const spoil = async (): Promise<string> => {
      const [newest] = (await reader.list(system, { device })).items;
      const id = newest?.id ?? '';
      await db.updateTable('device_backups').set({ sealed: Buffer.from([0]) }).where('id', '=', id).execute(); // prettier-ignore
      return id;
    };
    const opens = async (id: string): Promise<boolean> => {
      const { sealed } = await db.selectFrom('device_backups').select('sealed').where('id', '=', id).executeTakeFirstOrThrow(); // prettier-ignore
      return stage.test.vault.open(sealed, id).includes('/ip address');
    };
    const asked = told.length;
    const first = await spoil();
    stage.hands.byHand(device, '/system/identity/set', { name: 'lain' });
    await watch.fetch(stage.id(device));
    const { items } = await reader.list(system, { device });
    // What is between the two, nobody can say.
    expect(items.map(({ changes }) => changes)).toEqual([null, null]);
    expect(told.slice(asked)).toEqual([device]);
    // The same again: the device has it in clear, so that it can be sealed once more.
    const second = await spoil();
    await watch.fetch(stage.id(device));
    expect(await opens(second)).toBe(true);
    // One that comes back after another is as good for the entry that was there before.
    stage.hands.byHand(device, '/system/identity/set', { name: device });
    await watch.fetch(stage.id(device));
    const [newest] = (await reader.list(system, { device })).items;
    expect(newest).toMatchObject({ changes: { changed: 1 } });
    expect(await opens(first)).toBe(true);
  });

  it('are nothing to who may not read there, and say why one could not be fetched', async () => {
    const elsewhere = accessOf('operator', '73.09');
    expect((await reader.list(elsewhere, {})).items).toEqual([]);
    const [one] = (await reader.list(system, {})).items;
    await expect(reader.masked(elsewhere, one?.id ?? '')).rejects.toMatchObject({ code: 'backup.not-found' });
    stage.backbone.simulator.cut('b--c', true);
    await watch.fetch(stage.id('rtr-c-01'));
    stage.backbone.simulator.cut('b--c', false);
    const { db } = stage.test.database;
    const look = await db
      .selectFrom('device_backup_looks')
      .select('error')
      .where('device_id', '=', stage.id('rtr-c-01'))
      .executeTakeFirstOrThrow();
    expect(look.error).toMatchObject({ code: expect.stringContaining('router.') as string });
  });
});
