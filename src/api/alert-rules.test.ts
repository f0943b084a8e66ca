import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { createInventoryOn } from '../../tests/support/inventory.ts';
import { makeRules, type Rules } from '../alerting/rules/rules.ts';
import { systemClock as clock } from '../domain/clock.ts';
import type { Role } from '../domain/access.ts';
import { EmbeddedStore } from '../metrics/embedded/store.ts';
import { alertRuleFileRoutes } from './alert-rule-files.ts';
import { alertRuleRoutes, ruleExample } from './alert-rules.ts';

const logger = pino({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'arung-alert-rules-'));
const store = new EmbeddedStore({ path: join(folder, 'metrics.sqlite'), logger });

let rules: Rules;
let test: TestApi;
let closeInventory: () => Promise<void>;

beforeAll(async () => {
  await store.start();
  test = await createTestApi({
    routes: async ({ database, audit }) => {
      const made = await createInventoryOn({ database, audit });
      closeInventory = () => made.close();
      rules = makeRules({
        db: database.db,
        changes: made.inventory.changes,
        store,
        states: { isUp: () => true, isInMaintenance: () => false },
        topology: () => made.inventory.topology.current(),
        timeZone: 'Asia/Makassar',
        rulesFile: null,
        clock,
        logger,
      });
      await rules.book.start();
      await rules.watch.start();
      return [alertRuleRoutes(rules), alertRuleFileRoutes(rules)];
    },
  });
}, 60_000);
afterAll(async () => {
  await test.stop();
  await rules.watch.stop();
  await rules.book.stop();
  await closeInventory();
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

const app = () => test.api.app;

async function ask(
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  url: string,
  options: {
    readonly role?: Role;
    readonly region?: string;
    readonly body?: object | string;
    readonly headers?: Record<string, string>;
  } = {},
) {
  const { role = 'operator', region = null, body, headers } = options;
  return app().inject({
    method,
    url: `/api/v1${url}`,
    headers: { ...(await test.as(role, region)), ...headers },
    ...(body !== undefined && { payload: body }),
  });
}

const own = { ...ruleExample, key: 'own.load', name: '<script>alert(1)</script>\u202e', forS: 60 };

describe('rules over REST', () => {
  it('lists the built-in ones with what they hold for, and reads one', async () => {
    const listed = (await ask('GET', '/alert-rules', { role: 'viewer' })).json();
    expect(listed.next).toBeNull();
    expect(listed.items.map(({ rule }: { rule: { key: string } }) => rule.key)).toContain('ups.on-battery');
    const answer = await ask('GET', '/alert-rules/link.load', { role: 'viewer' });
    expect(answer.headers.etag).toBe('"0"');
    expect(answer.json()).toMatchObject({ origin: 'built-in', managedBy: 'arung', firing: 0, pending: 0 });
  });

  it('writes, guards by version, and removes', async () => {
    const made = await ask('PUT', '/alert-rules/own.load', { body: own });
    expect(made.statusCode).toBe(200);
    expect(made.json()).toMatchObject({ rule: own, origin: 'own', managedBy: 'console' });
    const stale = await ask('PUT', '/alert-rules/own.load', { body: own, headers: { 'if-match': '"0"' } });
    expect(stale.statusCode).toBe(412);
    expect(stale.json().code).toBe('rule.stale-version');
    expect((await ask('PUT', '/alert-rules/another', { body: own })).json().code).toBe('rule.other-key');
    expect((await ask('DELETE', '/alert-rules/own.load', { headers: { 'if-match': '"1"' } })).statusCode).toBe(204);
    expect((await ask('GET', '/alert-rules/own.load')).statusCode).toBe(404);
  });

  it.each([
    ['a measurement that there is not', { measurement: 'constructor' }],
    ['a field that it has not', { field: 'toString' }],
    ['both bounds', { below: 3 }],
    ['a bound that is no number', { above: '85' }],
    ['an unknown word', { because: 'x' }],
    ['a key as long as a book', { sensor: 'x'.repeat(64_000) }],
    ['a sensor of an interface', { sensor: 'x' }],
  ])('refuses %s, and says where', async (_what, wrong) => {
    const body = { ...own, condition: { ...own.condition, ...wrong } };
    const answer = await ask('PUT', '/alert-rules/own.load', { body });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().details.length).toBeGreaterThan(0);
    expect((await ask('POST', '/alert-rules/preview', { body: { rule: body } })).statusCode).toBe(400);
  });

  it('lets viewers read and nobody but operators write', async () => {
    for (const role of ['viewer', 'technician'] as const) {
      expect((await ask('PUT', '/alert-rules/own.load', { role, body: own })).statusCode).toBe(403);
      expect((await ask('POST', '/alert-rules/preview', { role, body: { rule: own } })).statusCode).toBe(403);
    }
  });

  it('tries a rule on the past', async () => {
    const answer = await ask('POST', '/alert-rules/preview', { body: { rule: own } });
    expect(answer.statusCode).toBe(200);
    const { from, to, ...rest } = answer.json();
    expect(Date.parse(to) - Date.parse(from)).toBe(7 * 86_400_000);
    expect(rest).toMatchObject({ series: 0, seriesRead: 0, count: 0, firings: [] });
  });

  it.each(['json', 'yaml'])('exports and imports as %s: a dry run changes nothing', async (format) => {
    await ask('PUT', '/alert-rules/own.load', { body: own });
    const file = await ask('GET', `/alert-rules/export?format=${format}&only=written`);
    expect(file.headers['content-type']).toContain(format);
    await ask('DELETE', '/alert-rules/own.load');
    const headers = { 'content-type': `application/${format}` };
    const dry = await ask('POST', '/alert-rules/import?dryRun=true', { body: file.body, headers });
    expect(dry.json()).toEqual({
      dryRun: true,
      created: ['own.load'],
      changed: [],
      removed: [],
      unchanged: 0,
      errors: [],
    });
    expect((await ask('GET', '/alert-rules/own.load')).statusCode).toBe(404);
    expect((await ask('POST', '/alert-rules/import', { body: file.body, headers })).statusCode).toBe(200);
    expect((await ask('GET', '/alert-rules/own.load')).json().rule).toEqual(own);
  });

  it('refuses a wrong file whole, with line and column', async () => {
    const headers = { 'content-type': 'application/yaml' };
    const body = 'format: arung-rules/1\nrules:\n  - key: a\n    name: 3\n';
    const dry = await ask('POST', '/alert-rules/import?dryRun=true', { body, headers });
    expect(dry.json().errors[0]).toMatchObject({ line: 3 });
    const answer = await ask('POST', '/alert-rules/import', { body, headers });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().details[0]).toMatchObject({ line: 3 });
  });
});
