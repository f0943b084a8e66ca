import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { createTestDatabase, type TestDatabase } from '../tests/support/database.ts';
import { DeskStage } from '../tests/support/desk-stage.ts';
import { testSiteWork } from '../tests/support/site-work.ts';
import { IncidentActions } from './alerting/desk/incident-actions.ts';
import { AuditLog } from './audit/audit-log.ts';
import { systemAccess } from './domain/access.ts';
import type { PlacedEvent } from './domain/status-change.ts';
import { incidentEvents } from './incident-events.ts';
import { backbone } from './status/test-network.ts';

const night = Date.UTC(2026, 10, 29, 18, 10);

describe('events of incidents', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  }, 240_000);
  afterAll(() => database?.drop());

  it('tell in journal and stream what becomes of one, where its cause lies, and not who took it', async () => {
    const { db } = database;
    const stage = new DeskStage(db, backbone(3, 7), night);
    const told: PlacedEvent[] = [];
    const recorded: unknown[] = [];
    const events = incidentEvents({
      history: { record: (event) => void recorded.push(event) },
      tell: (event) => void told.push(event),
      clock: stage.clock,
    });
    const desk = stage.desk({ onWritten: (news) => events.written(news) });
    const run = async (seconds: number) => {
      for (let passed = 0; passed < seconds; passed++) {
        stage.clock.go(1_000);
        await desk.look();
      }
    };
    const andi = await stage.person('Andi');
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(5);
    const audit = new AuditLog({ db, logger: pino({ level: 'silent' }) });
    const actions = new IncidentActions({
      db,
      audit,
      clock: stage.clock,
      siteWork: testSiteWork({ db, audit }),
      onWritten: () => undefined,
      onTaken: (incident) => events.taken(incident),
      silencesChanged: () => Promise.resolve(),
    });
    const { id } = await db.selectFrom('incidents').select('id').executeTakeFirstOrThrow();
    const actor = { personId: andi.id, userId: null, name: 'Andi', via: 'phone', scope: 'everywhere' } as const;
    const request = { actor: { ...actor, access: systemAccess('Andi') } };
    await actions.take(id, request);
    await actions.take(id, request);
    await actions.setStage(id, 'on-site', request);
    // What is dark has another cause: the router of the village.
    stage.darken(stage.dead('r-v1-3'), 'v1-3', 'v1-4');
    await run(10);
    stage.light('v1-3', 'v1-4');
    await run(70);
    const keys = told.map(({ event }) => event.key);
    expect(keys[0]).toBe('incident.opened');
    expect(keys[1]).toBe('incident.taken');
    expect(keys).toContain('incident.revised');
    expect(keys.at(-1)).toBe('incident.closed');
    expect(keys.filter((key) => key === 'incident.taken')).toHaveLength(1);
    expect(recorded).toEqual(told.map(({ event }) => event));
    expect(told[0]).toMatchObject({
      event: {
        entityKind: 'incident',
        entityId: id,
        entityName: 'INS-1',
        regionCode: expect.stringMatching(/^73\.08\.01/),
        cause: { kind: 'link', name: 'h1--r-v1-3' },
        arguments: { cause: 'h1--r-v1-3', severity: 'warning' },
      },
    });
    expect(told[0]?.causeRegionCodes.length).toBeGreaterThan(0);
    expect(told.at(-1)?.event.arguments['lastedS']).toBeGreaterThan(0);
    expect(JSON.stringify(told)).not.toContain('Andi');
  });
});
