import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../../domain/access.ts';
import { createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';

const access = systemAccess('test');

describe('writes of the inventory at the same time', () => {
  let test: TestInventory;
  beforeAll(async () => {
    test = await createTestInventory();
  });
  afterAll(() => test.close());

  it('wait for one another and are all done, imports among them', async () => {
    const { contacts, importer } = test.inventory;
    const documentOf = (at: number): string =>
      JSON.stringify({ format: 'arung-inventory/1', contacts: [{ name: `berkas ${at}` }] });
    const ended = await Promise.allSettled(
      Array.from({ length: 24 }, (_, at) =>
        at % 3 === 0
          ? importer.apply(access, { format: 'json', text: documentOf(at) })
          : contacts.create(access, { name: `orang ${at}` }),
      ),
    );
    expect(ended.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))).toEqual([]);
    const kept = await contacts.list(access, { page: { limit: 100 } });
    expect(kept.items).toHaveLength(24);
  });
});
