import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { accessOf } from '../../../tests/support/inventory.ts';
import { documentOf, ProvisioningStage } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock as clock } from '../../domain/clock.ts';
import { BackupStore } from './backup-store.ts';
import { BackupWatch } from './backup-watch.ts';

const system = systemAccess('test');
const secret = 'k4ta-sandi-cadangan';

describe('configurations of devices', { timeout: 120_000 }, () => {
  let stage: ProvisioningStage;
  let store: BackupStore;
  let watch: BackupWatch;
  const told: string[] = [];
  beforeAll(async () => {
    stage = await ProvisioningStage.open(72);
    const { database, inventory, vault } = stage.test;
    store = new BackupStore({ db: database.db, sealer: vault, names: stage.intents, clock });
    watch = new BackupWatch({
      db: database.db,
      store,
      door: stage.door,
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
    const first = await store.list(system, {});
    expect(first.items.map(({ device }) => device).sort()).toEqual(
      ['ap-b-01', 'rtr-a-01', 'rtr-b-01', 'rtr-c-01', 'rtr-d-01', 'rtr-dc-01'].sort(),
    );
    expect(told).toEqual([]);
    expect(await store.due(clock.now() - 3_600_000, 100)).toEqual([]);
    for (const { deviceId } of first.items) await watch.fetch(deviceId);
    expect((await store.list(system, {})).items).toHaveLength(first.items.length);
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
    const { items } = await store.list(system, { device: 'rtr-c-01' });
    expect(items).toHaveLength(2);
    expect(items[0]?.firstAt).toBeGreaterThan(items[1]?.firstAt ?? 0);
    const newest = await store.masked(system, items[0]?.id ?? '');
    expect(newest.text).toContain('/snmp community');
    expect(newest.text).not.toContain(secret);
    expect((await store.list(system, { q: 'arung:pantau' })).items.map(({ id }) => id)).toEqual([newest.id]);
    // Sealed whole, so that it can be restored; nothing of it lies in clear in the table.
    const { db } = stage.test.database;
    const rows = await db.selectFrom('device_backups').selectAll().where('id', '=', newest.id).execute();
    expect(rows.map(({ sealed, id }) => stage.test.vault.open(sealed, id)).join('')).toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(rows[0]?.sealed.toString('latin1')).not.toContain(secret);
  });

  it('are nothing to who may not read there, and say why one could not be fetched', async () => {
    const elsewhere = accessOf('operator', '73.09');
    expect((await store.list(elsewhere, {})).items).toEqual([]);
    const [one] = (await store.list(system, {})).items;
    await expect(store.masked(elsewhere, one?.id ?? '')).rejects.toMatchObject({ code: 'backup.not-found' });
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
