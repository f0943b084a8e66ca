import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  CuttingProxy,
  documentOf,
  fragment,
  RouterBench,
  transportNames,
  type TransportName,
} from '../../../../tests/support/router-bench.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import { isLoss } from '../device-errors.ts';

const device = 'rtr-a-01';
let bench: RouterBench;
let proxy: CuttingProxy;
beforeAll(async () => {
  bench = await RouterBench.start(99, { isDriven: true });
});
afterAll(() => bench.stop());
afterEach(() => proxy.stop());

const rule = (key: string, list: string) =>
  fragment(key, '/ip/firewall/filter', { chain: 'forward', 'src-address-list': list, action: 'accept' });

/** Two documents; from each to the other every kind of step is needed. */
const documents: readonly [IntentDocument, IntentDocument] = [
  documentOf(
    fragment('v10', '/interface/vlan', { name: 'v10', interface: 'bridge', 'vlan-id': '10' }),
    fragment('lan', '/ip/address', { address: '10.10.0.1/24', interface: 'v10' }),
    rule('a', 'satu'),
    rule('b', 'dua'),
    fragment('name', '/system/identity', { name: 'nama-satu' }),
  ),
  documentOf(
    fragment('v20', '/interface/vlan', { name: 'v20', interface: 'bridge', 'vlan-id': '20' }),
    fragment('lan', '/ip/address', { address: '10.20.0.1/24', interface: 'v20' }),
    rule('b', 'dua'),
    rule('a', 'satu'),
    rule('c', 'tiga'),
    fragment('name', '/system/identity', { name: 'nama-dua' }),
  ),
];

let transport: TransportName = 'api';
let runs = 0;
/** Arms, applies and confirms, through the proxy. */
async function change(document: IntentDocument, applied: IntentDocument | null, run: string): Promise<void> {
  const target = bench.target(device, transport, proxy.port);
  const patient = { commandTimeoutMs: 5_000 };
  await bench.with(
    target,
    async (session) => {
      const { until } = await session.arm(run, 60);
      await session.apply(document, { run, applied, until });
    },
    patient,
  );
  const confirmed = await bench.with(target, (session) => session.confirm(document, { run, applied }), patient);
  expect(confirmed).toEqual({ confirmed: true });
}

function newProxy(): Promise<CuttingProxy> {
  const { api, www } = bench.backbone.ports;
  return CuttingProxy.start({ host: bench.backbone.addressOf(device), port: transport === 'api' ? api : www });
}

async function differences(document: IntentDocument): Promise<number> {
  return bench.with(bench.target(device), async (session) => bench.driver.plan(document, await session.read([document]), document).length); // prettier-ignore
}

/** How many pieces a change in each direction takes. */
async function pieces(): Promise<number> {
  proxy = await newProxy();
  await change(documents[0], documents[1], `count-${transport}-a-${runs}`);
  await change(documents[1], documents[0], `count-${transport}-b-${runs}`);
  const before = proxy.sent;
  await change(documents[0], documents[1], `count-${transport}-c-${runs}`);
  const most = proxy.sent - before;
  proxy.stop();
  return most;
}

/** How a change ended: the device is as before or as the document says, and nothing waits on it; what is left is cleared. */
async function endOf(before: string, to: IntentDocument, piece: number): Promise<'before' | 'after'> {
  const isBefore = bench.stateOf(device) === before;
  if (!isBefore) expect({ piece, left: await differences(to) }).toEqual({ piece, left: 0 });
  await bench.with(bench.target(device), async (session) => {
    for (const one of await session.rollbacks()) {
      expect({ piece, state: one.state }).toEqual({ piece, state: 'spent' });
      await session.revert(one.run);
    }
  });
  return isBefore ? 'before' : 'after';
}

/** Every command of the API; of REST, which needs more of them, every third, and others each time. */
function chosen(most: number, first: number): readonly number[] {
  const pieces = Array.from({ length: most }, (_, at) => at + 1);
  return transport === 'api' ? pieces : pieces.filter((piece) => piece % 3 === first % 3);
}

describe.each(transportNames)('a session by %s that is cut', (name) => {
  beforeAll(() => {
    transport = name;
  });

  it.each(['before', 'after'] as const)(
    '%s each command in turn: the run goes on and is confirmed',
    async (moment) => {
      const most = await pieces();
      expect(most).toBeGreaterThan(15);
      let at: 0 | 1 = 0;
      for (const piece of chosen(most, moment === 'before' ? 1 : 2)) {
        const [from, to] = at === 0 ? documents : [documents[1], documents[0]];
        runs += 1;
        proxy = await newProxy();
        proxy.cut = (sent) => (sent === piece ? moment : 'pass');
        // As the rollout does: what was lost before or after `apply` is begun again, by the same run.
        for (let tries = 0; ; tries += 1) {
          try {
            await change(to, from, `run-${runs}`);
            break;
          } catch (error) {
            if (!isLoss(error) || tries > 2) throw error;
          }
        }
        proxy.stop();
        expect({ piece, left: await differences(to), files: bench.files(device), timers: bench.rows(device, '/system/scheduler') }).toEqual({ piece, left: 0, files: [], timers: [] }); // prettier-ignore
        at = at === 0 ? 1 : 0;
      }
    },
    120_000,
  );

  it('at each command in turn, with us dead from then on: the device is as before, or as it should be', async () => {
    const most = await pieces();
    let at: 0 | 1 = 0;
    const ends = { before: 0, after: 0 };
    for (const piece of chosen(most, 3)) {
      const [from, to] = at === 0 ? documents : [documents[1], documents[0]];
      runs += 1;
      const before = bench.stateOf(device);
      proxy = await newProxy();
      let died: () => void = () => undefined;
      const death = new Promise<void>((resolve) => (died = resolve));
      proxy.cut = (sent) => {
        if (sent !== piece) return 'pass';
        died();
        return 'dead';
      };
      const ended = change(to, from, `run-${runs}`).catch((error: unknown) => error);
      await Promise.race([death, ended]);
      await new Promise((resolve) => setTimeout(resolve, 30));
      bench.pass(70);
      await bench.untilReached(device);
      await ended;
      const end = await endOf(before, to, piece);
      ends[end] += 1;
      if (end === 'after') at = at === 0 ? 1 : 0;
      proxy.stop();
    }
    expect(ends.before).toBeGreaterThan(10);
    expect(ends.after).toBeGreaterThan(0);
  }, 120_000);
});

describe('a router that restarts', () => {
  beforeAll(() => {
    transport = 'api';
  });

  it('at each command in turn is as before, or as it should be', async () => {
    const most = await pieces();
    let at: 0 | 1 = 0;
    const ends = { before: 0, after: 0 };
    for (let piece = 1; piece <= most; piece += 1) {
      const [from, to] = at === 0 ? documents : [documents[1], documents[0]];
      runs += 1;
      const before = bench.stateOf(device);
      proxy = await newProxy();
      proxy.cut = (sent) => {
        if (sent === piece) bench.reboot(device);
        return 'pass';
      };
      // Its own rollback comes three seconds after its start: sooner than we are done, or later.
      const time = setInterval(() => bench.pass(1), piece % 2 === 0 ? 15 : 150);
      await change(to, from, `run-${runs}`).catch((error: unknown) => error);
      clearInterval(time);
      bench.pass(70);
      await bench.untilReached(device);
      const end = await endOf(before, to, piece);
      ends[end] += 1;
      if (end === 'after') at = at === 0 ? 1 : 0;
      proxy.stop();
    }
    expect(ends.before).toBeGreaterThan(5);
    expect(ends.after).toBeGreaterThan(0);
  }, 180_000);
});
