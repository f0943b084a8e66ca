import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertChannel, insertNotice, insertPerson } from '../../../tests/support/alerting-people.ts';
import { plantIncident } from '../../../tests/support/incident.ts';
import { createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';
import { testSiteWork } from '../../../tests/support/site-work.ts';
import { accessOfUser } from '../../auth/grants.ts';
import { systemAccess } from '../../domain/access.ts';
import { systemClock as clock } from '../../domain/clock.ts';
import { newId, type ChannelId, type IncidentId, type PersonId, type SiteId, type UserId } from '../../domain/ids.ts';
import { Fallback } from '../delivery/fallback.ts';
import { InboundDesk } from '../delivery/inbound-desk.ts';
import { Outbox } from '../delivery/outbox.ts';
import { IncidentActions } from './incident-actions.ts';
import { isPlanned } from './silencing.ts';

const system = systemAccess('test');

describe('planned work that begins with a message', { timeout: 60_000 }, () => {
  let test: TestInventory;
  let desk: InboundDesk;
  let channelId: ChannelId;
  let site: SiteId;
  let router: string;
  let incident: IncidentId;
  let told = 0;
  const answers: string[] = [];
  const answer = async (text: string) => void answers.push(text);
  const write = (text: string, address: string) =>
    desk.handle(
      { id: channelId, kind: 'telegram' },
      { kind: 'text', address, text, messageId: `${told++}`, answersTo: null, answer },
    );
  const windows = async () => (await test.inventory.maintenance.list(system, { current: true })).items;

  /** Told of the incident, with these areas; a user as well when a role is given. */
  async function technician(
    name: string,
    regionCodes: readonly string[],
    more: { role?: 'operator' | 'viewer'; networks?: readonly ('smart-city' | 'smart-office')[] } = {},
  ): Promise<{ id: PersonId; address: string }> {
    const { db } = test.database;
    const address = String(1_000_000 + told++);
    const id = await insertPerson(db, name, [{ channelId, address }]);
    let userId: UserId | null = null;
    if (more.role !== undefined) {
      userId = newId<UserId>();
      const user = { id: userId, name: name.toLowerCase(), password_hash: 'x', created_at: new Date() };
      await db.insertInto('users').values(user).execute();
      await db.insertInto('user_grants').values({ user_id: userId, role: more.role, region_id: null }).execute();
    }
    await db
      .updateTable('people')
      .set({ region_codes: [...regionCodes], networks: [...(more.networks ?? [])], user_id: userId })
      .where('id', '=', id)
      .execute();
    await insertNotice(db, { personId: id, channelId, address, incidentId: incident });
    await db.updateTable('notices').set({ state: 'sent', sent_at: new Date() }).execute();
    return { id, address };
  }

  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
    const { inventory, audit } = test;
    const { db } = test.database;
    const logger = pino({ level: 'silent' });
    channelId = await insertChannel(db, { name: 'bot', kind: 'telegram' });
    site = (
      await inventory.sites.create(system, {
        code: 'pop-palattae',
        name: 'POP Palattae',
        kind: 'pop',
        network: 'smart-city',
        rolloutStatus: 'active',
        region: '73.08.02.1001',
      })
    ).entity.id;
    const device = { siteId: site, role: 'router', protocol: 'snmp', address: '127.0.0.9' } as const;
    router = (await inventory.devices.create(system, { ...device, name: 'rtr-palattae-01' })).entity.id;
    await inventory.topology.refresh();
    const siteWork = testSiteWork({
      db,
      audit,
      topology: () => inventory.topology.current(),
      onCommit: () => inventory.changes.wakeAll(),
    });
    const acting = new IncidentActions({
      db,
      audit,
      clock,
      siteWork,
      onWritten: () => undefined,
      silencesChanged: () => Promise.resolve(),
    });
    desk = new InboundDesk({
      db,
      acting,
      accessOfUser: (id) => accessOfUser(db, id),
      stateOf: () => 'up',
      fallback: new Fallback({ db, outbox: new Outbox({ db, self: '1' }), logger }),
      onForeignAlert: () => Promise.resolve(),
      timeZone: 'Asia/Makassar',
      language: 'id',
      clock,
      logger,
    });
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    for (const { id } of await windows()) await test.inventory.maintenance.remove(system, id);
    const { db } = test.database;
    await db.deleteFrom('silences').execute();
    await db.deleteFrom('incidents').execute();
    incident = await plantIncident(db, {
      cause: { kind: 'device', id: router, name: 'rtr-palattae-01' },
      place: { name: 'POP Palattae', at: '', latitude: null, longitude: null, accessNotes: '', siteId: site },
    });
  });

  it('is planned work of the incident’s site for that time, in the name of the person, in both logs', async () => {
    const { address } = await technician('Andi', ['73.08.02']);
    const before = Date.now();
    await write('2 jam kerja di sini', address);
    expect(answers.pop()).toMatch(/^INS-\d+: pekerjaan terencana di tempat ini dibuka 120 menit/);
    const [window, ...others] = await windows();
    expect(others).toEqual([]);
    expect(window).toMatchObject({ siteId: site, target: 'POP Palattae', recurrence: null });
    expect(window?.reason).toMatch(/^INS-\d+: kerja di sini$/);
    expect(Date.parse(window?.to ?? '') - Date.parse(window?.from ?? '')).toBe(7_200_000);
    expect(Date.parse(window?.from ?? '')).toBeGreaterThanOrEqual(before - 1_000);
    const [entry] = await test.audit.list(system, { limit: 1, entityId: window?.id ?? '' });
    expect(entry).toMatchObject({ action: 'create', actorName: 'Andi (telegram)', regionCode: '73.08.02.1001' });
    const log = await test.database.db.selectFrom('incident_entries').selectAll().execute();
    expect(log).toMatchObject([
      { key: 'work-begun', actor: 'Andi', arguments: { site: 'POP Palattae', minutes: 120, reason: 'kerja di sini' } },
    ]);
    expect(await test.audit.verify()).toMatchObject({ ok: true });
  });

  it('covers what broke there by itself: nothing is muted beside it', async () => {
    const { address } = await technician('Andi Dua', ['73.08']);
    await write('/kerja 2h', address);
    expect(await test.database.db.selectFrom('silences').selectAll().execute()).toEqual([]);
    const cause = { kind: 'device', id: router, name: '', reason: 'failed', since: 0, certainty: 1 } as const;
    await expect.poll(() => isPlanned(cause, test.inventory.topology.current()), { timeout: 10_000 }).toBe(true);
  });

  it('mutes the incident, too, where what broke lies elsewhere', async () => {
    await test.database.db
      .updateTable('incidents')
      .set({ causes: JSON.stringify([{ at: 0, cause: { kind: 'service', id: newId(), name: 's' }, regionCodes: [] }]) })
      .execute();
    const { address } = await technician('Andi Tiga', []);
    await write('2 jam kerja di sini', address);
    expect(await windows()).toHaveLength(1);
    expect(await test.database.db.selectFrom('silences').selectAll().execute()).toHaveLength(1);
  });

  it('is done once, however often the channel tells of it', async () => {
    const { address } = await technician('Andi Empat', ['73.08.02']);
    const inbound = { kind: 'text' as const, address, text: '2 jam kerja', messageId: 'same', answersTo: null, answer };
    await Promise.all([1, 2, 3].map(() => desk.handle({ id: channelId, kind: 'telegram' }, inbound)));
    expect(await windows()).toHaveLength(1);
  });

  it.each([
    ['outside of their areas', ['73.08.03'], {}],
    ['of a network that is not theirs', ['73.08.02'], { networks: ['smart-office'] as const }],
    ['outside of their areas, also as a user who only reads', ['73.08.03'], { role: 'viewer' as const }],
  ])('is refused %s, and nothing is written', async (_, areas, more) => {
    const { address } = await technician(`Orang ${told}`, areas, more);
    await write('2 jam kerja di sini', address);
    expect(answers.pop()).toMatch(/^Tidak dapat: POP Palattae di luar wilayah Anda\. Pakai \/mute 2h untuk INS-\d+\.$/);
    expect(await windows()).toEqual([]);
    expect(await test.database.db.selectFrom('incident_entries').selectAll().execute()).toEqual([]);
  });

  it('is a user’s right as well, in the user’s name', async () => {
    const { address } = await technician('Operator Luas', ['73.08.03'], { role: 'operator' });
    await write('2 jam kerja di sini', address);
    const [window] = await windows();
    const [entry] = await test.audit.list(system, { limit: 1, entityId: window?.id ?? '' });
    expect(entry).toMatchObject({ action: 'create', actorName: 'operator luas' });
  });

  it('lasts a day at most', async () => {
    const { address } = await technician('Andi Lima', ['73.08.02']);
    await write('3 hari kerja di sini', address);
    expect(answers.pop()).toMatch(/paling lama 24 jam/);
    expect(await windows()).toEqual([]);
  });
});
