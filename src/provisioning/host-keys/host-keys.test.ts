import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fragment } from '../../../tests/support/device-bench.ts';
import { accessOf } from '../../../tests/support/inventory.ts';
import { ProvisioningStage } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock as clock } from '../../domain/clock.ts';
import type { DeviceId } from '../../domain/ids.ts';
import { BackupStore } from '../backups/backup-store.ts';
import { BackupWatch } from '../backups/backup-watch.ts';
import { HostKeyStore } from './host-key-store.ts';

const system = systemAccess('test');
const wrong = `SHA256:${'A'.repeat(43)}`;

describe('the SSH host key of a switch', { timeout: 120_000 }, () => {
  let stage: ProvisioningStage;
  let store: HostKeyStore;
  beforeAll(async () => {
    stage = await ProvisioningStage.open(127, { managesAll: true });
    const { database, inventory } = stage.test;
    store = new HostKeyStore({ db: database.db, changes: inventory.changes, clock });
  }, 120_000);
  afterAll(() => stage?.close());

  const idOf = (name: string): DeviceId => {
    const found = [...stage.test.inventory.topology.current().devices.values()].find((device) => device.name === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found.id;
  };
  const document = { driver: 'cli', fragments: [fragment('nama', 'global', { hostname: 'sw-b-01' })] };
  const look = () => stage.door.look(idOf('sw-b-01'), document, null);

  it('is learned when it is met first', async () => {
    await expect(store.get(system, 'sw-b-01')).rejects.toMatchObject({ code: 'host-key.none' });
    expect(await look()).toEqual([]);
    expect(await store.get(system, 'sw-b-01')).toMatchObject({ device: 'sw-b-01', pinned: false, fingerprint: expect.stringMatching(/^SHA256:/) as string }); // prettier-ignore
  });

  it('that is another than the pinned one is refused, until it is forgotten', async () => {
    const before = await store.get(system, 'sw-b-01');
    expect(await store.pin(system, 'sw-b-01', wrong)).toMatchObject({ pinned: true, fingerprint: wrong });
    await expect(look()).rejects.toMatchObject({ code: 'ssh.host-key', arguments: { known: wrong } });
    await store.forget(system, 'sw-b-01');
    expect(await look()).toEqual([]);
    expect((await store.get(system, 'sw-b-01')).fingerprint).toBe(before.fingerprint);
    const audited = await stage.test.database.db.selectFrom('audit_log').select(['action']).where('entity_kind', '=', 'host-key').execute(); // prettier-ignore
    expect(audited.map(({ action }) => action)).toEqual(['pin', 'forget']);
  });

  it('that has changed is seen and told once, and taken by an administrator with a reason', async () => {
    const right = (await store.get(system, 'sw-b-01')).fingerprint;
    const told: DeviceId[] = [];
    const { database, inventory } = stage.test;
    const telling = new HostKeyStore({
      db: database.db,
      changes: inventory.changes,
      clock,
      tell: (id) => told.push(id),
    });
    const keys = telling.of(idOf('sw-b-01'));
    await store.pin(system, 'sw-b-01', wrong);
    // The switch itself shows the right one, which is another than is known.
    await expect(look()).rejects.toMatchObject({ code: 'ssh.host-key' });
    expect(await store.get(system, 'sw-b-01')).toMatchObject({ fingerprint: wrong, offered: { fingerprint: right } });
    expect((await store.list(system, { changed: true })).items.map(({ device }) => device)).toEqual(['sw-b-01']);
    expect((await store.list(accessOf('operator', '73.01'))).items).toEqual([]);
    await keys.refused?.(right);
    expect(told).toEqual([]);
    const another = `SHA256:${'B'.repeat(43)}`;
    await keys.refused?.(another);
    await keys.refused?.(another);
    expect(told).toEqual([idOf('sw-b-01')]);
    const accept = (access: typeof system, fingerprint: string) =>
      store.accept(access, 'sw-b-01', { fingerprint, reason: 'Sakelar diganti' });
    await expect(accept(system, right)).rejects.toMatchObject({ code: 'host-key.not-offered' });
    await keys.refused?.(right);
    await expect(accept(accessOf('operator', null), right)).rejects.toMatchObject({
      code: 'inventory.outside-regions',
    });
    expect(await accept(system, right)).toMatchObject({ fingerprint: right, pinned: true, offered: null });
    expect(await look()).toEqual([]);
    const [last] = await database.db.selectFrom('audit_log').select(['action', 'reason']).where('entity_kind', '=', 'host-key').orderBy('seq', 'desc').execute(); // prettier-ignore
    expect(last).toEqual({ action: 'accept', reason: 'Sakelar diganti' });
    // One who shows the known key again has nothing to be decided about.
    await keys.refused?.(another);
    await look();
    expect((await store.get(system, 'sw-b-01')).offered).toBeNull();
    await store.forget(system, 'sw-b-01');
  });

  it('is for those to see and to change who may configure the switch', async () => {
    await look();
    const elsewhere = accessOf('operator', '73.01');
    await expect(store.get(elsewhere, 'sw-b-01')).rejects.toMatchObject({ kind: 'not-found' });
    await expect(store.pin(elsewhere, 'sw-b-01', wrong)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(store.forget(accessOf('viewer', '73.08'), 'sw-b-01')).rejects.toMatchObject({ kind: expect.stringMatching(/not-found|forbidden/) as string }); // prettier-ignore
    expect((await store.get(system, 'sw-b-01')).pinned).toBe(false);
  });

  it('is changed for another by nobody who may not take the one that it shows', async () => {
    const operator = accessOf('operator', '73.08');
    const known = (await store.get(system, 'sw-b-01')).fingerprint;
    await expect(store.pin(operator, 'sw-b-01', wrong)).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(store.forget(operator, 'sw-b-01')).rejects.toMatchObject({ kind: 'forbidden' });
    expect(await store.pin(operator, 'sw-b-01', known)).toMatchObject({ fingerprint: known, pinned: true });
    await store.forget(system, 'sw-b-01');
    // Before it is met first somebody may have read it off the switch.
    expect(await store.pin(operator, 'sw-b-01', known)).toMatchObject({ fingerprint: known, pinned: true });
    await store.forget(system, 'sw-b-01');
    await look();
  });

  it('is met when its configuration is fetched, as that of terminals is', async () => {
    const { db } = stage.test.database;
    const logger = pino({ level: 'silent' });
    const backups = new BackupStore({ db, sealer: stage.test.vault, names: stage.intents, clock, logger });
    const due = await backups.due({ before: clock.now(), most: 100, kinds: stage.door.credentials });
    for (const name of ['sw-a-01', 'sw-b-01', 'abs-c-01', 'rtr-a-01']) expect(due).toContain(idOf(name));
    const watch = new BackupWatch({ db, store: backups, door: stage.door, intents: stage.reader, tell: () => undefined, clock, logger, everyMs: 3_600_000 }); // prettier-ignore
    for (const name of ['sw-a-01', 'abs-c-01']) await watch.fetch(idOf(name));
    const kept = await db.selectFrom('device_backups').select(['driver', 'masked']).orderBy('driver').execute();
    expect(kept).toMatchObject([
      { driver: 'cli', masked: expect.stringContaining('sysname sw-a-01') as string },
      { driver: 'zkteco', masked: expect.stringContaining('ComKey=•••') as string },
    ]);
    expect((await store.get(system, 'sw-a-01')).pinned).toBe(false);
  });

  it('is not asked for where a device is opened otherwise, as terminals are', async () => {
    const terminal = { driver: 'zkteco', fragments: [fragment('adms', 'server', { port: '1' })] };
    expect(await stage.door.look(idOf('abs-c-01'), terminal, null)).toMatchObject([{ subject: 'server' }]);
    await expect(store.get(system, 'abs-c-01')).rejects.toMatchObject({ code: 'host-key.none' });
    await expect(stage.door.look(idOf('abs-c-01'), document, null)).rejects.toMatchObject({ code: 'management.wrong-credential' }); // prettier-ignore
  });
});
