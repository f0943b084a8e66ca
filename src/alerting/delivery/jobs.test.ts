import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { newId, type ChannelId } from '../../domain/ids.ts';
import { Jobs } from './jobs.ts';
import { Presence } from './presence.ts';

interface Line {
  readonly msg: string;
  readonly jobs?: number;
  readonly error?: string | null;
}

describe('the queues by which controllers share the work', { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let presence: Presence;
  let jobs: Jobs;
  let fails = false;
  const drained: ChannelId[] = [];
  const lines: Line[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });

  beforeEach(async () => {
    database = await createTestDatabase();
    const url = (): string => database.url;
    presence = new Presence({ url, logger });
    await presence.start();
    const drain = async (channelId: ChannelId): Promise<void> => {
      if (fails) throw new Error('the database does not answer');
      drained.push(channelId);
    };
    jobs = new Jobs({ db: database.db, url, presence, logger, drain });
    await jobs.start();
  });
  afterEach(async () => {
    fails = false;
    await jobs.stop();
    await presence.stop();
    await database.drop();
    lines.length = drained.length = 0;
  });

  const kept = async (): Promise<number> => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from graphile_worker._private_jobs`.execute(database.db);
    return rows[0]?.count ?? 0;
  };
  /** As if all tries but one had been made before. */
  const lastTry = () =>
    sql`update graphile_worker._private_jobs set max_attempts = 1 where attempts <= 1`.execute(database.db);

  it('lets go of what is out of tries, says why it failed, and works on what is asked for after it', async () => {
    fails = true;
    const channelId = newId<ChannelId>();
    await jobs.add([channelId]);
    await vi.waitFor(async () => {
      await lastTry();
      const { rows } = await sql`
        select from graphile_worker._private_jobs where attempts = 1 and locked_at is null`.execute(database.db);
      expect(rows).toHaveLength(1);
    }, 20_000);
    await lastTry();
    await jobs.clearSpent();
    expect(await kept()).toBe(0);
    expect(lines.find((line) => line.jobs === 1)).toMatchObject({ error: 'the database does not answer' });
    fails = false;
    await jobs.add([channelId]);
    await vi.waitFor(() => expect(drained).toEqual([channelId]), 20_000);
  });

  it('leaves what waits for its next try', async () => {
    fails = true;
    await jobs.add([newId<ChannelId>()]);
    await vi.waitFor(() => expect(lines.length + drained.length).toBeGreaterThan(0), 20_000);
    await jobs.clearSpent();
    expect(await kept()).toBe(1);
    expect(lines.some((line) => line.jobs !== undefined)).toBe(false);
  });
});
