import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Demo, everyDevice } from '../support/demo.ts';
import { cutAndRestore, linksToCut, Oracle, percentile, summary, type Outcome } from './cutting.ts';

/** How many links are cut; all of them take about an hour. */
const between = Number(process.env['ARUNG_TEST_SOAK_LINKS'] ?? Number.POSITIVE_INFINITY);
const inside = Number(process.env['ARUNG_TEST_SOAK_CABLES'] ?? 60);

describe('links cut in turn, on real packets', () => {
  const demo = new Demo();
  const oracle = new Oracle();
  beforeAll(async () => {
    await demo.start();
    await demo.until((status) => status.devices.up === everyDevice, 120_000);
    await new Promise((done) => setTimeout(done, 60_000));
  });
  afterAll(() => demo.remove());

  it('darken exactly what lies behind them, with the right cause, and come back', async () => {
    const outcomes: Outcome[] = [];
    for (const link of await linksToCut(demo, { between, inside })) {
      outcomes.push(await cutAndRestore(demo, link, oracle.darkWithout(link.name), 'caused by the link'));
      if (outcomes.length % 50 === 0) summary('cuts so far', outcomes);
    }
    const { wrong, dark, back } = summary('cuts', outcomes);
    expect(wrong / outcomes.length).toBeLessThan(0.01);
    expect(percentile(dark, 0.5)).toBeLessThan(5_000);
    expect(percentile(dark, 0.99)).toBeLessThan(8_000);
    expect(percentile(back, 0.99)).toBeLessThan(10_000);
  });
});
