import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Demo, everyDevice } from '../support/demo.ts';
import { percentile } from './cutting.ts';
import { breaksOf, Telling, wakeEverybody, type Break, type Told } from './telling.ts';

const count = Number(process.env['ARUNG_TEST_SOAK_MESSAGES'] ?? 60);
const seed = Number(process.env['ARUNG_TEST_SOAK_SEED'] ?? 20_261_129);
/** An incident is over a minute after its repair; until then, what breaks beside it would be news of the same. */
const forgottenAfterMs = 75_000;

const say = (text: string): void => void process.stdout.write(`messages: ${text}\n`);
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe(`${count} links cut and routers rebooted, one after the other, on real packets`, () => {
  const demo = new Demo({ ARUNG_LOG_LEVEL: 'warn' });
  let people: readonly string[] = [];

  beforeAll(async () => {
    await demo.start();
    await demo.until((status) => status.devices.up === everyDevice, 300_000);
    people = await wakeEverybody(demo);
    // the state of every port must have been read once, or a cut is no change of it
    await pause(60_000);
  }, 600_000);
  afterAll(() => demo.remove());

  it('are each told once, to one person, with what broke', async () => {
    const telling = new Telling(demo, people);
    await telling.begin();
    const left = [...(await breaksOf(demo, count, seed))];
    const recent: { readonly what: Break; readonly until: number }[] = [];
    const results: Told[] = [];
    while (left.length > 0) {
      const now = Date.now();
      const near = recent.filter(({ until }) => until > now);
      const index = left.findIndex((one) =>
        near.every(({ what }) => ![...what.dark].some((device) => one.dark.has(device))),
      );
      if (index < 0) {
        await pause(1_000);
        continue;
      }
      const [what] = left.splice(index, 1);
      if (what === undefined) break;
      const told = await telling.tell(what);
      results.push(told);
      recent.push({ what, until: Date.now() + forgottenAfterMs });
      const how = told.wrong ?? (told.exact ? 'right' : 'right, what looks the same was named');
      say(`${results.length} ${what.kind} ${what.name}: ${how}, ${told.ms?.toFixed(0) ?? '–'} ms`);
    }
    await pause(forgottenAfterMs);
    const wrong = results.filter((told) => told.wrong !== null);
    const times = results.flatMap(({ ms }) => ms ?? []);
    const inDark = results.flatMap(({ what, ms }) => (what.dark.size > 0 && ms !== null ? [ms] : []));
    const figure = (values: readonly number[]): string =>
      `p50 ${percentile(values, 0.5).toFixed(0)} ms, p99 ${percentile(values, 0.99).toFixed(0)} ms (${values.length})`;
    say(
      `${results.length - wrong.length} of ${results.length} right (${results.filter(({ exact }) => exact).length} named exactly); ` +
        `cut to message ${figure(times)}; where something is dark ${figure(inDark)}`,
    );
    const inboxes = await telling.inboxes();
    say(`in the inboxes: ${[...inboxes].map(([kind, some]) => `${kind} ${some}`).join(', ')}`);
    for (const { what, wrong: why } of wrong) say(`wrong: ${what.kind} ${what.name}: ${why}`);
    expect(wrong.length / results.length).toBeLessThan(0.02);
    expect(inboxes.get('opened')).toBe(times.length);
    expect(inboxes.get('resolved')).toBe(times.length);
    expect(percentile(inDark, 0.5)).toBeLessThan(15_000);
  });
});
