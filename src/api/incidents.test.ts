import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { testSiteWork } from '../../tests/support/site-work.ts';
import { DeskStage } from '../../tests/support/desk-stage.ts';
import { IncidentActions } from '../alerting/desk/incident-actions.ts';
import { IncidentReader } from '../alerting/desk/incident-reader.ts';
import { newId, type PersonId, type RegionId } from '../domain/ids.ts';
import type { Person } from '../domain/person.ts';
import { backbone } from '../status/test-network.ts';
import { incidentRoutes } from './incidents.ts';

const night = Date.UTC(2026, 10, 29, 18, 10);

describe('the routes of incidents', () => {
  let test: TestApi;
  let stage: DeskStage;
  let bonto: Person;
  const ask = async (
    headers: object,
    url: string,
    options: { method?: 'POST'; payload?: object | Buffer; type?: string } = {},
  ) => {
    const { method = 'GET', payload, type } = options;
    const answer = await test.api.app.inject({
      method,
      url: `/api/v1/incidents${url}`,
      headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
      ...(payload !== undefined && { payload }),
    });
    const isJson = (answer.headers['content-type'] ?? '').toString().includes('json');
    return { status: answer.statusCode, body: isJson ? answer.json() : answer.rawPayload };
  };

  beforeAll(async () => {
    test = await createTestApi({
      routes: ({ database, audit }) => {
        const { db } = database;
        // A hub in one kecamatan, its villages there and one of another behind it.
        stage = new DeskStage(db, backbone(3, 7), night);
        const actions = new IncidentActions({
          db,
          audit,
          clock: stage.clock,
          siteWork: testSiteWork({ db, audit }),
          onWritten: () => undefined,
          silencesChanged: () => Promise.resolve(),
        });
        const reader = new IncidentReader({ db });
        return [incidentRoutes({ reader, actions, personOf: () => null, clock: stage.clock })];
      },
    });
    for (const code of ['73.08.00', '73.08.01', '73.08.02']) {
      const region = { id: newId<RegionId>(), code, name: `Kecamatan ${code}`, level: 'district' } as const;
      await test.database.db.insertInto('regions').values(region).execute();
    }
    const regency = { id: newId<RegionId>(), code: '73.08', name: 'Bone', level: 'regency' } as const;
    await test.database.db.insertInto('regions').values(regency).execute();
    await stage.person('Andi');
    bonto = await stage.person('Bonto', { level: 2 });
    const desk = stage.desk();
    // A cable in the region of hub 1 darkens villages there and hub 2 with all of its own.
    stage.darken(stage.cut('h1--h2'), 'hub2', 'v2-0', 'v2-1', 'v1-0');
    for (let i = 0; i < 6; i++) {
      stage.clock.go(1_000);
      await desk.look();
    }
  }, 60_000);
  afterAll(() => test.stop());

  it('lists what touches a reader’s regions: all of it, or their share and the cause’s name and time', async () => {
    const everywhere = await ask(await test.as('viewer', null), '');
    expect(everywhere.status).toBe(200);
    expect(everywhere.body.items).toMatchObject([
      {
        state: 'open',
        severity: 'warning',
        cause: { name: 'h1--h2', kind: 'link', reason: 'failed', certainty: 0.97 },
        impact: { sites: { village: 4 }, terminals: 3 },
        told: { people: 1, messages: 1 },
        place: { name: 'hub1' },
      },
    ]);
    const there = await ask(await test.as('viewer', '73.08.02'), '');
    const [own] = there.body.items;
    expect(own).toMatchObject({
      cause: { name: 'h1--h2', kind: null, id: null, reason: null, certainty: null },
      impact: { sites: { village: 3 }, terminals: 2 },
      place: null,
      evidence: [],
      takenBy: null,
    });
    expect(own.regionCodes.every((code: string) => code.startsWith('73.08.02'))).toBe(true);
    expect((await ask(await test.as('viewer', '73.08.00'), '')).body.items).toEqual([]);
    expect((await ask(await test.as('viewer', '73.08.00'), `/${own.name}`)).status).toBe(404);
  });

  it('tells the whole story of one to who may read all of it, and of people only to who may read of them', async () => {
    const technician = await ask(await test.as('technician', null), '/INS-1');
    expect(technician.body).toMatchObject({
      causes: [{ cause: { name: 'h1--h2' } }],
      notices: [
        { person: { name: 'Andi' }, kind: 'opened', state: 'due', channel: { kind: 'inbox' } },
        { person: { name: 'Bonto' }, kind: 'escalated', state: 'scheduled' },
      ],
      entries: [{ key: 'opened', arguments: { cause: 'h1--h2' } }],
    });
    expect(technician.body.alerts.length).toBeGreaterThan(10);
    expect((await ask(await test.as('viewer', null), '/INS-1')).body.notices).toEqual([]);
    const elsewhere = await ask(await test.as('technician', '73.08.02'), '/INS-1');
    expect(elsewhere.body).toMatchObject({ notices: [], entries: [] });
    expect(JSON.stringify(elsewhere.body)).not.toContain('hub1');
  });

  it('lets a person take it once, comment, send a photo and give it away, each in both logs', async () => {
    const headers = await test.as('technician', null);
    expect((await ask(headers, '/INS-1/take', { method: 'POST', payload: {} })).body).toMatchObject({
      status: 409,
      code: 'incident.no-person',
    });
    const requestId = '019ad0f2-0c11-7f3a-9a55-0b2f61c2d001';
    const text = { text: '<b>Tiang</b> roboh', requestId };
    for (let i = 0; i < 2; i++) {
      expect((await ask(headers, '/INS-1/comments', { method: 'POST', payload: text })).status).toBe(200);
    }
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const sent = await ask(headers, '/INS-1/photos', { method: 'POST', payload: png, type: 'image/png' });
    expect(sent.status).toBe(201);
    expect((await ask(headers, `/INS-1/photos/${sent.body.id}`)).body).toEqual(png);
    expect(
      (await ask(headers, '/INS-1/photos', { method: 'POST', payload: Buffer.from('<svg/>'), type: 'image/svg+xml' }))
        .status,
    ).toBe(400);
    const given = await ask(headers, '/INS-1/hand-over', { method: 'POST', payload: { personId: bonto.id } });
    expect(given.body).toMatchObject({ takenBy: { name: 'Bonto' }, stage: 'taken' });
    const after = await ask(headers, '/INS-1');
    expect(after.body.entries.map((entry: { key: string }) => entry.key)).toEqual([
      'opened',
      'comment',
      'photo',
      'handed-over',
    ]);
    expect(after.body.notices.map((one: { kind: string; state: string }) => `${one.kind} ${one.state}`)).toEqual([
      'opened due',
      'escalated cancelled',
      'handed-over due',
    ]);
    const audited = await test.database.db
      .selectFrom('audit_log')
      .select('action')
      .where('entity_kind', '=', 'incident')
      .execute();
    expect(audited.map(({ action }) => action)).toEqual(['comment', 'photo', 'handed-over']);
  });

  it('gives it to nobody who may not be known, and names nobody of another region', async () => {
    const { db } = test.database;
    const cara = await stage.person('Cara Asing');
    const diam = await stage.person('Diam');
    await db
      .updateTable('people')
      .set({ region_codes: ['73.09'] })
      .where('id', '=', cara.id)
      .execute();
    await db.updateTable('people').set({ active: false }).where('id', '=', diam.id).execute();
    const headers = await test.as('technician', '73.08');
    const absent = newId<PersonId>();
    for (const personId of [cara.id, diam.id, absent]) {
      const answer = await ask(headers, '/INS-1/hand-over', { method: 'POST', payload: { personId } });
      expect(answer.body).toMatchObject({ status: 400, code: 'incident.no-such-person' });
      expect(JSON.stringify(answer.body)).not.toContain('Cara');
    }
    await db
      .updateTable('people')
      .set({ region_codes: ['73.09'] })
      .where('name', '=', 'Andi')
      .execute();
    const [first] = (await ask(headers, '/INS-1')).body.notices;
    expect(first).toMatchObject({ kind: 'opened', person: { id: null, name: '' } });
    const [all] = (await ask(await test.as('technician', null), '/INS-1')).body.notices;
    expect(all).toMatchObject({ person: { name: 'Andi' } });
  });

  it('leaves out evidence that names what lies outside of the reader’s regions', async () => {
    const { db } = test.database;
    const row = await db.selectFrom('incidents').select(['id', 'evidence']).where('number', '=', 1).executeTakeFirst();
    const evidence = row?.evidence ?? [];
    const named = { device: 'h1', neighbour: 'rtr-asing', interface: 'sfp1' };
    const foreign = { key: 'device.light-seen', arguments: named, regionCodes: ['73.09.01'] };
    await db
      .updateTable('incidents')
      .set({ evidence: JSON.stringify([foreign, ...evidence]) as never })
      .where('number', '=', 1)
      .execute();
    const there = await ask(await test.as('viewer', '73.08'), '/INS-1');
    expect(JSON.stringify(there.body)).not.toContain('rtr-asing');
    expect(there.body.evidence).toHaveLength(evidence.length);
    expect(JSON.stringify((await ask(await test.as('viewer', null), '/INS-1')).body)).toContain('rtr-asing');
  });

  it('lets nobody use up the request of another', async () => {
    const requestId = '019ad0f2-0c11-7f3a-9a55-0b2f61c2d002';
    const said = (text: string) => ({ method: 'POST' as const, payload: { text, requestId } });
    await ask(await test.as('technician', null), '/INS-1/comments', said('pertama'));
    const second = await ask(await test.as('operator', null), '/INS-1/comments', said('kedua'));
    const texts = second.body.entries.map((entry: { text: string }) => entry.text);
    expect(texts).toEqual(expect.arrayContaining(['pertama', 'kedua']));
  });

  it('says nothing of it to who may not act there, and counts by kecamatan', async () => {
    const viewer = await ask(await test.as('viewer', null), '/INS-1/take', { method: 'POST', payload: {} });
    expect(viewer.status).toBe(403);
    const elsewhere = await ask(await test.as('technician', '73.08.02'), '/INS-1/mute', {
      method: 'POST',
      payload: { minutes: 5 },
    });
    expect(elsewhere.status).toBe(404);
    const span = `?from=${new Date(night - 60_000).toISOString()}&to=${new Date(night + 60_000).toISOString()}`;
    const counted = await ask(await test.as('viewer', null), `/statistics${span}`);
    expect(counted.body).toMatchObject({ items: [] });
    expect(
      (await ask(await test.as('viewer', null), '/statistics?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z'))
        .status,
    ).toBe(400);
  });
});
