import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestInventory, type TestInventory } from '../../tests/support/inventory.ts';
import { dashboards } from '../../dashboards/grafana/dashboards.ts';
import { namesText } from '../../dashboards/grafana/queries.ts';
import type { SiteId } from '../domain/ids.ts';
import { systemAccess } from '../domain/access.ts';
import { keepReaderRole, readerRole } from './reader-role.ts';

const silent = pino({ enabled: false });
const access = systemAccess('test');

describe('the account that reads names', () => {
  let test: TestInventory;
  let siteId: SiteId;
  const asReader = async (password: string): Promise<Client> => {
    const url = new URL(test.database.url.replace(/^postgresql:\/\/[^/]*\//, 'postgresql://x/'));
    const client = new Client({
      host: url.searchParams.get('host') ?? '127.0.0.1',
      port: Number(url.searchParams.get('port') ?? 5432),
      database: url.pathname.slice(1),
      user: readerRole,
      password,
    });
    await client.connect();
    return client;
  };

  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
    const site = {
      code: 'pusat',
      name: 'Pusat data',
      kind: 'pop',
      network: 'smart-office',
      region: '73.08',
    } as const;
    siteId = (await test.inventory.sites.create(access, site)).entity.id;
    await test.inventory.devices.create(access, { name: 'rtr-pusat-01', siteId, role: 'router', protocol: 'none' });
    await keepReaderRole(test.database.db, "se'cret", silent);
  });
  afterAll(async () => {
    await keepReaderRole(test.database.db, null, silent);
    await test.close();
  });

  it('finds names, and nothing else of the database', async () => {
    const reader = await asReader("se'cret");
    const { rows } = await reader.query('select * from arung_names.sites()');
    expect(rows).toEqual([{ id: siteId, name: 'Pusat data', code: 'pusat' }]);
    for (const question of ['select * from sites', 'select * from credentials', 'select * from users'])
      await expect(reader.query(question)).rejects.toThrow('permission denied');
    await expect(reader.query('create table mine (id int)')).rejects.toThrow(/permission denied|read-only/);
    await reader.end();
  });

  it('answers every variable of the dashboards with names for ids', async () => {
    const reader = await asReader("se'cret");
    const chosen = new Map<string, string>();
    for (const { variables } of dashboards) {
      for (const variable of variables) {
        const text = namesText(variable).replace(
          /\$\{(\w+):sqlstring\}/g,
          (_, name: string) => `'${chosen.get(name)}'`,
        );
        const { rows, fields } = await reader.query<{ __text: string; __value: string }>(text);
        expect(fields.map((field) => field.name)).toEqual(['__text', '__value']);
        if (variable.name === 'device') expect(rows).toMatchObject([{ __text: 'rtr-pusat-01' }]);
        chosen.set(variable.name, rows[0]?.__value ?? '00000000-0000-0000-0000-000000000000');
      }
    }
    expect(chosen.get('site')).toBe(siteId);
    await reader.end();
  });

  it('is made again as it should be, and locked out where nobody gives it a password', async () => {
    await keepReaderRole(test.database.db, 'other', silent);
    const reader = await asReader('other');
    expect((await reader.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await reader.end();
    await keepReaderRole(test.database.db, null, silent);
    await expect(asReader('other')).rejects.toThrow('not permitted to log in');
  });

  it('hinders nobody where Arung’s own account may not make it', async () => {
    const told: string[] = [];
    const logger = pino({}, { write: (line: string) => void told.push(line) });
    const refusing = test.database.db.withPlugin({
      transformQuery: () => {
        throw new Error('permission denied to create role');
      },
      transformResult: ({ result }) => Promise.resolve(result),
    });
    await keepReaderRole(refusing, 'x', logger);
    expect(told.join()).toContain('createrole');
  });
});
