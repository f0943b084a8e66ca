import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { systemAccess, type Access } from '../domain/access.ts';
import { AnchorFile } from './anchors.ts';
import { AuditLog, type AuditEntry } from './audit-log.ts';
import { canonicalJson } from './canonical.ts';

const logger = pino({ level: 'silent' });

function entry(over: Partial<AuditEntry> = {}): AuditEntry {
  return {
    access: systemAccess('test'),
    action: 'update',
    entityKind: 'site',
    entityId: '0198c0de-0000-7000-8000-000000000001',
    entityName: 'kec-kahu',
    before: { name: 'Kahu' },
    after: { name: 'Palattae' },
    reason: 'a decree',
    regionCode: '73.08.02',
    ...over,
  };
}

function administratorOf(regionCode: string | null): Access {
  return { kind: 'user', id: null, name: 'someone', grants: [{ role: 'administrator', regionCode }] };
}

describe('AuditLog', () => {
  let database: TestDatabase;
  let folder: string;
  let audit: AuditLog;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-audit-'));
    await sql`truncate audit_log`.execute(database.db);
    await sql`update audit_head set seq = 0, hash = decode(repeat('00', 32), 'hex')`.execute(database.db);
    audit = new AuditLog({ db: database.db, logger, anchors: new AnchorFile(join(folder, 'audit.anchors')) });
    return () => rmSync(folder, { recursive: true, force: true });
  });

  async function append(...entries: AuditEntry[]): Promise<void> {
    await database.db.transaction().execute(async (trx) => audit.appendAll(trx, entries));
  }

  it('is whole when nobody touched it', async () => {
    await append(entry(), entry());
    await append(entry({ entityName: 'third' }));
    expect(await audit.verify()).toMatchObject({ ok: true, rows: 3 });
  });

  it('is whole when it is empty', async () => {
    expect(await audit.verify()).toMatchObject({ ok: true, rows: 0 });
  });

  it.each([
    ['a changed word', sql`update audit_log set reason = 'another' where seq = 2`, 2],
    ['a changed time', sql`update audit_log set at = at + interval '1 second' where seq = 2`, 2],
    ['a changed actor', sql`update audit_log set actor_name = 'nobody' where seq = 3`, 3],
    ['a changed before', sql`update audit_log set before = '{"name":"x"}' where seq = 1`, 1],
    ['a removed row', sql`delete from audit_log where seq = 2`, 2],
    ['a removed first row', sql`delete from audit_log where seq = 1`, 1],
    [
      'an inserted row',
      sql`insert into audit_log select 4, at, actor_kind, actor_id, actor_name, action, entity_kind, entity_id,
          entity_name, before, after, reason, region_code, hash, hash from audit_log where seq = 3`,
      4,
    ],
    [
      'a row put in before the first',
      sql`insert into audit_log select -7, at, actor_kind, actor_id, actor_name, action, entity_kind, entity_id,
          entity_name, before, after, reason, region_code, previous_hash, hash from audit_log where seq = 3`,
      -7,
    ],
    ['a tail cut off', sql`delete from audit_log where seq = 3`, 3],
  ])('names the row of %s', async (_, tampering, seq) => {
    await append(entry(), entry(), entry());
    await tampering.execute(database.db);
    expect(await audit.verify()).toMatchObject({ ok: false, seq });
  });

  it('shows a tail that was cut off together with the head, by the anchor outside the database', async () => {
    await append(entry(), entry(), entry());
    await audit.anchor();
    await sql`delete from audit_log where seq = 3`.execute(database.db);
    await sql`update audit_head set seq = 2, hash = (select hash from audit_log where seq = 2)`.execute(database.db);
    expect(await audit.verify()).toMatchObject({ ok: false, seq: 3 });
  });

  it('shows a chain that was forged anew, by the anchor outside the database', async () => {
    await append(entry(), entry());
    await audit.anchor();
    await sql`truncate audit_log`.execute(database.db);
    await sql`update audit_head set seq = 0, hash = decode(repeat('00', 32), 'hex')`.execute(database.db);
    await append(entry({ reason: 'forged' }), entry());
    expect(await audit.verify()).toMatchObject({ ok: false, seq: 2 });
  });

  it('keeps one chain when many write at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => append(entry({ entityName: `site ${i}` }))));
    expect(await audit.verify()).toMatchObject({ ok: true, rows: 20 });
  });

  it('leaves no row of a change that was rolled back', async () => {
    const change = database.db.transaction().execute(async (trx) => {
      await audit.append(trx, entry());
      throw new Error('rolled back');
    });
    await expect(change).rejects.toThrow('rolled back');
    expect(await audit.verify()).toMatchObject({ ok: true, rows: 0 });
  });

  it('verifies whatever values were kept, hostile text included', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ noUnicodeString: false }),
        fc.string({ unit: 'binary', maxLength: 20 }),
        async (value, name) => {
          await append(entry({ before: value, after: { nul: `a\0b${name}` }, entityName: `${name}\0\ud800` }));
          expect(await audit.verify()).toMatchObject({ ok: true });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('does not keep a secret that slipped into a change', async () => {
    await append(
      entry({ after: { user: 'admin', secret: { community: 'planted-1' }, list: [{ password: 'planted-2' }] } }),
    );
    const { rows } = await sql<{ text: string }>`select audit_log::text as text from audit_log`.execute(database.db);
    expect(rows[0]?.text).not.toMatch(/planted/);
    expect(rows[0]?.text).toMatch(/admin/);
  });

  it('is read from its newest row back, in the reader’s regions only', async () => {
    await append(
      entry({ entityName: 'kahu', regionCode: '73.08.02.1001' }),
      entry({ entityName: 'cina', regionCode: '73.08.20' }),
      entry({ entityName: 'everywhere', regionCode: null }),
    );
    const names = async (access: Access, before?: number) =>
      (await audit.list(access, { limit: 10, before })).map((row) => row.entityName);
    expect(await names(administratorOf(null))).toEqual(['everywhere', 'cina', 'kahu']);
    expect(await names(administratorOf(null), 3)).toEqual(['cina', 'kahu']);
    expect(await names(administratorOf('73.08.02'))).toEqual(['kahu']);
    expect(await names({ kind: 'user', id: null, name: 'v', grants: [{ role: 'viewer', regionCode: null }] })).toEqual(
      [],
    );
  });
});

describe('canonicalJson', () => {
  it('says the same whatever the order of the fields', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const turned = Object.fromEntries(Object.entries(fields).toReversed());
        expect(canonicalJson(turned)).toBe(canonicalJson(fields));
      }),
    );
  });

  it('is the JSON of the value with its keys in order, as every log so far was hashed', () => {
    const inOrder = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(inOrder);
      if (value === null || typeof value !== 'object') return value;
      const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(fields.map(([key, inner]) => [key, inOrder(inner)]));
    };
    const keys = fc.oneof(fc.string(), fc.constantFrom('10', '9', '07', '4294967295', '4294967294', '-1'));
    const anything = fc.anything({ key: keys, withDate: true, withSparseArray: true, withNullPrototype: true });
    fc.assert(
      fc.property(anything, (value) => {
        expect(canonicalJson(value)).toBe(JSON.stringify(inOrder(JSON.parse(JSON.stringify(value ?? null)))));
      }),
      { numRuns: 2_000 },
    );
  });
});
