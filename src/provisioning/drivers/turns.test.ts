import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

describe('turns', () => {
  it('let one at a time have a device, in the order in which they came', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const first = await turns.take('a', 1_000);
    const rest = ['second', 'third'].map(async (name) => {
      const give = await turns.take('a', 1_000);
      order.push(name);
      give();
    });
    const other = await turns.take('b', 10);
    order.push('first');
    first();
    await Promise.all(rest);
    expect(order).toEqual(['first', 'second', 'third']);
    other();
  });

  it('say that a device is busy to who waits too long, and go on with the next', async () => {
    const turns = new Turns();
    const give = await turns.take('a', 10);
    const late = turns.take('a', 20);
    const patient = turns.take('a', 5_000);
    await expect(late).rejects.toMatchObject({ code: 'router.busy', arguments: { address: 'a' } });
    give();
    give();
    const last = await patient;
    // The turn was given once: nobody else has it now.
    await expect(turns.take('a', 10)).rejects.toMatchObject({ code: 'router.busy' });
    last();
  });
});
