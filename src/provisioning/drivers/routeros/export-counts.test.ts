import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RouterBench, transportNames } from '../../../../tests/support/router-bench.ts';
import { checkCounts } from './export-counts.ts';
import type { Transport } from './transport.ts';
import { transports } from './transports.ts';

let bench: RouterBench;
beforeAll(async () => {
  bench = await RouterBench.start(125, { isDriven: false });
});
afterAll(() => bench.stop());

describe.each(transportNames)('an export by %s that stops at the end of a line', (name) => {
  let transport: Transport;
  beforeAll(async () => {
    const { address, port = 0, credential } = bench.target('rtr-c-01', name);
    transport = await transports[name].open({ host: address, port, ...credential }, { deadlineMs: 5_000 });
  });
  afterAll(() => transport?.close());

  it('is told from a whole one by what the device says that it has', async () => {
    const { ret } = await transport.run({ path: '/export', values: { 'show-sensitive': '' } });
    const lines = (ret ?? '').trimEnd().split('\n');
    await expect(checkCounts(transport, `${lines.join('\n')}\n`)).resolves.toBeUndefined();
    const adds = lines.flatMap((line, at) => (line.startsWith('add ') ? [at] : []));
    const last = adds.findLast((at) => lines.slice(0, at).findLast((line) => line.startsWith('/')) === '/ip route');
    expect(last).toBeGreaterThan(0);
    const cut = `${lines.slice(0, last).join('\n')}\n`;
    await expect(checkCounts(transport, cut)).rejects.toMatchObject({ code: 'router.export-cut' });
  });
});
