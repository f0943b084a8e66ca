import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf, createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock } from '../../domain/clock.ts';
import { newId, type ChannelId } from '../../domain/ids.ts';
import { PeopleDirectory } from './directory.ts';

const system = systemAccess('test');
const logger = pino({ level: 'silent' });
const span = { from: '2026-11-30T00:00:00.000Z', to: '2026-12-07T00:00:00.000Z' };
const noon = Date.parse('2026-11-30T04:00:00Z');
const clock = { ...systemClock, now: () => noon };

describe('people, teams, duties and silences', () => {
  let test: TestInventory;
  let directory: PeopleDirectory;
  /** Of another controller on the same database. */
  let second: PeopleDirectory;
  const channelId = newId<ChannelId>();
  const kahu = accessOf('operator', '73.08.02');
  const channels = [{ channelId, address: '+62 800 000 0001' }];

  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
    const { db } = test.database;
    await db.insertInto('channels').values({ id: channelId, name: 'Kotak masuk', kind: 'inbox' }).execute();
    const { changes } = test.inventory;
    directory = new PeopleDirectory({ db, changes, clock, logger });
    second = new PeopleDirectory({ db, changes, clock, logger });
    await directory.start();
    await second.start();
  });
  afterAll(async () => {
    await second?.stop();
    await directory?.stop();
    await test?.close();
  });
  const create = (name: string, regionCodes: string[], access = system) =>
    directory.people.create(access, { name, regionCodes, channels });

  it('keeps what was written, with the channels in their order, and who wrote it', async () => {
    const ways = [
      { channelId, address: 'b' },
      { channelId, address: 'a' },
    ];
    const made = await directory.people.create(kahu, { name: 'Tersimpan', regionCodes: ['73.08.02'], channels: ways });
    expect(made.entity).toMatchObject({ level: 1, workingHours: [], quietHours: null, channels: ways, active: true });
    await directory.people.update(kahu, 'Tersimpan', { level: 2, channels: ways.toReversed() }, { reason: 'naik' });
    const log = await test.audit.list(system, { limit: 10, entityId: made.entity.id });
    expect(log[0]).toMatchObject({ action: 'update', reason: 'naik', before: { level: 1 }, after: { level: 2 } });
    expect(log[1]).toMatchObject({ action: 'create', regionCode: '73.08.02' });
  });

  it('lets an operator write only people whose areas all lie in their regions', async () => {
    const refused = { kind: 'forbidden', code: 'inventory.outside-regions' };
    await expect(create('Lebih luas', ['73.08.02', '73.08.03'], kahu)).rejects.toMatchObject(refused);
    await expect(create('Semua', [], kahu)).rejects.toMatchObject(refused);
    await create('Luas', ['73.08.02', '73.08.03']);
    await expect(directory.people.update(kahu, 'Luas', { level: 3 })).rejects.toMatchObject(refused);
    await expect(directory.people.remove(kahu, 'Luas')).rejects.toMatchObject(refused);
  });

  it('shows people of other regions to nobody, and addresses only to who reads all their areas', async () => {
    await create('Tetangga', ['73.08.03']);
    await create('Kabupaten', ['73.08']);
    await create('Kahu saja', ['73.08.02']);
    const reader = accessOf('technician', '73.08.02');
    const { items } = await directory.people.list(reader, { page: { limit: 1000 } });
    const addresses = new Map(items.map((one) => [one.name, one.channels[0]?.address]));
    expect(addresses.get('Kahu saja')).toBe('+62 800 000 0001');
    expect(addresses.get('Kabupaten')).toBe('');
    expect(addresses.has('Tetangga')).toBe(false);
    await expect(directory.people.get(reader, 'Tetangga')).rejects.toMatchObject({ kind: 'not-found' });
    await expect(directory.people.list(accessOf('viewer', null))).resolves.toMatchObject({ items: [] });
  });

  it('refuses hours that leave no moment to tell somebody, zones and regions that are none', async () => {
    const always = { weekdays: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00', timeZone: 'Asia/Makassar' };
    const draft = { name: 'Tak pernah', regionCodes: ['73.08.02'] };
    const code = (one: string) => ({ kind: 'invalid', code: one });
    await expect(directory.people.create(system, { ...draft, quietHours: always })).rejects.toMatchObject(
      code('person.never-tellable'),
    );
    const elsewhere = { ...always, timeZone: 'Asia/Bone' };
    await expect(directory.people.create(system, { ...draft, workingHours: [elsewhere] })).rejects.toMatchObject(
      code('person.bad-time-zone'),
    );
    await expect(create('Tanpa kode', ['Kahu'])).rejects.toMatchObject(code('person.bad-region'));
    const noChannel = { ...draft, channels: [{ channelId: newId<ChannelId>(), address: 'x' }] };
    await expect(directory.people.create(system, noChannel)).rejects.toMatchObject(code('person.channel-missing'));
  });

  it('refuses an address that is none of its channel, which would be called or written to', async () => {
    const { db } = test.database;
    const kinds = ['email', 'sms-routeros', 'web-push', 'telegram'] as const;
    const wrong = ['a@b.id\r\nBcc: c@d.id', '+62 811;/system/reset', '{"endpoint":"http://127.0.0.1:8728/"}', '@kanal'];
    for (const [at, kind] of kinds.entries()) {
      const id = newId<ChannelId>();
      await db
        .insertInto('channels')
        .values({ id, name: `alamat ${kind}`, kind })
        .execute();
      const ways = [{ channelId: id, address: wrong[at] ?? '' }];
      const draft = { name: `Alamat ${kind}`, regionCodes: ['73.08.02'], channels: ways };
      await expect(directory.people.create(kahu, draft)).rejects.toMatchObject({ code: 'channel.bad-address' });
    }
  });

  it('refuses a chat that is another person’s, however its number is written, and keeps one’s own', async () => {
    const { db } = test.database;
    const [telegram, whatsapp] = [newId<ChannelId>(), newId<ChannelId>()];
    await db
      .insertInto('channels')
      .values([
        { id: telegram, name: 'Bot', kind: 'telegram' },
        { id: whatsapp, name: 'WA', kind: 'whatsapp' },
      ])
      .execute();
    const taken = { kind: 'invalid', code: 'person.address-taken' };
    const person = (name: string, id: ChannelId, address: string, access = system) =>
      directory.people.create(access, { name, regionCodes: ['73.08.02'], channels: [{ channelId: id, address }] });
    await person('Chat Satu', telegram, '123456789');
    await person('Nomor Satu', whatsapp, '+62 811 4000 001');
    await expect(person('Chat Dua', telegram, '123456789', kahu)).rejects.toMatchObject(taken);
    await expect(person('Nomor Dua', whatsapp, '+628114000001')).rejects.toMatchObject(taken);
    // Of an inbox nobody writes back: it may be shared. Another bot has chats of its own.
    await person('Chat Tiga', channelId, '123456789');
    await person('Chat Empat', telegram, '987654321');
    const move = { channels: [{ channelId: telegram, address: '123456789' }] };
    await expect(directory.people.update(system, 'Chat Empat', move)).rejects.toMatchObject(taken);
    await directory.people.update(system, 'Chat Satu', { level: 2, ...move });
    const both = await Promise.allSettled([
      person('Serentak A', telegram, '555555555'),
      person('Serentak B', telegram, '555555555'),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('plans turns, all or none, only of people whom the planner may put on duty', async () => {
    const one = (await create('Giliran 1', ['73.08.02'])).entity.id;
    const two = (await create('Giliran 2', ['73.08.02'])).entity.id;
    const other = (await create('Giliran lain', ['73.08.03'])).entity.id;
    const plan = { from: '2026-11-30', weeks: 3, handOverAt: '08:00', timeZone: 'Asia/Makassar' };
    const made = await directory.duties.rotate(kahu, { ...plan, personIds: [one, two] });
    expect(made.map((turn) => [turn.personName, turn.from, turn.to])).toEqual([
      ['Giliran 1', '2026-11-30T00:00:00.000Z', '2026-12-07T00:00:00.000Z'],
      ['Giliran 2', '2026-12-07T00:00:00.000Z', '2026-12-14T00:00:00.000Z'],
      ['Giliran 1', '2026-12-14T00:00:00.000Z', '2026-12-21T00:00:00.000Z'],
    ]);
    await expect(directory.duties.rotate(kahu, { ...plan, personIds: [one, other] })).rejects.toMatchObject({
      code: 'duty.person-missing',
    });
    expect((await directory.duties.list(kahu, { person: one })).items).toHaveLength(2);
  });

  it('hands over at the same time of the clocks, also when they are changed', async () => {
    const personIds = [(await create('Berlin', ['73.08.02'])).entity.id];
    const plan = { personIds, from: '2026-10-19', weeks: 2, handOverAt: '08:00', timeZone: 'Europe/Berlin' };
    const turns = await directory.duties.preview(system, plan);
    expect(turns.map((turn) => turn.from)).toEqual(['2026-10-19T06:00:00.000Z', '2026-10-26T07:00:00.000Z']);
    expect(turns[0]?.to).toBe(turns[1]?.from);
  });

  it('keeps a silence within the regions of its author', async () => {
    const matchers = [{ field: 'severity' as const, values: ['critical'] }];
    const own = await directory.silences.create(kahu, { matchers, reason: 'kerja', ...span });
    expect(own.entity).toMatchObject({ regionCode: '73.08.02', author: kahu.name });
    await expect(
      directory.silences.create(kahu, { matchers, reason: 'kerja', regionCode: '73.08.03', ...span }),
    ).rejects.toMatchObject({ kind: 'forbidden' });
    const everywhere = await directory.silences.create(system, { matchers, reason: 'semua', ...span });
    expect(everywhere.entity.regionCode).toBeNull();
    expect((await directory.silences.list(kahu)).items.map((one) => one.reason)).toEqual(['kerja']);
    const grants = ['73.08.02', '73.08.03'].map((regionCode) => ({ role: 'operator' as const, regionCode }));
    await expect(
      directory.silences.create({ ...kahu, grants }, { matchers, reason: 'di mana', ...span }),
    ).rejects.toMatchObject({ code: 'silence.region-needed' });
  });

  it('has in the book what any controller wrote, and says so once for each change', async () => {
    const woken = new Promise<void>((resolve) => {
      const stop = second.book.onChange(() => {
        if (!second.book.current().people.some((one) => one.name === 'Baru')) return;
        stop();
        resolve();
      });
    });
    await create('Baru', ['73.08.02']);
    await woken;
    const before = second.book.current();
    await second.book.refresh();
    expect(second.book.current()).toBe(before);
    expect(second.book.silences().map((one) => one.reason)).toContain('kerja');
  });

  it('says who would be told, and of whom a reader may not know that there is somebody', async () => {
    const far = (await create('Jaga jauh', ['73.08.09'])).entity.id;
    await directory.duties.create(system, { personId: far, ...span });
    const asked = { region: '73.08.09.2001', severity: 'critical' as const };
    const [first] = await directory.whoIsTold(system, asked);
    expect(first).toMatchObject({ person: { name: 'Jaga jauh' }, why: 'duty', dueAt: noon });
    const outside = directory.whoIsTold(kahu, asked);
    await expect(outside).rejects.toMatchObject({ kind: 'not-found', code: 'region.not-found' });
    await expect(directory.whoIsTold(kahu, { severity: 'critical' })).rejects.toMatchObject({
      code: 'person.region-needed',
    });
  });

  it('lets a team be read by who reads a member, and written by who writes all', async () => {
    const team = (await directory.teams.create(system, { name: 'Tim Kahu' })).entity;
    await directory.people.create(system, { name: 'Anggota', regionCodes: ['73.08.02'], teamId: team.id });
    expect((await directory.teams.update(kahu, team.id, { escalateAfterS: 300 })).entity.escalateAfterS).toBe(300);
    await directory.people.create(system, { name: 'Anggota 2', regionCodes: ['73.08.03'], teamId: team.id });
    await expect(directory.teams.update(kahu, team.id, { escalateAfterS: 60 })).rejects.toMatchObject({
      kind: 'forbidden',
    });
    await expect(directory.teams.get(accessOf('operator', '73.08.05'), team.id)).rejects.toMatchObject({
      kind: 'not-found',
    });
  });
});
