import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Demo, everyDevice } from '../support/demo.ts';
import { cutAndRestore, linksToCut, Oracle, shuffled, summary, type Outcome } from './cutting.ts';

const between = Number(process.env['ARUNG_TEST_SOAK_LINKS'] ?? Number.POSITIVE_INFINITY);
const inside = Number(process.env['ARUNG_TEST_SOAK_CABLES'] ?? 60);

interface End {
  readonly deviceId: string;
  readonly interfaceId: string;
}
interface Link {
  readonly id: string;
  readonly name: string;
  /** `rtr-kahu-01:sfp1` */
  readonly aName: string;
  readonly bName: string;
  readonly a: End;
  readonly b: End;
}

/** The inventory as it is kept in life: of every hundred links some are missing and some name the wrong port. */
describe('links cut in turn while 5 % of the links of the inventory are missing or wrong', () => {
  const demo = new Demo();
  const oracle = new Oracle();
  const spoilt = new Set<string>();
  /** Devices at which a spoilt link ends: where one of them is dark, the inventory does not know what it hangs on. */
  const misplaced = new Set<string>();
  beforeAll(async () => {
    await demo.start();
    await demo.until((status) => status.devices.up === everyDevice, 120_000);
    await new Promise((done) => setTimeout(done, 30_000));
    await spoil();
    await new Promise((done) => setTimeout(done, 30_000));
  });
  afterAll(() => demo.remove());

  /** Half of the 5 % is taken out; of the other half two and two change their far ends. */
  async function spoil(): Promise<void> {
    const links: Link[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: Link[]; next: string | null } = await demo.get(`/api/v1/links?limit=500${more}`);
      links.push(...page.items);
      cursor = page.next;
    }
    const count = Math.round(links.length * 0.05);
    const chosen = shuffled(links, 5).slice(0, count);
    const missing = chosen.slice(0, Math.floor(count / 2));
    const wrong = chosen.slice(missing.length, missing.length + 2 * Math.floor((count - missing.length) / 2));
    for (const link of [...missing, ...wrong]) {
      spoilt.add(link.name);
      for (const end of [link.aName, link.bName]) misplaced.add(end.split(':')[0] ?? '');
    }
    for (const link of [...missing, ...wrong]) {
      const answer = await demo.call('DELETE', `/api/v1/links/${link.id}`);
      expect(answer.status).toBe(204);
    }
    for (let i = 0; i < wrong.length; i += 2) {
      const [one, other] = [wrong[i] as Link, wrong[i + 1] as Link];
      for (const [link, far] of [
        [one, other.b],
        [other, one.b],
      ] as const) {
        const body = { name: link.name, medium: 'fibre', capacityBps: 100_000_000, a: end(link.a), b: end(far) };
        const answer = await demo.call('POST', '/api/v1/links', body);
        expect(answer.status, await answer.text()).toBe(201);
      }
    }
  }

  const end = ({ interfaceId }: End): { interfaceId: string } => ({ interfaceId });

  it('darken exactly what lies behind them all the same, and blame nothing that works', async () => {
    const outcomes: Outcome[] = [];
    let decidable = 0;
    for (const link of await linksToCut(demo, { between, inside })) {
      const dark = oracle.darkWithout(link.name);
      const known = !spoilt.has(link.name) && ![...dark].some((device) => misplaced.has(device));
      if (known) decidable += 1;
      outcomes.push(await cutAndRestore(demo, link, dark, known ? 'caused by the link' : 'dark'));
      if (outcomes.length % 50 === 0) summary('cuts with a wrong inventory so far', outcomes);
    }
    const title = `cuts with ${spoilt.size} links missing or wrong (cause asked for ${decidable} whose dark part is known)`;
    const { wrong } = summary(title, outcomes);
    expect(wrong / outcomes.length).toBeLessThan(0.02);
  });
});
