import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf } from '../../../tests/support/inventory.ts';
import { documentOf, ProvisioningStage, statesOf } from '../../../tests/support/provisioning-stage.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock as clock } from '../../domain/clock.ts';
import { readArmed } from '../rollouts/armed.ts';
import { BackupReader } from './backup-reader.ts';
import { BackupRestore } from './backup-restore.ts';
import { BackupStore } from './backup-store.ts';
import { BackupWatch } from './backup-watch.ts';

const system = systemAccess('test');
const device = 'rtr-c-01';
const queue = (limit: string) =>
  documentOf({
    key: 'tamu',
    subject: '/queue/simple',
    values: { name: 'tamu', target: '10.9.1.0/24', 'max-limit': limit },
  });

describe('a device that is brought back to a backup', { timeout: 120_000 }, () => {
  let stage: ProvisioningStage;
  let reader: BackupReader;
  let watch: BackupWatch;
  let restore: BackupRestore;
  /** What is kept of the device, the newest first. */
  const kept = async () => {
    await watch.fetch(stage.id(device));
    return (await reader.list(system, { device })).items;
  };
  const roll = async (limit: string) => {
    const versions = await stage.stage({ [device]: queue(limit) });
    const { rollout } = await stage.rollouts.start(system, { versions, pauseS: 0 });
    expect(statesOf(await stage.until(rollout.id))).toEqual({ [device]: 'confirmed' });
    return versions[device] ?? '';
  };
  beforeAll(async () => {
    stage = await ProvisioningStage.open(134, { isDriven: true, commandTimeoutMs: 4_000 });
    const { database, vault } = stage.test;
    const { db } = database;
    const { door, intents, rollouts, reader: intentReader } = stage;
    const logger = pino({ level: 'silent' });
    const store = new BackupStore({ db, sealer: vault, names: intents, clock, logger });
    reader = new BackupReader({ db, sealer: vault });
    restore = new BackupRestore({ backups: reader, intents, reader: intentReader, door, rollouts });
    watch = new BackupWatch({
      db,
      store,
      door,
      intents: intentReader,
      tell: () => undefined,
      clock,
      logger,
      everyMs: 3_600_000,
    });
    await stage.runner.start();
  }, 120_000);
  afterAll(() => stage?.close());

  it('goes the way of a rollout, and what code wants waits for the next one', async () => {
    await kept();
    await roll('8M/8M');
    const [good] = await kept();
    const staged = await roll('1M/1M');
    expect(await kept()).toHaveLength(3);

    const preview = await restore.preview(system, good?.id ?? '');
    expect(preview).toMatchObject({ device, left: [], rollout: { refusal: null } });
    expect(preview.steps).toMatchObject([
      { kind: 'set', subject: '/queue/simple', changes: [{ property: 'max-limit', before: '1M/1M', after: '8M/8M' }] },
    ]);
    const { id } = await restore.start(system, good?.id ?? '', { reason: 'tamu terlalu lambat' });
    expect(statesOf(await stage.until(id))).toEqual({ [device]: 'confirmed' });
    const [now] = await kept();
    expect(now).toMatchObject({ version: good?.version ?? '', changes: { changed: 1 } });
    expect(await stage.reader.get(system, device)).toMatchObject({ staged: { version: staged }, confirmed: null });
    // The next rollout knows the entry again by its mark.
    const again = await stage.rollouts.start(system, { versions: { [device]: staged }, pauseS: 0 });
    const ended = await stage.until(again.rollout.id);
    expect(ended.devices[0]?.steps).toMatchObject([{ kind: 'set', subject: '/queue/simple', adopts: false }]);
  });

  it('goes back by itself when the backup cuts its management off', async () => {
    const before = await kept();
    const cut = documentOf({
      key: 'potong',
      subject: '/ip/firewall/filter',
      values: { chain: 'input', action: 'drop', comment: 'semua' },
    });
    const version = await stage.intents.keepBackup(
      system,
      device,
      { ...cut, whole: true },
      { managedBy: 'backup of a test' },
    );
    const { rollout } = await stage.rollouts.start(system, { versions: { [device]: version }, rollbackS: 300 });
    // While it waits to be confirmed, who may read there sees that it will go back.
    const { db } = stage.test.database;
    await expect
      .poll(() => readArmed(db, 'everywhere'), { timeout: 20_000 })
      .toMatchObject([{ device, rollout: rollout.number }]);
    expect(await readArmed(db, { regionCodes: ['73.09'] })).toEqual([]);
    expect(statesOf(await stage.until(rollout.id))).toEqual({ [device]: 'reverted' });
    expect(await readArmed(db, 'everywhere')).toEqual([]);
    expect((await kept()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it('is refused to who may not configure there, and its secrets stay here', async () => {
    const [newest] = await kept();
    const id = newest?.id ?? '';
    await expect(restore.preview(accessOf('operator', '73.09'), id)).rejects.toMatchObject({
      code: 'backup.not-found',
    });
    // Its preview opens a session on the device.
    const looking = restore.preview(accessOf('technician', null), id);
    await expect(looking).rejects.toMatchObject({ code: 'inventory.outside-regions' });
    const reading = restore.start(accessOf('technician', null), id, {});
    await expect(reading).rejects.toMatchObject({ code: 'inventory.outside-regions' });
    const { db } = stage.test.database;
    const masked = await db.selectFrom('intent_versions').select('masked').execute();
    expect(JSON.stringify(masked)).not.toContain('rahasia');
  });
});
