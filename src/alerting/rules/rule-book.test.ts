import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessOf, createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';
import { systemAccess } from '../../domain/access.ts';
import type { AlertRule } from '../../domain/alert-rule.ts';
import { builtInRules } from './built-in.ts';
import { ProvisionedRules } from './provisioned-rules.ts';
import { RuleBook } from './rule-book.ts';
import { writeRuleFile } from './rule-file.ts';

const access = systemAccess('test');
/** A machine may be under load. */
const patience = { timeout: 20_000 };
const logger = pino({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'arung-rules-'));
const path = join(folder, 'rules.yaml');

let inventory: TestInventory;
let book: RuleBook;

beforeAll(async () => {
  inventory = await createTestInventory();
}, 60_000);
afterAll(async () => {
  await inventory.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await inventory.database.db.deleteFrom('alert_rules').execute();
  book = new RuleBook({ db: inventory.database.db, changes: inventory.inventory.changes, logger });
  await book.start();
});
afterEach(() => book.stop());

function ruleOf(key: string, more: Partial<AlertRule> = {}): AlertRule {
  const condition = { kind: 'threshold', measurement: 'device', field: 'cpu_percent', above: 90 } as const;
  return { key, name: key, severity: 'warning', forS: 0, condition, scope: {}, isEnabled: true, ...more };
}

const keys = async (as = access) => (await book.list(as)).map(({ rule }) => rule.key);

describe('RuleBook', () => {
  it('has the built-in rules, each of which can be evaluated', async () => {
    expect(await keys()).toEqual(builtInRules.map(({ key }) => key).sort());
    for (const rule of builtInRules) book.check(rule);
    expect(new Set(builtInRules.map(({ key }) => key)).size).toBe(builtInRules.length);
  });

  it('changes a built-in rule, and takes it back', async () => {
    const [first] = builtInRules;
    const changed = { ...ruleOf(first?.key ?? ''), forS: 7 };
    expect(await book.put(access, changed)).toMatchObject({ origin: 'changed', version: 1, managedBy: 'console' });
    await expect.poll(() => book.current().find(({ key }) => key === changed.key)?.forS, patience).toBe(7);
    await book.remove(access, changed.key);
    expect((await book.get(access, changed.key)).rule).toEqual(first);
    await expect(book.remove(access, changed.key)).rejects.toMatchObject({ code: 'rule.built-in' });
  });

  it('refuses an older version, and keeps every change in the audit log', async () => {
    await book.put(access, ruleOf('own'), { version: 0, reason: 'because' });
    await expect(book.put(access, ruleOf('own'), { version: 0 })).rejects.toMatchObject({ code: 'rule.stale-version' });
    await book.remove(access, 'own', { version: 1 });
    await expect(book.get(access, 'own')).rejects.toMatchObject({ code: 'rule.not-found' });
    const { rows } = await inventory.database.db
      .selectFrom('audit_log' as never)
      .selectAll()
      .execute()
      .then((all) => ({ rows: JSON.stringify(all) }));
    for (const word of ['alert-rule', 'create', 'remove', 'because']) expect(rows).toContain(word);
  });

  it('lets who writes in one kecamatan write rules of it, and of nothing else', async () => {
    const operator = accessOf('operator', '73.08.01');
    const own = ruleOf('own', { scope: { regions: ['73.08.01.2001'] } });
    await book.put(operator, own);
    for (const scope of [{}, { regions: ['73.08'] }, { regions: ['73.08.01', '73.08.02'] }]) {
      await expect(book.put(operator, ruleOf('other', { scope }))).rejects.toMatchObject({
        code: 'rule.outside-regions',
      });
    }
    // Nor may they take over a rule of others, or a built-in one.
    await book.put(access, ruleOf('foreign', { scope: { regions: ['73.08.02'] } }));
    for (const key of ['foreign', 'device.cpu']) {
      const taken = ruleOf(key, { scope: { regions: ['73.08.01'] } });
      await expect(book.put(operator, taken)).rejects.toMatchObject({ code: 'rule.outside-regions' });
      await expect(book.import(operator, [own, taken])).rejects.toMatchObject({ code: 'rule.outside-regions' });
    }
    await expect(book.remove(operator, 'foreign')).rejects.toMatchObject({ code: 'rule.not-found' });
    expect(await keys(operator)).toContain('own');
    expect(await keys(operator)).not.toContain('foreign');
    expect(await keys(accessOf('viewer', '73.08.01.2001'))).toContain('own');
    expect(await keys(accessOf('viewer', '73.08.01.2002'))).not.toContain('own');
  });

  it('takes a file whole or not at all, and says before what would change', async () => {
    const [first = ruleOf('')] = builtInRules;
    const given = [first, ruleOf('one'), ruleOf('two')];
    const plan = { created: ['one', 'two'], changed: [], removed: [], unchanged: 1 };
    expect(await book.import(access, given, { dryRun: true })).toEqual({ dryRun: true, ...plan });
    expect(await keys()).not.toContain('one');
    expect(await book.import(access, given)).toEqual({ dryRun: false, ...plan });
    expect(await book.import(access, given)).toMatchObject({ created: [], changed: [], unchanged: 3 });
    const bad = ruleOf('three', { condition: { ...ruleOf('').condition, field: 'nothing' } });
    await expect(book.import(access, [ruleOf('four'), bad])).rejects.toMatchObject({ code: 'rule.invalid' });
    expect(await keys()).not.toContain('four');
  });
});

describe('ARUNG_RULES_FILE', () => {
  const provisioned = (file: string | null = path) => new ProvisionedRules({ path: file, book, logger });

  it('keeps the rules as the file says, follows it, and leaves what people have made', async () => {
    await book.put(access, ruleOf('by-hand'));
    writeFileSync(path, writeRuleFile([ruleOf('one'), ruleOf('two')], 'yaml'));
    const file = provisioned();
    await file.start();
    expect(await book.get(access, 'one')).toMatchObject({ managedBy: 'file' });
    const edit = { code: 'rule.in-file' };
    await expect(book.put(access, ruleOf('one'))).rejects.toMatchObject(edit);
    await expect(book.remove(access, 'one')).rejects.toMatchObject(edit);
    await expect(book.import(access, [ruleOf('one')])).rejects.toMatchObject(edit);
    writeFileSync(path, writeRuleFile([ruleOf('two', { forS: 60 })], 'json'));
    await file.look();
    expect(await keys()).not.toContain('one');
    expect((await book.get(access, 'two')).rule.forS).toBe(60);
    // Wrong, it changes nothing.
    writeFileSync(path, 'format: arung-rules/1\nrules: [{key: two}]\n');
    await file.look();
    expect((await book.get(access, 'two')).rule.forS).toBe(60);
    await file.stop();
    expect(await keys()).toContain('by-hand');
    // Without the setting, what the file provided goes.
    const none = provisioned(null);
    await none.start();
    await none.stop();
    expect(await keys()).not.toContain('two');
    expect(await keys()).toContain('by-hand');
  });

  it('waits for a file that is not there', async () => {
    const file = provisioned(join(folder, 'missing.yaml'));
    await file.start();
    await file.stop();
    expect(await keys()).toEqual(builtInRules.map(({ key }) => key).sort());
  });
});
