import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf } from '../../../tests/support/inventory.ts';
import { ProvisioningStage } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import { BackupStore } from '../backups/backup-store.ts';
import { BackupWatch } from '../backups/backup-watch.ts';
import { factsOf } from '../drivers/routeros/facts.ts';
import { ComplianceBook } from './compliance-book.ts';
import { complianceCsv } from './compliance-csv.ts';
import { ComplianceReader } from './compliance-reader.ts';
import { ComplianceStore } from './compliance-store.ts';

const system = systemAccess('test');
const device = 'rtr-c-01';
let aheadMs = 0;
const clock = { now: () => Date.now() + aheadMs, monotonic: () => performance.now() };

describe('compliance of devices', { timeout: 60_000 }, () => {
  let stage: ProvisioningStage;
  let store: ComplianceStore;
  let reader: ComplianceReader;
  let book: ComplianceBook;
  let watch: BackupWatch;
  let changed = 0;
  let factsThrow = false;
  const ruleOf = async (kind: string): Promise<string> =>
    (await book.rules()).find((rule) => rule.kind === kind)?.id ?? '';
  const judged = async (kind: string) => {
    await store.judgeDue(100);
    const { items } = await reader.results(system, { device, rule: await ruleOf(kind) });
    return items[0];
  };
  const hand = (path: string, values: Record<string, string>): void => {
    const router = stage.backbone.simulator.routers.router(device);
    router?.run({ path, arguments: new Map(Object.entries(values)), queries: [] });
  };
  beforeAll(async () => {
    stage = await ProvisioningStage.open(129);
    const { database, inventory, vault } = stage.test;
    const { db } = database;
    const logger = pino({ level: 'silent' });
    const facts = (_: string, text: string) => {
      if (factsThrow) throw new TypeError('a driver failed at it');
      return factsOf(text);
    };
    store = new ComplianceStore({ db, sealer: vault, facts, clock, logger });
    reader = new ComplianceReader({ db, clock });
    book = new ComplianceBook({ db, changes: inventory.changes, clock, changed: () => (changed += 1) });
    watch = new BackupWatch({
      db,
      store: new BackupStore({ db, sealer: vault, names: stage.intents, clock, logger }),
      door: stage.door,
      intents: stage.reader,
      tell: () => undefined,
      clock,
      logger,
      everyMs: 3_600_000,
    });
    for (const name of [device, 'rtr-a-01']) await watch.fetch(stage.id(name));
  }, 60_000);
  afterAll(() => stage?.close());

  it('is judged once for each configuration, and again when it is another', async () => {
    expect(await store.judgeDue(100)).toBe(2);
    expect(await store.judgeDue(100)).toBe(0);
    expect(await judged('telnet')).toMatchObject({ state: 'right', found: [], exception: null });
    expect(await judged('ntp')).toMatchObject({ state: 'wrong' });
    const { since } = (await judged('ntp')) ?? { since: 0 };
    aheadMs = 3_600_000;
    hand('/system/ntp/client/set', { enabled: 'yes', servers: '10.9.0.1' });
    await watch.fetch(stage.id(device));
    const after = await judged('ntp');
    expect(after?.state).toBe('right');
    expect((after?.since ?? 0) - since).toBeGreaterThan(3_000_000);
    // What did not change keeps its time.
    expect((await judged('management-open'))?.since).toBeLessThan(Date.now() + 60_000);
  });

  it('tells a default user that came, whom an export leaves out', async () => {
    expect((await judged('default-user'))?.state).toBe('right');
    hand('/user/add', { name: 'admin', group: 'full', password: 'rahasia-admin' });
    await watch.fetch(stage.id(device));
    expect(await judged('default-user')).toMatchObject({ state: 'wrong', found: ['admin'] });
  });

  it('is judged by rules about lines, and anew when a rule changes', async () => {
    const rule = await book.add(
      system,
      { name: 'Tanpa pool', settings: { text: 'add name=kolam*', must: false } },
      'uji',
    );
    const of = async () => {
      await store.judgeDue(100);
      return (await reader.results(system, { device, rule: rule.id })).items[0]?.state;
    };
    expect(await of()).toBe('right');
    await book.change(system, rule.id, { settings: { text: 'add name=kolam*', must: true } });
    expect(await of()).toBe('wrong');
    await book.change(system, rule.id, { enabled: false });
    expect(await of()).toBeUndefined();
    await book.remove(system, rule.id);
    expect(changed).toBe(4);
    await expect(book.remove(system, await ruleOf('telnet'))).rejects.toMatchObject({ code: 'compliance.built-in' });
    await expect(book.add(system, { name: 'x', settings: { text: '**' } })).rejects.toMatchObject({
      code: 'compliance.no-line',
    });
    const operator = accessOf('operator', '73.08');
    await expect(book.change(operator, rule.id, { enabled: false })).rejects.toMatchObject({ code: 'compliance.outside-regions' }); // prettier-ignore
  });

  it('may be wrong for a while where a person says why; not for ever', async () => {
    const rule = await ruleOf('default-user');
    const until = clock.now() + 10 * 86_400_000;
    const draft = { device, rule, reason: 'Menunggu serah terima', until };
    await book.except(system, draft);
    expect(await judged('default-user')).toMatchObject({ state: 'wrong', exception: { reason: draft.reason, until } });
    const count = async () => (await reader.summary(system)).rules.find(({ ruleId }) => ruleId === rule);
    expect(await count()).toMatchObject({ wrong: 0, accepted: 1, right: 1 });
    expect((await reader.results(system, { rule, state: 'wrong' })).items).toEqual([]);
    expect(complianceCsv((await reader.results(system, { rule, device })).items)).toContain('accepted');
    aheadMs = 11 * 86_400_000;
    expect(await count()).toMatchObject({ wrong: 1, accepted: 0 });
    expect((await judged('default-user'))?.exception).toBeNull();
    await expect(book.except(system, { ...draft, until: clock.now() + 500 * 86_400_000 })).rejects.toMatchObject({ code: 'compliance.until' }); // prettier-ignore
    await expect(
      book.except(accessOf('operator', '73.09'), { ...draft, until: clock.now() + 60_000 }),
    ).rejects.toMatchObject({ code: 'device.not-found' });
  });

  it('is counted by kecamatan, for who may read there', async () => {
    const { devices, clean, districts } = await reader.summary(system);
    expect({ devices, clean }).toEqual({ devices: 2, clean: 0 });
    expect(districts.reduce((sum, one) => sum + one.devices, 0)).toBe(2);
    expect(districts[0]?.name).not.toBe('');
    expect(await reader.summary(accessOf('operator', '73.09'))).toMatchObject({ devices: 0, rules: [], districts: [] });
    expect((await reader.results(accessOf('viewer', null), {})).items).toEqual([]);
  });

  it('is unknown where its configuration cannot be read, with why, and keeps nobody else from being judged', async () => {
    const { db } = stage.test.database;
    const mine = stage.id(device);
    const allOf = async () => (await reader.results(system, { device })).items;
    const { id, sealed } = await db
      .selectFrom('device_backups')
      .select(['id', 'sealed'])
      .where('device_id', '=', mine)
      .orderBy('last_at', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    const judgeAnew = async () => {
      await db.updateTable('compliance_checks').set({ basis: '' }).execute();
      expect(await store.judgeDue(100)).toBe(2);
      // Not again before there is another one, or an hour is over.
      expect(await store.judgeDue(100)).toBe(0);
      return (await judged('telnet'))?.reason ?? null;
    };
    await db.updateTable('device_backups').set({ sealed: Buffer.from([0]) }).where('id', '=', id).execute(); // prettier-ignore
    expect(await judgeAnew()).toMatchObject({ code: 'compliance.unopened' });
    const ofFacts = (await allOf()).filter(({ kind }) => kind !== 'firmware');
    expect(new Set(ofFacts.map(({ state }) => state))).toEqual(new Set(['unknown']));
    expect(complianceCsv(await allOf())).toContain('does not open');
    const other = await reader.results(system, { device: 'rtr-a-01', rule: await ruleOf('telnet') });
    expect(other.items).toMatchObject([{ state: 'right', reason: null }]);

    await db.updateTable('device_backups').set({ sealed }).where('id', '=', id).execute();
    aheadMs += 3_700_000;
    expect(await judged('telnet')).toMatchObject({ state: 'right', reason: null });

    factsThrow = true;
    expect(await judgeAnew()).toMatchObject({ code: 'compliance.unread' });
    factsThrow = false;
    expect(await judgeAnew()).toBeNull();
  });
});
