import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockOut, lockOutKinds, type LockOut } from '../../../../tests/support/lock-outs.ts';
import { RouterBench, type TransportName } from '../../../../tests/support/router-bench.ts';

let bench: RouterBench;
let net = 80;
beforeEach(async () => {
  net += 1;
  bench = await RouterBench.start(net, { isDriven: true });
});
afterEach(() => bench.stop());

const withinS = 60;
const impatient = { commandTimeoutMs: 1_000 };
/** What `apply` says of a device that it lost; which of them depends on what it was waiting for. */
const lost = expect.stringMatching(/^(apply\.(lost|too-late|stopped)|rollback\.not-armed)$/) as string;

/** The device as code describes it, confirmed. */
async function adopt({ device, good }: LockOut): Promise<void> {
  await bench.with(bench.target(device), async (session) => {
    const { until } = await session.arm('good', withinS);
    await session.apply(good, { run: 'good', applied: null, until });
    expect(await session.confirm(good, { run: 'good', applied: null })).toEqual({ confirmed: true });
  });
}

/** Applies the mistake; gives back when the device is cut off, with what `apply` will say. */
async function cutOff(
  { device, good, bad }: LockOut,
  { transport, signal }: { readonly transport: TransportName; readonly signal?: AbortSignal },
): Promise<{ readonly said: Promise<unknown> }> {
  const target = bench.target(device, transport);
  const until = await bench.with(target, async (session) => (await session.arm('bad', withinS)).until);
  const said = bench.with(
    target,
    (session) => session.apply(bad, { run: 'bad', applied: good, until, ...(signal === undefined ? {} : { signal }) }),
    impatient,
  );
  const caught = said.catch((error: unknown) => error);
  for (let tries = 0; tries < 300 && answers(device, transport); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10)); // prettier-ignore
  expect(answers(device, transport)).toBe(false);
  return { said: caught };
}

/** Whether a packet for the API, or for REST, would arrive. */
function answers(device: string, transport: TransportName): boolean {
  const found = bench.backbone.simulator.network.devices.get(device);
  const port = transport === 'api' ? bench.backbone.ports.api : bench.backbone.ports.www;
  return bench.isReached(device) && (found?.paths?.admits({ source: '127.0.0.1', protocol: 'tcp', port, state: 'new' }) ?? true); // prettier-ignore
}

describe.each(lockOutKinds)('a change with a %s', (kind) => {
  it('heals on the device alone, while we look for it', async () => {
    const mistake = lockOut(bench, kind);
    await adopt(mistake);
    const before = bench.stateOf(mistake.device);
    const { said } = await cutOff(mistake, { transport: 'api' });
    bench.pass(withinS - 5);
    expect(answers(mistake.device, 'api')).toBe(false);
    bench.pass(10);
    await bench.untilReached(mistake.device);
    expect(bench.stateOf(mistake.device)).toBe(before);
    expect(await said).toMatchObject({ code: lost });
  });

  it.each(['', ', after a restart in between'])('heals with us dead%s', async (meanwhile) => {
    const mistake = lockOut(bench, kind);
    await adopt(mistake);
    const before = bench.stateOf(mistake.device);
    const death = new AbortController();
    const { said } = await cutOff(mistake, { transport: 'api', signal: death.signal });
    death.abort();
    expect(await said).toMatchObject({ code: 'apply.stopped' });
    if (meanwhile === '') bench.pass(withinS + 5);
    else {
      bench.reboot(mistake.device);
      await new Promise((resolve) => setTimeout(resolve, 300));
      bench.pass(5);
    }
    await bench.untilReached(mistake.device);
    expect(bench.stateOf(mistake.device)).toBe(before);
  });
});

describe('a change by REST that cuts its own way', () => {
  it('heals, too', async () => {
    const mistake = lockOut(bench, 'wrong gateway');
    await adopt(mistake);
    const before = bench.stateOf(mistake.device);
    const { said } = await cutOff(mistake, { transport: 'rest' });
    bench.pass(withinS + 5);
    await bench.untilReached(mistake.device);
    expect(bench.stateOf(mistake.device)).toBe(before);
    expect(await said).toMatchObject({ code: lost });
  });
});
