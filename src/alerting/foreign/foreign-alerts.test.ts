import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startAlertmanager } from '../../../tests/support/alertmanager.ts';
import { insertChannel } from '../../../tests/support/alerting-people.ts';
import { createTestApi, type TestApi } from '../../../tests/support/api.ts';
import { DeskStage } from '../../../tests/support/desk-stage.ts';
import { openChannel } from '../../../tests/support/outgoing-message.ts';
import { itWithPeer } from '../../../tests/support/peers.ts';
import { inboundRoutes } from '../../api/inbound.ts';
import { newId, type ChannelId, type RegionId } from '../../domain/ids.ts';
import { backbone } from '../../status/test-network.ts';
import { alertmanager } from '../channels/alertmanager.ts';
import type { AlertDesk } from '../desk/alert-desk.ts';
import { ForeignAlerts, forgottenAfterMs, type TakenAlert } from './foreign-alerts.ts';

const night = Date.UTC(2026, 10, 29, 18, 10);
const token = 'a token of sixteen';

describe('alerts of other programs', { timeout: 300_000 }, () => {
  let api: TestApi;
  let stage: DeskStage;
  let desk: AlertDesk;
  let foreign: ForeignAlerts;
  let channelId: ChannelId;

  const run = async (seconds: number): Promise<void> => {
    for (let passed = 0; passed < seconds; passed++) {
      stage.clock.go(1_000);
      await desk.look();
    }
  };
  const incidents = () => api.database.db.selectFrom('incidents').selectAll().orderBy('number').execute();
  const told = async () =>
    (await api.database.db.selectFrom('notices').selectAll().orderBy('id').execute())
      .filter(({ state }) => state === 'due')
      .map(({ kind, person_name: name }) => `${kind} ${name}`);
  const alert = (more: Partial<TakenAlert> = {}): TakenAlert => ({
    fingerprint: 'a1',
    name: 'DiskFull',
    labels: { device: 'R-V1-3', severity: 'page' },
    summary: 'Disk <b>penuh</b>',
    severity: 'critical',
    startsAt: stage.clock.wall,
    endsAt: null,
    ...more,
  });

  beforeAll(async () => {
    api = await createTestApi({
      routes: () => [
        inboundRoutes({
          receive: async (id, request) => {
            const answer = await openChannel(
              alertmanager,
              { url: 'http://127.0.0.1:9' },
              { inboundToken: token },
            ).receive?.(request);
            for (const one of answer?.inbound ?? []) {
              if (one.kind === 'alert') await foreign.take(id, one.alert);
            }
            return answer ?? null;
          },
        }),
      ],
    });
    const { db } = api.database;
    stage = new DeskStage(db, backbone(3, 7), night);
    // The inventory that labels are looked up in, as far as they name it.
    const region = { id: newId<RegionId>(), code: '73.08.01.2001', name: 'Desa', level: 'village' } as const;
    await db.insertInto('regions').values(region).execute();
    const { siteId, agentId } = stage.network.topology.devices.get(stage.network.id('r-v1-3')) ?? {};
    if (siteId === undefined || agentId === undefined) throw new Error('no r-v1-3');
    await db
      .insertInto('sites')
      .values({
        id: siteId,
        code: 'v1-3',
        name: 'v1-3',
        kind: 'village',
        network: 'smart-city',
        rollout_status: 'active',
        region_id: region.id,
      } as never)
      .execute();
    await db
      .insertInto('agents')
      .values({ id: agentId, name: 'local-test' } as never)
      .execute();
    await db
      .insertInto('devices')
      .values({
        id: stage.network.id('r-v1-3'),
        name: 'r-v1-3',
        site_id: siteId,
        agent_id: agentId,
        role: 'router',
        protocol: 'snmp',
        address: '127.0.0.9',
      } as never)
      .execute();
  }, 300_000);
  afterAll(() => api?.stop(), 120_000);
  beforeEach(async () => {
    const { db } = api.database;
    for (const table of ['notices', 'incidents', 'person_channels', 'people', 'channels', 'leases'] as const) {
      await db.deleteFrom(table).execute();
    }
    stage.people.length = 0;
    stage.light('v1-3');
    stage.clock.go(3_600_000);
    channelId = await insertChannel(db, { name: 'prometheus', kind: 'alertmanager' });
    foreign = new ForeignAlerts({ db, clock: stage.clock, logger: pino({ level: 'silent' }) });
    desk = stage.desk({ foreign });
    await stage.person('Andi');
  }, 120_000);

  it('are an incident of the device that a label names, told as severe as they are, and end with it', async () => {
    await foreign.take(channelId, alert());
    await run(5);
    expect(await incidents()).toMatchObject([
      {
        severity: 'critical',
        rule: 'alertmanager/DiskFull',
        causes: [{ cause: { kind: 'device', name: 'r-v1-3', reason: 'rule' } }],
        evidence: [
          { key: 'foreign.said', arguments: { program: 'prometheus', summary: 'Disk <b>penuh</b>' } },
          { key: 'certainty' },
        ],
        place: { name: 'v1-3' },
        region_code: expect.stringMatching(/^73\.08\.01\./),
      },
    ]);
    // Another controller reads it from the database, also after a restart of this one.
    foreign = new ForeignAlerts({ db: api.database.db, clock: stage.clock, logger: pino({ level: 'silent' }) });
    desk = stage.desk({ foreign });
    await api.database.db
      .updateTable('leases')
      .set({ until: new Date(0) })
      .execute();
    await foreign.refresh();
    await run(90);
    expect(await incidents()).toMatchObject([{ state: 'open' }]);
    // The end of an earlier one of the same name is none of this.
    await foreign.take(channelId, alert({ startsAt: night, endsAt: stage.clock.wall }));
    expect(foreign.current()).toHaveLength(1);
    const { startsAt } = alert({ startsAt: foreign.current()[0]?.since ?? 0 });
    await foreign.take(channelId, alert({ startsAt, endsAt: stage.clock.wall }));
    // A repeat that was overtaken by the end.
    await foreign.take(channelId, alert({ startsAt }));
    await run(65);
    expect(await incidents()).toMatchObject([{ state: 'resolved' }]);
    expect(await told()).toEqual(['opened Andi', 'resolved Andi']);
  });

  it('are part of what darkens the device, and say nothing more when it is back', async () => {
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(5);
    await foreign.take(channelId, alert({ name: 'InstanceDown' }));
    await run(60);
    expect(await incidents()).toMatchObject([{ causes: [{ cause: { kind: 'link' } }] }]);
    stage.light('v1-3', 'v1-4');
    stage.states.set(`device:${stage.network.id('r-v1-3')}`, { state: 'up', since: stage.clock.wall, cause: null });
    await run(70);
    expect(await told()).toEqual(['opened Andi', 'resolved Andi']);
    // It still holds five minutes later: then it is news of its own.
    await run(300);
    expect((await incidents()).map(({ state, rule }) => `${state} ${rule}`)).toEqual([
      'resolved null',
      'open alertmanager/InstanceDown',
    ]);
  });

  it('of nothing that the inventory has go to who answers for all, and are seen by who reads all', async () => {
    await foreign.take(channelId, alert({ labels: { instance: 'db1:9100' } }));
    await run(5);
    expect(await incidents()).toMatchObject([
      { causes: [{ cause: { kind: 'controller', name: 'db1:9100', reason: 'rule' } }], region_codes: [], place: null },
    ]);
    expect(await told()).toEqual(['opened Andi']);
  });

  it('are over when their program is silent of them for a day, or its channel is off', async () => {
    await foreign.take(channelId, alert());
    stage.clock.go(forgottenAfterMs + 1_000);
    await foreign.refresh();
    expect(foreign.current()).toEqual([]);
    await foreign.take(channelId, alert({ startsAt: stage.clock.wall }));
    expect(foreign.current()).toHaveLength(1);
    await api.database.db.updateTable('channels').set({ enabled: false }).where('id', '=', channelId).execute();
    await foreign.refresh();
    expect(foreign.current()).toEqual([]);
  });

  itWithPeer(
    'prometheus-alertmanager',
    'come from Debian’s Alertmanager over its webhook, and end there and here',
    async (program) => {
      // Its time is the world's.
      stage.clock.wall = Date.now();
      await api.api.start();
      const hook = `${api.api.localUrl}/api/v1/channels/${channelId}/inbound`;
      const peer = await startAlertmanager(program, { hook, token });
      try {
        const labels = { alertname: 'HighLatency', instance: '127.0.0.9:9100', severity: 'warning' };
        await peer.tell([{ labels, annotations: { summary: 'p99 2 s' } }]);
        const patient = { timeout: 120_000, interval: 200 };
        await expect.poll(() => foreign.current().length, patient).toBe(1);
        await run(5);
        expect(await incidents()).toMatchObject([
          { state: 'open', severity: 'warning', causes: [{ cause: { name: 'r-v1-3' } }] },
        ]);
        await peer.tell([{ labels, endsAt: new Date().toISOString() }]);
        await expect.poll(() => foreign.current().length, patient).toBe(0);
        await run(65);
        expect(await incidents()).toMatchObject([{ state: 'resolved' }]);
      } finally {
        await peer.stop();
      }
    },
  );
});
