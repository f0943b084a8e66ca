import { createECDH, randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';
import { systemAccess, type Access } from '../../domain/access.ts';
import { systemClock } from '../../domain/clock.ts';
import { newId, type ChannelId, type UserId } from '../../domain/ids.ts';
import { PeopleDirectory } from './directory.ts';
import { deviceIdOf } from './push-devices.ts';

const system = systemAccess('test');

function subscriptionAt(endpoint: string) {
  const p256dh = createECDH('prime256v1').generateKeys('base64url');
  return { endpoint, keys: { p256dh, auth: randomBytes(16).toString('base64url') } };
}
const phone = subscriptionAt('https://fcm.googleapis.com/fcm/send/telepon');
const laptop = subscriptionAt('https://updates.push.services.mozilla.com/wpush/v2/laptop');

describe('the browsers of a person', () => {
  let test: TestInventory;
  let directory: PeopleDirectory;
  const inbox = newId<ChannelId>();
  const push = newId<ChannelId>();
  const userIds = { andi: newId<UserId>(), wati: newId<UserId>() };
  const technician = (id: UserId): Access => ({
    kind: 'user',
    id,
    name: 'teknisi',
    grants: [{ role: 'technician', regionCode: '73.08.02' }],
  });
  const andi = technician(userIds.andi);

  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
    const { db } = test.database;
    const settings = JSON.stringify({ contact: 'mailto:a@bone.go.id', publicKey: 'B'.repeat(87) });
    await db
      .insertInto('channels')
      .values([
        { id: inbox, name: 'Kotak masuk', kind: 'inbox', settings: '{}' },
        { id: push, name: 'Peramban', kind: 'web-push', settings },
      ])
      .execute();
    for (const [name, id] of Object.entries(userIds))
      await db.insertInto('users').values({ id, name, password_hash: 'x', created_at: new Date() }).execute();
    const { changes } = test.inventory;
    directory = new PeopleDirectory({ db, changes, clock: systemClock, logger: pino({ level: 'silent' }) });
    await directory.people.create(system, {
      name: 'Andi',
      userId: userIds.andi,
      regionCodes: ['73.08.02'],
      channels: [{ channelId: inbox, address: 'andi' }],
    });
  });
  afterAll(async () => test?.close());
  const ways = async () => (await directory.people.get(system, 'Andi')).entity.channels;

  it('are added by a technician for themselves, the newest as the first way, and told without their endpoint', async () => {
    await directory.pushDevices.add(andi, phone);
    await directory.pushDevices.add(andi, laptop);
    expect((await ways()).map(({ channelId }) => channelId)).toEqual([push, push, inbox]);
    const desk = await directory.pushDevices.list(andi);
    expect(desk).toMatchObject({ person: { name: 'Andi' }, channel: { id: push, publicKey: 'B'.repeat(87) } });
    expect(desk.devices).toEqual([
      { id: deviceIdOf(laptop.endpoint), channelId: push, service: 'updates.push.services.mozilla.com' },
      { id: deviceIdOf(phone.endpoint), channelId: push, service: 'fcm.googleapis.com' },
    ]);
    expect(JSON.stringify(desk)).not.toContain('/send/telepon');
  });

  it('are one, however often they subscribe', async () => {
    await directory.pushDevices.add(andi, { ...phone, keys: subscriptionAt('https://a.example').keys });
    expect((await ways()).map(({ channelId }) => channelId)).toEqual([push, push, inbox]);
  });

  it('stand in the audit log without their endpoint and keys', async () => {
    const { entity } = await directory.people.get(system, 'Andi');
    const log = JSON.stringify(await test.audit.list(system, { limit: 10, entityId: entity.id }));
    expect(log).toContain('fcm.googleapis.com');
    expect(log).not.toContain('/send/telepon');
    expect(log).not.toContain(phone.keys.auth);
  });

  it('are taken away by their person alone, and leave the other ways in their order', async () => {
    const id = deviceIdOf(phone.endpoint);
    const notTheirs = { code: 'push.no-person' };
    await expect(directory.pushDevices.remove(technician(userIds.wati), id)).rejects.toMatchObject(notTheirs);
    await expect(directory.pushDevices.wayOf(technician(userIds.wati), id)).rejects.toMatchObject({
      code: 'push.not-found',
    });
    await directory.pushDevices.remove(andi, id);
    expect((await ways()).map(({ channelId }) => channelId)).toEqual([push, inbox]);
    await expect(directory.pushDevices.remove(andi, id)).rejects.toMatchObject({ code: 'push.not-found' });
  });

  it('are refused where nothing could come of them', async () => {
    await expect(directory.pushDevices.add(technician(userIds.wati), phone)).rejects.toMatchObject({
      code: 'push.no-person',
    });
    // What stands beside Arung is no push service.
    for (const endpoint of ['https://127.0.0.1/x', 'https://localhost/x', 'http://fcm.googleapis.com/x']) {
      await expect(directory.pushDevices.add(andi, { ...phone, endpoint })).rejects.toMatchObject({
        code: 'push.bad-subscription',
      });
    }
    for (let n = 0; n < 8; n++) await directory.pushDevices.add(andi, subscriptionAt(`https://push.example/${n}`));
    await expect(
      directory.pushDevices.add(andi, subscriptionAt('https://push.example/one-more')),
    ).rejects.toMatchObject({ code: 'push.too-many' });
    await test.database.db.updateTable('channels').set({ enabled: false }).where('id', '=', push).execute();
    await expect(directory.pushDevices.add(andi, phone)).rejects.toMatchObject({ code: 'push.no-channel' });
    expect((await directory.pushDevices.list(andi)).channel).toBeNull();
  });
});
