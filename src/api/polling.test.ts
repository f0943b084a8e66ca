import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { SnmpAgent } from '../../tests/support/snmp-agent.ts';
import { accessOf } from '../../tests/support/inventory.ts';
import { systemAccess, type Access } from '../domain/access.ts';
import { systemClock } from '../domain/clock.ts';
import { seriesOf } from '../domain/point.ts';
import { Inventory, sealedColumns } from '../inventory/inventory.ts';
import { backbone } from '../../tests/support/backbone.ts';
import type { Diagnosis } from '../polling/diagnose.ts';
import { PollingEngine } from '../polling/engine.ts';
import { LocalAgent } from '../polling/local-agent.ts';
import type { DevicePollReport } from '../polling/poll-report.ts';
import { Vault } from '../vault/vault.ts';
import { pollingRoutes } from './polling.ts';

const logger = pino({ enabled: false });
const folder = mkdtempSync(join(tmpdir(), 'arung-polling-api-'));
const uptime = '1.3.6.1.2.1.1.3.0';
const own = 'rtr-73-08-01-2003-01';
const foreign = 'rtr-73-08-02-2002-01';
const terminal = 'abs-73-08-01-2003-01';
const snmp = new SnmpAgent([[uptime, { type: 'timeticks', value: 4_711 }]]);
let tested: TestApi;
let inventory: Inventory;
let vault: Vault;
let engine: PollingEngine;
let agent: LocalAgent;
let technician: { authorization: string };
let viewer: { authorization: string };

/** Technician of one kecamatan, viewer of another. */
const both = { authorization: 'Bearer both' };
const mixed: Access = {
  ...accessOf('technician', '73.08.02'),
  grants: [
    { role: 'technician', regionCode: '73.08.02' },
    { role: 'viewer', regionCode: '73.08.01' },
  ],
};

beforeAll(async () => {
  const port = await snmp.listen();
  tested = await createTestApi({
    overrides: {
      identifier: {
        identify: (headers) =>
          headers.authorization === both.authorization
            ? Promise.resolve({
                access: mixed,
                via: 'token',
                sessionId: null,
                mustChangePassword: false,
                mustSetSecondFactor: false,
              })
            : tested.authenticator.identify(headers),
      },
    },
    routes: async ({ database: { db }, audit }) => {
      vault = new Vault({ db, keyFile: join(folder, 'key'), columns: sealedColumns, logger });
      await vault.start();
      inventory = new Inventory({ db, vault, audit, clock: systemClock, logger });
      await inventory.catalogue.import(systemAccess('test'), '73.08');
      await inventory.start();
      const document = backbone({ districts: ['73.08.01', '73.08.02'], villages: ['73.08.01.2003', '73.08.02.2002'] });
      const text = JSON.stringify({
        ...document,
        credentials: document.credentials?.map((one) => ({ ...one, secret: 'public' })),
        devices: document.devices?.map((one) => ({
          ...one,
          ...(one.name === own ? { address: '127.0.0.1', port } : {}),
          ...(one.name === own || one.address === undefined ? {} : { address: one.address.replace(/^10/, '127') }),
        })),
      });
      await inventory.importer.apply(systemAccess('test'), { format: 'json', text });
      const agentId = (await inventory.agents.get(systemAccess('test'), 'local')).entity.id;
      engine = new PollingEngine({ clock: systemClock, logger });
      agent = new LocalAgent({
        targets: inventory.targets,
        agentId,
        plans: {
          planFor: (target) =>
            Promise.resolve({
              id: 'ef'.repeat(32),
              deviceId: target.deviceId,
              ifTableLastChange: null,
              groups: [
                {
                  group: 'health',
                  intervalMs: 60_000,
                  series: [seriesOf('device', { device: target.deviceId })],
                  slots: [{ oid: uptime, kind: 'timeticks', scale: 1, row: 0, field: 2, ceiling: 0 }],
                },
              ],
            }),
        },
        engine,
        bus: { publish: () => undefined, to: () => () => undefined },
        logger,
        dataDir: folder,
      });
      await engine.start();
      await agent.start();
      return [pollingRoutes({ devices: inventory.devices, agent })];
    },
  });
  technician = await tested.as('technician', '73.08.01');
  viewer = await tested.as('viewer', '73.08.01');
}, 120_000);
afterAll(async () => {
  await tested?.stop();
  await agent?.stop();
  await engine?.stop();
  await inventory?.stop().catch(() => undefined);
  await vault?.stop().catch(() => undefined);
  await snmp.close();
  rmSync(folder, { recursive: true, force: true });
});

async function plan(device: string, headers = viewer, query = '') {
  const url = `/api/v1/devices/${device}/plan${query}`;
  const response = await tested.api.app.inject({ method: 'GET', url, headers });
  return {
    status: response.statusCode,
    body: response.json<DevicePollReport & { code?: string; variables: unknown[] }>(),
  };
}

async function test(device: string, headers = technician) {
  const url = `/api/v1/devices/${device}/test`;
  const response = await tested.api.app.inject({ method: 'POST', url, headers });
  return { status: response.statusCode, body: response.json<Diagnosis & { ok: boolean; code?: string }>() };
}

describe('GET /api/v1/devices/:id/plan', () => {
  it('says how a device is polled, and on request which variables', async () => {
    await expect.poll(async () => (await plan(own)).body.state, { timeout: 10_000 }).toBe('polled');
    const { status, body } = await plan(own, viewer, '?variables=true');
    expect(status).toBe(200);
    expect(body.lastError).toBeNull();
    expect(body.groups.map((group) => group.group)).toEqual(['reachability', 'health']);
    expect(body.variables).toMatchObject([{ group: 'health', oid: uptime, kind: 'timeticks', field: 2 }]);
    expect(JSON.stringify(body)).not.toContain('public');
  });

  it('answers for a foreign device as for one that does not exist', async () => {
    const other = await plan(foreign);
    const none = await plan('no-such-device');
    expect([other.status, none.status]).toEqual([404, 404]);
    expect(other.body.code).toBe(none.body.code);
  });

  it('says so for a device that is not polled by SNMP', async () => {
    expect((await plan(terminal)).body.code).toBe('polling.not-polled');
  });
});

describe('POST /api/v1/devices/:id/test', () => {
  it('asks the device and says how long it took', async () => {
    const { status, body } = await test(own);
    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: true, cause: 'none' });
    expect(body.rttMs).toBeGreaterThan(0);
  });

  it('is for technicians and within their regions', async () => {
    expect((await test(own, viewer)).status).toBe(403);
    expect((await test(foreign)).status).toBe(404);
    expect((await test(own, both)).status).toBe(403);
  });

  it('names what is wrong', async () => {
    snmp.misbehaviour = { silent: true };
    const { body } = await test(own);
    snmp.misbehaviour = {};
    // This machine answers TCP, at least with a refusal.
    expect(body).toMatchObject({ ok: false, cause: 'snmp-silent' });
    expect(body.message).toContain(own);
  });
});
