import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backbone } from '../../../tests/support/backbone.ts';
import { createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock } from '../../domain/clock.ts';
import type { DeviceRunState } from '../../domain/rollout.ts';
import { readFallen } from './rollout-rows.ts';
import { RolloutRetention } from './rollout-retention.ts';

const dayMs = 86_400_000;

describe('the retention of rollouts', () => {
  const now = Date.UTC(2026, 10, 25);
  let test: TestInventory;
  let retention: RolloutRetention;

  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
    const text = JSON.stringify(backbone({ districts: ['73.08.02'], villages: ['73.08.02.1001', '73.08.02.2002'] }));
    await test.inventory.importer.apply(systemAccess('test'), { format: 'json', text });
    retention = new RolloutRetention({
      db: test.database.db,
      clock: { ...systemClock, now: () => now },
      logger: pino({ level: 'silent' }),
      days: 100,
    });
  }, 120_000);
  afterAll(() => test.close());

  const ago = (days: number) => new Date(now - days * dayMs);

  async function version(device: string, name: string, days: number): Promise<void> {
    await sql`insert into intent_versions (id, device_id, version, driver, masked, sealed, created_at, created_by, managed_by)
      select gen_random_uuid(), id, ${name}, 'routeros', '{"fragments":[]}', '', ${ago(days)}, 'x', 'x'
      from devices where name = ${device}`.execute(test.database.db);
  }

  /** A rollout that ended so many days ago, or goes on: of each device, its version and how it ended. */
  async function rollout(
    days: number | null,
    devices: Readonly<Record<string, readonly [string, DeviceRunState, (readonly string[])?]>>,
  ): Promise<number> {
    const { db } = test.database;
    const ended = days === null ? null : ago(days);
    const { rows } = await sql<{
      id: string;
      number: string;
    }>`insert into rollouts (id, versions_key, state, batch, pause_s,
      rollback_s, only_in_maintenance, requested_by, created_at, ended_at) values (gen_random_uuid(), gen_random_uuid()::text,
      ${days === null ? 'paused' : 'done'}, 10, 10, 180, false, 'x', ${ago(days ?? 500)}, ${ended}) returning id, number`.execute(
      db,
    );
    const [made] = rows;
    for (const [device, [name, state, phases = []]] of Object.entries(devices)) {
      await sql`insert into rollout_devices (rollout_id, device_id, version, state, phase_versions, ended_at)
        select ${made?.id}::uuid, id, ${name}, ${state}, ${JSON.stringify(phases)}::jsonb, ${ended}
        from devices where name = ${device}`.execute(db);
    }
    return Number(made?.number);
  }

  async function left() {
    const { db } = test.database;
    const rollouts = await db.selectFrom('rollouts').select('number').orderBy('number').execute();
    const versions = await db.selectFrom('intent_versions').select('version').orderBy('version').execute();
    return {
      rollouts: rollouts.map(({ number }) => Number(number)),
      versions: versions.map(({ version: name }) => name),
    };
  }

  it('removes what ended long ago with its versions, and nothing that still says something', async () => {
    const [a, b] = ['rtr-73-08-02-1001-01', 'rtr-73-08-02-2002-01'] as const;
    const { db } = test.database;
    for (const [i, name] of ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'].entries()) await version(a, name, 400 - i);
    for (const [i, name] of ['b1', 'b2', 'b3'].entries()) await version(b, name, 400 - i);
    await sql`insert into device_intents (device_id, staged, confirmed) select id, 'a5', 'a3' from devices where name = ${a}`.execute(
      db,
    );
    const goesOn = await rollout(null, { [a]: ['a2', 'waiting'] });
    await rollout(300, { [a]: ['a1', 'confirmed'], [b]: ['b1', 'reverted'] });
    // What became of the second device is told by the second of these two, and of the first by the third.
    const lastOfB = await rollout(250, { [a]: ['a1', 'reverted'], [b]: ['b2', 'confirmed', ['b1', 'b2']] });
    const lastOfA = await rollout(200, { [a]: ['a3', 'reverted'], [b]: ['b2', 'skipped'] });
    const young = await rollout(99, { [b]: ['b2', 'unreachable'] });
    const fallen = await readFallen(db);
    expect(fallen).toMatchObject([{ name: a, rollout: lastOfA }]);

    await retention.sweep();
    expect(await left()).toEqual({
      rollouts: [goesOn, lastOfB, lastOfA, young],
      // A version of a phase, those that are staged or confirmed, and the newest of each device are kept; a4 is nobody's.
      versions: ['a1', 'a2', 'a3', 'a5', 'a6', 'b1', 'b2', 'b3'],
    });
    expect(await readFallen(db)).toEqual(fallen);

    const later = await rollout(150, { [b]: ['b2', 'unchanged'] });
    await retention.sweep();
    expect(await left()).toEqual({
      rollouts: [goesOn, lastOfA, young, later],
      versions: ['a2', 'a3', 'a5', 'a6', 'b2', 'b3'],
    });
  });
});
