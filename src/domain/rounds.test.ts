import { expect, it } from 'vitest';
import { Rounds } from './rounds.ts';

const ms = (many: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, many));

it('runs one round after the other, tells what one throws, and runs none after its stop', async () => {
  let under = 0;
  let most = 0;
  let count = 0;
  const failed: unknown[] = [];
  const rounds = new Rounds({
    run: async () => {
      most = Math.max(most, ++under);
      await ms(5);
      under -= 1;
      count += 1;
      if (count === 2) throw new Error('the second');
    },
    failed: (error) => failed.push(error),
    everyMs: 2,
  });
  rounds.wake(0);
  await ms(20);
  expect(count).toBe(0);
  rounds.start(0);
  for (let i = 0; i < 10; i++) {
    rounds.wake(0);
    await ms(3);
  }
  await expect.poll(() => count).toBeGreaterThan(3);
  expect(failed).toEqual([new Error('the second')]);
  await rounds.stop();
  expect({ most, under }).toEqual({ most: 1, under: 0 });
  const last = count;
  await ms(20);
  expect(count).toBe(last);
});
