import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { backbone } from '../../tests/support/backbone.ts';
import { accessOf } from '../../tests/support/inventory.ts';
import { systemAccess, type Access } from '../domain/access.ts';
import { systemClock as clock } from '../domain/clock.ts';
import { Inventory, sealedColumns } from '../inventory/inventory.ts';
import { IntentReader } from '../provisioning/intent/intent-reader.ts';
import { IntentStore } from '../provisioning/intent/intent-store.ts';
import { IntentTrial } from '../provisioning/intent/intent-trial.ts';
import { SharedIntent } from '../provisioning/intent/shared-intent.ts';
import { Vault } from '../vault/vault.ts';
import { intentPartRoutes } from './intent-parts.ts';
import { intentRoutes } from './intents.ts';
import { usualOwner } from './provisioning-schemas.ts';

const logger = pino({ enabled: false });
const folder = mkdtempSync(join(tmpdir(), 'arung-intents-api-'));
const system = systemAccess('test');
const own = 'rtr-kec-73-08-01-01';
const other = 'rtr-kec-73-08-02-01';
/** Operator of one kecamatan, technician of another. */
const mixed: Access = {
  ...accessOf('operator', '73.08.01'),
  grants: [
    { role: 'operator', regionCode: '73.08.01' },
    { role: 'technician', regionCode: '73.08.02' },
  ],
};
let tested: TestApi;
let inventory: Inventory;
let vault: Vault;
/** Names of the devices on which a session was opened. */
let opened: string[] = [];

const body = (comment = 'a') => ({
  driver: 'routeros',
  fragments: [{ key: 'lan', subject: '/ip/address', values: { address: '10.0.0.1/24', comment } }],
});

beforeAll(async () => {
  tested = await createTestApi({
    overrides: {
      identifier: {
        identify: () =>
          Promise.resolve({
            access: mixed,
            via: 'token',
            sessionId: null,
            mustChangePassword: false,
            mustSetSecondFactor: false,
          }),
      },
    },
    routes: async ({ database: { db }, audit }) => {
      vault = new Vault({ db, keyFile: join(folder, 'key'), columns: sealedColumns, logger });
      await vault.start();
      inventory = new Inventory({ db, vault, audit, clock, logger });
      await inventory.catalogue.import(system, '73.08');
      await inventory.start();
      const text = JSON.stringify(backbone({ districts: ['73.08.01', '73.08.02'], villages: [] }));
      await inventory.importer.apply(system, { format: 'json', text });
      const { changes } = inventory;
      const store = new IntentStore({ db, changes, sealer: vault, check: () => undefined, clock });
      await store.start();
      const reader = new IntentReader({ db });
      const trial = new IntentTrial({ db, store });
      const shared = new SharedIntent({ db, changes, store });
      for (const device of [own, other]) {
        const document = { ...body(), fragments: body().fragments.map((one) => ({ ...one, secret: [] })) };
        await store.stage(system, device, document, { managedBy: usualOwner });
      }
      const open = async (id: string): Promise<void> => {
        opened.push((await inventory.devices.get(system, id)).name);
      };
      const none = { variables: new Map(), templates: new Map() };
      return [
        intentRoutes({
          store,
          reader,
          trial,
          clock,
          lookAt: async (devices) => {
            for (const id of devices) await open(id);
          },
          compare: async (id) => {
            await open(id);
            return [];
          },
          stagedBy: (devices, program) => shared.staged(devices, program),
          stale: () => Promise.resolve(none),
        }),
        intentPartRoutes({
          store,
          shared,
          trial,
          find: (access, key) => reader.configurableDevice(access, key),
          found: async (id) => {
            await open(id);
            return [];
          },
        }),
      ];
    },
  });
}, 120_000);
afterAll(async () => {
  await tested?.stop();
  await inventory?.stop().catch(() => undefined);
  await vault?.stop().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  opened = [];
});

async function ask(method: 'GET' | 'POST' | 'PUT', path: string, payload?: object) {
  const url = `/api/v1${path}`;
  const response = await tested.api.app.inject({ method, url, headers: { authorization: 'Bearer x' }, ...(payload && { payload }) }); // prettier-ignore
  return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
}

describe('a session on a device, which signs in with its password, is for who may configure it there', () => {
  it.each([
    ['GET', (device: string) => `/intents/${device}/found?subject=/user`, undefined],
    ['POST', (device: string) => `/intents/${device}/compare`, body()],
  ] as const)('%s %s', async (method, path, payload) => {
    expect(await ask(method, path(other), payload)).toMatchObject({ status: 403, body: { code: 'inventory.outside-regions' } }); // prettier-ignore
    expect(opened).toEqual([]);
    expect((await ask(method, path(own), payload)).status).toBe(200);
    expect(opened).toEqual([own]);
  });

  it('POST /intents/look leaves out the others', async () => {
    const { status, body: found } = await ask('POST', '/intents/look', { devices: [own, other] });
    expect(status).toBe(200);
    expect(found['items']).toMatchObject([{ device: own }]);
    expect(opened).toEqual([own]);
    // Reading what is kept is for who reads there.
    expect((await ask('GET', `/intents/${other}`)).status).toBe(200);
  });
});
