import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RouterBench, transportNames } from '../../../../tests/support/router-bench.ts';

const daySeconds = 86_400;
let bench: RouterBench;
beforeAll(async () => {
  bench = await RouterBench.start(136, { isDriven: true });
});
afterAll(() => bench.stop());

describe.each(transportNames)('the backup of a router by %s', (transport) => {
  const backup = () => bench.with(bench.target('rtr-c-01', transport), (session) => session.backup());

  it('is the same text on 30 days on which nobody changes anything', async () => {
    const versions = new Set<string>();
    for (let day = 0; day < 30; day += 1) {
      versions.add((await backup()).text);
      bench.pass(daySeconds);
    }
    expect(versions.size).toBe(1);
  });

  it('is another one after a change, and the first again when that is taken back', async () => {
    const before = await backup();
    bench.byHand('rtr-c-01', '/ip/pool/add', { name: 'kolam', ranges: '10.8.0.2-10.8.0.9' });
    const after = await backup();
    expect(after.text).not.toBe(before.text);
    expect(after.text).toContain('add name=kolam ranges=10.8.0.2-10.8.0.9');
    bench.byHand('rtr-c-01', '/ip/pool/remove', { '.id': bench.idOf('rtr-c-01', '/ip/pool', { name: 'kolam' }) });
    expect(await backup()).toEqual(before);
  });
});
