import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { inScope, type Scope } from '../domain/access.ts';
import { withinScope } from './scope.ts';

describe('withinScope', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const codes = ['73', '73.08', '73.08.01', '73.08.01.2003', '73.08.10', '73.080', '7x.08', '74.08.01'];

  async function selected(scope: Scope): Promise<string[]> {
    const result = await sql<{ code: string }>`
      select code from unnest(${codes}::text[]) as region(code) where ${withinScope('region.code', scope)}
    `.execute(database.db);
    return result.rows.map((row) => row.code);
  }

  it.each<Scope>([
    'everywhere',
    { regionCodes: [] },
    { regionCodes: ['73.08.01'] },
    { regionCodes: ['73.08'] },
    { regionCodes: ['73.08.10', '74'] },
  ])('selects in SQL what inScope allows: %j', async (scope) => {
    expect(await selected(scope)).toEqual(codes.filter((code) => inScope(scope, code)));
  });

  it('leaves out a row without a region unless everywhere may be read', async () => {
    expect(await selectedWithoutRegion(database, { regionCodes: ['73'] })).toBe(0);
    expect(await selectedWithoutRegion(database, 'everywhere')).toBe(1);
  });
});

async function selectedWithoutRegion(database: TestDatabase, scope: Scope): Promise<number> {
  const rows = await sql`
    select 1 from (values (null::text)) as region(code) where ${withinScope('region.code', scope)}
  `.execute(database.db);
  return rows.rows.length;
}
