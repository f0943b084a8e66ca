import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { insertChannel, insertIncident, insertNotice, insertPerson } from '../../../tests/support/alerting-people.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { WebhookReceiver } from '../../../tests/support/webhook-receiver.ts';
import { systemClock, type Clock } from '../../domain/clock.ts';
import { newId, type ChannelId, type NoticeId } from '../../domain/ids.ts';
import { Delivery, fallbackAfterMs } from './delivery.ts';
import { Presence } from './presence.ts';

const key = 'a key that both sides have';
/** Seals nothing: the vault has its own tests. */
const sealer = {
  seal: (plain: string) => Buffer.from(plain),
  open: (sealed: Buffer) => sealed.toString(),
};
const patient = { timeout: 60_000, interval: 50 };

describe('delivery', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let receiver: WebhookReceiver;
  let url: string;
  let offsetMs = 0;
  const running: Delivery[] = [];
  const clock: Clock = { now: () => Date.now() + offsetMs, monotonic: () => performance.now() };

  const start = async (): Promise<Delivery> => {
    const delivery = new Delivery({
      db: database.db,
      databaseUrl: () => database.url,
      sealer,
      publicUrl: () => 'https://arung.example',
      linkFor: (incidentId) => `https://arung.example/i/${incidentId}`,
      timeZone: 'Asia/Makassar',
      language: 'id',
      clock,
      logger: pino({ level: 'silent' }),
    });
    running.push(delivery);
    await delivery.start();
    return delivery;
  };
  const hook = (name: string, to = url): Promise<ChannelId> =>
    insertChannel(database.db, {
      name,
      kind: 'webhook',
      settings: { url: to },
      secret: sealer.seal(JSON.stringify({ key })),
    });
  const row = (id: NoticeId) =>
    database.db.selectFrom('notices').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const until = (check: () => Promise<void> | void) => vi.waitFor(check, patient);

  beforeEach(async () => {
    offsetMs = 0;
    database = await createTestDatabase();
    receiver = new WebhookReceiver();
    url = await receiver.start();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((delivery) => delivery.stop()));
    await receiver.stop();
    await database.drop();
  });

  it('sends what is due once, signed, and says so in its row; what waits for its time stays', async () => {
    const channelId = await hook('first');
    const personId = await insertPerson(database.db, 'Andi', [{ channelId, address: 'andi' }]);
    const way = { personId, channelId, address: 'andi' };
    const id = await insertNotice(database.db, way);
    const later = await insertNotice(database.db, { ...way, state: 'scheduled', dueAt: Date.now() + 3_600_000 });
    await start();
    await until(async () => expect((await row(id)).state).toBe('sent'));
    const [call] = receiver.calls;
    const [, seconds = '', mac = ''] =
      /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(call?.headers['x-arung-signature'])) ?? [];
    expect(mac).toBe(createHmac('sha256', key).update(`${seconds}.${call?.body}`).digest('hex'));
    expect(call?.id).toBe(id);
    const { sent_text: text, external_id: externalId, attempts } = await row(id);
    expect({ text: text?.split('\n')[0], externalId, attempts }).toEqual({
      text: 'Sambungan palattae–kahu putus',
      externalId: id,
      attempts: 1,
    });
    expect((await row(later)).state).toBe('scheduled');
    expect(receiver.calls).toHaveLength(1);
  });

  it('sends a notice that is decided while it runs within a second or so, woken by the row itself', async () => {
    const channelId = await hook('first');
    const personId = await insertPerson(database.db, 'Andi', [{ channelId, address: 'andi' }]);
    await start();
    const id = await insertNotice(database.db, { personId, channelId, address: 'andi' });
    await until(async () => expect((await row(id)).state).toBe('sent'));
  });

  it('tries again after a failure, with the same key, and the channel is failing until it is not', async () => {
    const channelId = await hook('first');
    const personId = await insertPerson(database.db, 'Andi', [{ channelId, address: 'andi' }]);
    receiver.answer = () => 503;
    const id = await insertNotice(database.db, { personId, channelId, address: 'andi' });
    const delivery = await start();
    const channel = () =>
      database.db.selectFrom('channels').selectAll().where('id', '=', channelId).executeTakeFirstOrThrow();
    await until(async () => expect((await channel()).failing_since).not.toBeNull());
    await until(async () => expect(await row(id)).toMatchObject({ state: 'due', attempts: 1 }));
    const problem = { code: 'sending.server-fails', arguments: { server: new URL(url).host, said: '503' } };
    expect(await channel()).toMatchObject({ last_error: expect.stringContaining('503'), last_problem: problem });
    expect(await row(id)).toMatchObject({ error: expect.stringContaining('503'), problem });
    receiver.answer = () => 200;
    offsetMs = 30_000;
    delivery.wake();
    await until(async () => expect((await row(id)).state).toBe('sent'));
    expect(receiver.calls.map((call) => call.id)).toEqual([id, id]);
    await until(async () =>
      expect(await channel()).toMatchObject({ failing_since: null, last_error: null, last_problem: null }),
    );
    expect(await row(id)).toMatchObject({ error: null, problem: null });
  });

  it('sends no more in a minute than the channel’s own rate, which takes the place of its kind’s', async () => {
    const channelId = await hook('slow');
    await database.db.updateTable('channels').set({ per_minute: 2 }).where('id', '=', channelId).execute();
    const personId = await insertPerson(database.db, 'Andi', [{ channelId, address: 'andi' }]);
    for (let i = 0; i < 5; i++) await insertNotice(database.db, { personId, channelId, address: 'andi' });
    const delivery = await start();
    await until(() => expect(receiver.calls).toHaveLength(2));
    // It waits for the minute to pass, and does not try over and over meanwhile.
    await until(async () => {
      const { paused_until: free } = await database.db
        .selectFrom('channels')
        .select('paused_until')
        .where('id', '=', channelId)
        .executeTakeFirstOrThrow();
      expect((free?.getTime() ?? 0) - clock.now()).toBeGreaterThan(20_000);
    });
    expect(receiver.calls).toHaveLength(2);
    for (const sent of [4, 5]) {
      offsetMs += 61_000;
      delivery.wake();
      await until(() => expect(receiver.calls).toHaveLength(sent));
    }
    expect(new Set(receiver.calls.map((call) => call.id)).size).toBe(5);
  });

  it('a channel that hangs holds up no other', async () => {
    const dead = new WebhookReceiver();
    dead.answer = () => 'hang';
    const deadChannel = await hook('dead', await dead.start());
    const channelId = await hook('alive');
    const personId = await insertPerson(database.db, 'Andi', [{ channelId, address: 'andi' }]);
    for (let i = 0; i < 40; i++) {
      await insertNotice(database.db, { personId, channelId: deadChannel, address: 'x' });
    }
    await start();
    await until(() => expect(dead.calls).toHaveLength(1));
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => insertNotice(database.db, { personId, channelId, address: 'andi' })),
    );
    await until(async () => {
      for (const id of ids) expect((await row(id)).state).toBe('sent');
    });
    // In one line behind the 40 of the dead one, 20 s each, they would have waited for over ten minutes.
    expect(dead.calls.length).toBeLessThan(5);
    await dead.stop();
  });

  it('a wrong address fails for good and goes the person’s next way, once', async () => {
    const first = await hook('first');
    const inbox = await insertChannel(database.db, { name: 'inbox', kind: 'inbox' });
    const personId = await insertPerson(database.db, 'Andi', [
      { channelId: first, address: 'gone' },
      { channelId: inbox, address: 'Andi' },
    ]);
    receiver.answer = () => 404;
    const id = await insertNotice(database.db, { personId, channelId: first, address: 'gone' });
    await start();
    await until(async () => {
      const all = await database.db.selectFrom('notices').selectAll().orderBy('decision').execute();
      expect(all.map(({ state, channel_id: channel }) => [state, channel])).toEqual([
        ['failed', first],
        ['sent', inbox],
      ]);
    });
    expect((await row(id)).error).toMatch(/404/);
  });

  it('goes the next way after two minutes when a channel does not take it', async () => {
    const first = await hook('first');
    const inbox = await insertChannel(database.db, { name: 'inbox', kind: 'inbox' });
    const personId = await insertPerson(database.db, 'Andi', [
      { channelId: first, address: 'andi' },
      { channelId: inbox, address: 'Andi' },
    ]);
    receiver.answer = () => 503;
    const id = await insertNotice(database.db, { personId, channelId: first, address: 'andi' });
    const delivery = await start();
    await until(async () => expect(await row(id)).toMatchObject({ state: 'due', attempts: 1 }));
    offsetMs = fallbackAfterMs + 1_000;
    delivery.wake();
    await until(async () => {
      const states = await database.db.selectFrom('notices').select('state').orderBy('decision').execute();
      expect(states.map(({ state }) => state)).toEqual(['failed', 'sent']);
    });
  });

  it('what a killed controller was sending is taken over at once, and marked where it may arrive twice', async () => {
    const keyed = await hook('keyed');
    const unkeyed = await insertChannel(database.db, {
      name: 'gateway',
      kind: 'sms-http',
      settings: { method: 'POST', url, body: '{"text":"{text}"}' },
    });
    const personId = await insertPerson(database.db, 'Andi', [{ channelId: keyed, address: 'andi' }]);
    // A controller that claims and dies: its session ends, as after kill -9.
    const logger = pino({ level: 'silent' });
    const victim = new Presence({ url: () => database.url, logger });
    await victim.start();
    const ids = [
      await insertNotice(database.db, { personId, channelId: keyed, address: 'andi' }),
      await insertNotice(database.db, { personId, channelId: unkeyed, address: '0811000000' }),
    ];
    await sql`update notices set state = 'sending', claimed_by = ${victim.key}, attempts = 1`.execute(database.db);
    await start();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(receiver.calls, 'the living one is left to its work').toHaveLength(0);
    await victim.stop();
    await until(async () => {
      for (const id of ids) expect((await row(id)).state).toBe('sent');
    });
    const twice = await Promise.all(ids.map(async (id) => (await row(id)).maybe_twice));
    expect(twice).toEqual([false, true]);
    expect(receiver.calls.some((call) => call.body.includes('mungkin sudah'))).toBe(true);
  });

  it('says it later, and sends nothing again, when the database did not take that it was sent', async () => {
    await sql`create sequence tries`.execute(database.db);
    await sql`create function refuse() returns trigger language plpgsql as $$ begin
      if nextval('tries') = 1 then raise exception 'not now'; end if; return new; end $$`.execute(database.db);
    await sql`create trigger refuse before update on notices for each row when (new.state = 'sent')
      execute function refuse()`.execute(database.db);
    const channelId = await hook('first');
    const personId = await insertPerson(database.db, 'Andi', [{ channelId, address: 'andi' }]);
    const id = await insertNotice(database.db, { personId, channelId, address: 'andi' });
    const delivery = await start();
    await until(() => expect(receiver.calls).toHaveLength(1));
    await until(async () => {
      delivery.wake();
      expect((await row(id)).state).toBe('sent');
    });
    expect(receiver.calls).toHaveLength(1);
    expect((await row(id)).sent_text).toContain('palattae–kahu');
  });

  it('two controllers share the work and send nothing twice', async () => {
    const channels = await Promise.all(['a', 'b', 'c'].map((name) => hook(name)));
    const personId = await insertPerson(database.db, 'Andi', []);
    const ids: NoticeId[] = [];
    for (let i = 0; i < 60; i++) {
      const channelId = channels[i % 3] ?? newId<ChannelId>();
      ids.push(await insertNotice(database.db, { personId, channelId, address: 'andi' }));
    }
    await Promise.all([start(), start()]);
    await until(async () => {
      const { count } = await database.db
        .selectFrom('notices')
        .select(sql<number>`count(*)::int`.as('count'))
        .where('state', '=', 'sent')
        .executeTakeFirstOrThrow();
      expect(count).toBe(60);
    });
    expect(receiver.calls.map((call) => call.id).toSorted()).toEqual(ids.toSorted());
  });

  it('holds to the rate that a channel asks for', async () => {
    const channelId = await hook('first');
    const personId = await insertPerson(database.db, 'Andi', [{ channelId, address: 'andi' }]);
    receiver.headers = { 'retry-after': '1800' };
    receiver.answer = () => 429;
    const id = await insertNotice(database.db, { personId, channelId, address: 'andi' });
    await start();
    await until(async () => expect(await row(id)).toMatchObject({ state: 'due', attempts: 1 }));
    const { try_at: tryAt } = await row(id);
    expect((tryAt?.getTime() ?? 0) - systemClock.now()).toBeGreaterThan(1_700_000);
  });

  it('says the recovery in the thread of the first message', async () => {
    const channelId = await hook('first');
    const personId = await insertPerson(database.db, 'Andi', [{ channelId, address: 'andi' }]);
    const incidentId = await insertIncident(database.db);
    const delivery = await start();
    const way = { personId, channelId, address: 'andi', incidentId };
    const first = await insertNotice(database.db, way);
    await until(async () => expect((await row(first)).state).toBe('sent'));
    const second = await row(await insertNotice(database.db, { ...way, kind: 'resolved' }));
    expect(await delivery.outbox.threadOf(second)).toBe(first);
    expect(JSON.parse(receiver.calls[0]?.body ?? '')).toMatchObject({
      link: `https://arung.example/i/${incidentId}`,
      mapLink: expect.stringContaining('-4.76'),
    });
  });
});
