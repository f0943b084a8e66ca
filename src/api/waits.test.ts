import { expect, it } from 'vitest';
import type { Access } from '../domain/access.ts';
import type { UserId } from '../domain/ids.ts';
import { Waits } from './waits.ts';

const caller = (id: string): Access => ({ kind: 'user', id: id as UserId, name: id, grants: [] });

it('one caller waits for fifty changes at the same time and no more; others are not held up by it', async () => {
  const waits = new Waits();
  let change = (): void => undefined;
  const changed = new Promise<void>((resolve) => (change = resolve));
  const waiting = Array.from({ length: 50 }, () => waits.of(caller('siti'), () => changed));
  await expect(waits.of(caller('siti'), () => changed)).rejects.toMatchObject({ code: 'request.too-many' });
  expect(await waits.of(caller('budi'), async () => 'seen')).toBe('seen');
  change();
  await Promise.all(waiting);
  await expect(waits.of(caller('siti'), () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(await waits.of(caller('siti'), async () => 'seen')).toBe('seen');
});
