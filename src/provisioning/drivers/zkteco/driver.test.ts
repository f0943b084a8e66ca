import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fragment } from '../../../../tests/support/device-bench.ts';
import { TerminalBench, zkDocument } from '../../../../tests/support/terminal-bench.ts';
import { systemClock } from '../../../domain/clock.ts';
import { ArungError } from '../../../domain/errors.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import { ZktecoDriver } from './driver.ts';

let bench: TerminalBench;
beforeAll(async () => {
  bench = await TerminalBench.start(126);
});
afterAll(() => bench.stop());

const device = 'abs-c-01';
const time = fragment('jam', 'time', { zone: '+08:00', drift: '3' });
const offS = (name: string): number => Math.abs(bench.box(name).wallS() - (Date.now() / 1_000 + 8 * 3_600));
let runs = 0;

async function confirmed(document: IntentDocument, transport = 'tcp', key?: number): Promise<readonly string[]> {
  runs += 1;
  const run = `run-${runs}`;
  const steps = await bench.with(bench.target(device, transport, key), async (session) => {
    const { until } = await session.arm(run, 60);
    expect(await session.rollbacks()).toEqual([{ state: 'armed', run, until }]);
    return (await session.apply(document, { run, applied: null, until })).steps;
  });
  const credential = bench.driver.credentialAfter(document, bench.target(device, transport, key).credential);
  await bench.with({ ...bench.target(device, transport), credential }, async (session) => {
    expect(await session.confirm(document, { run, applied: null })).toEqual({ confirmed: true });
    expect(await session.rollbacks()).toEqual([]);
  });
  return steps.map(({ subject, name }) => `${subject} ${name}`);
}

describe.each(['tcp', 'udp'])('an attendance terminal, over %s', (transport) => {
  it('has its clock and its server set, and then is as the document says', async () => {
    bench.box(device).setWall(Date.now() / 1_000 + 8 * 3_600 + 95);
    bench.box(device).set('WebServerPort', '80');
    const document = zkDocument(time, fragment('adms', 'server', { address: '10.73.0.20', port: '8088' }));
    bench.box(device).set('WebServerIP', '10.1.1.1');
    expect(await confirmed(document, transport)).toEqual(['time clock', 'server address', 'server port']);
    expect(offS(device)).toBeLessThan(2);
    expect(bench.box(device).option('WebServerIP')).toBe('10.73.0.20');
    expect(await confirmed(document, transport)).toEqual([]);
  });

  it('is set back at once when it takes something and does not keep it', async () => {
    const before = bench.stateOf(device);
    // This model has no name server for its clock.
    const document = zkDocument(
      fragment('adms', 'server', { port: '9999' }),
      fragment('jam', 'time', { ntp: '10.0.0.1' }),
    );
    const run = `buruk-${transport}`;
    const refused = bench.with(bench.target(device, transport), async (session) => {
      const { until } = await session.arm(run, 60);
      await session.apply(document, { run, applied: null, until });
    });
    await expect(refused).rejects.toMatchObject({ code: 'apply.undone', kind: 'invalid', arguments: { subject: 'time', name: 'ntp' } }); // prettier-ignore
    expect(bench.stateOf(device)).toBe(before);
  });

  it('lets nobody in who has another comm key', async () => {
    await expect(bench.driver.open(bench.target(device, transport, 1))).rejects.toMatchObject({
      code: 'device.sign-in',
    });
  });

  it('gives its settings, without its comm key in clear and without a person', async () => {
    const backup = await bench.with(bench.target(device, transport), (session) => session.backup());
    expect(backup.text).toContain('ComKey=246810');
    expect(backup.masked).toContain('ComKey=•••');
    expect(backup.masked).not.toContain('246810');
    const named = new Map([['server', new Set(['address'])]]);
    const { masked } = await bench.with(bench.target(device, transport), (session) => session.backup(named));
    expect(masked).toContain('WebServerIP=•••');
    expect(backup.text).toContain('~SerialNumber=TERM-C');
    expect(await bench.with(bench.target(device, transport), (session) => session.backup())).toEqual(backup);
  });
});

describe('a terminal', () => {
  it('gets another comm key, which is proven before the old one is forgotten', async () => {
    const change = zkDocument(fragment('kunci', 'comm', { key: '13579' }, ['key']));
    await bench.with(bench.target(device), async (session) => {
      const steps = bench.driver.plan(change, await session.read([change]));
      expect(steps).toMatchObject([{ changes: [{ property: 'key', secret: true, before: null, after: null }] }]);
    });
    await confirmed(change);
    await expect(bench.driver.open(bench.target(device))).rejects.toMatchObject({ code: 'device.sign-in' });
    await confirmed(zkDocument(fragment('kunci', 'comm', { key: '246810' }, ['key'])), 'tcp', 13_579);
  });

  it('that a change of its network cuts off is set back when it is reached again, and the error says so', async () => {
    const before = bench.stateOf(device);
    const gateway = bench.box(device).option('GATEIPAddress') ?? '';
    const document = zkDocument(fragment('jaringan', 'network', { gateway: '10.99.9.9', force: 'yes' }));
    const refused = (run: string) =>
      bench.with(
        bench.target(device),
        async (session) => {
          const { until } = await session.arm(run, 60);
          await session.apply(document, { run, applied: null, until });
        },
        { commandTimeoutMs: 500 },
      );
    // Somebody who stands before it puts it right, within the time that is waited for it.
    const help = setTimeout(() => bench.box(device).set('GATEIPAddress', gateway), 2_000);
    await expect(refused('putus')).rejects.toMatchObject({ code: 'apply.undone' });
    clearTimeout(help);
    expect(bench.answers(device)).toBe(true);
    expect(bench.stateOf(device)).toBe(before);
    // Whom nobody helps is not said to go back by itself: whoever reaches it later sets it back.
    await expect(refused('lama')).rejects.toMatchObject({ code: 'apply.left-changed', message: expect.stringMatching(/could not be set back yet/) as string }); // prettier-ignore
    bench.box(device).set('GATEIPAddress', gateway);
    await bench.with(bench.target(device), (session) => session.revert('lama'));
    expect(bench.stateOf(device)).toBe(before);
  }, 60_000);

  it('is brought back to what it was', async () => {
    const before = bench.stateOf(device);
    await bench.with(bench.target(device), async (session) => {
      const { until } = await session.arm('mundur', 60);
      await session.apply(zkDocument(fragment('adms', 'server', { port: '1234' })), {
        run: 'mundur',
        applied: null,
        until,
      });
      await expect(session.arm('lain', 60)).rejects.toMatchObject({ code: 'rollback.other-run' });
      await session.revert('mundur');
      expect(await session.rollbacks()).toEqual([]);
      const late = session.apply(zkDocument(), { run: 'mundur', applied: null, until });
      await expect(late).rejects.toMatchObject({ code: 'rollback.not-armed' });
    });
    expect(bench.stateOf(device)).toBe(before);
  });

  it('is set back also by who reaches it after the time of its run: it does not do so by itself', async () => {
    const before = bench.stateOf(device);
    let aheadMs = 0;
    const clock = { now: () => systemClock.now() + aheadMs, monotonic: () => systemClock.monotonic() + aheadMs };
    const driver = new ZktecoDriver(clock);
    const change = zkDocument(fragment('adms', 'server', { port: '4321' }));
    const first = await driver.open(bench.target(device));
    const { until } = await first.arm('terlambat', 60);
    await first.apply(change, { run: 'terlambat', applied: null, until });
    first.close();
    aheadMs = 61_000;
    const late = await driver.open(bench.target(device));
    expect(await late.rollbacks()).toEqual([{ state: 'spent', run: 'terlambat' }]);
    await late.revert('terlambat');
    expect(await late.rollbacks()).toEqual([]);
    late.close();
    expect(bench.stateOf(device)).toBe(before);
  });

  it('shows a change by hand as drift', async () => {
    const document = zkDocument(time, fragment('adms', 'server', { port: '8088' }));
    bench.box(device).set('WebServerPort', '1');
    bench.box(device).setWall(bench.box(device).wallS() - 300);
    await bench.with(bench.target(device), async (session) => {
      expect(bench.driver.plan(document, await session.read([document]))).toMatchObject([
        { subject: 'time', name: 'clock', changes: [{ property: 'drift', before: expect.stringMatching(/^−(29\d|30\d) s$/) as string }] }, // prettier-ignore
        { subject: 'server', changes: [{ property: 'port', before: '1', after: '8088' }] },
      ]);
    });
  });

  it('that answers something else ends the session', async () => {
    const server = createServer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const target = { ...bench.target(device), address: '127.0.0.1', port };
    await expect(bench.driver.open(target)).rejects.toMatchObject({ code: 'device.garbage' });
    server.close();
  });
});

describe('a document for a terminal', () => {
  const faultsOf = (document: IntentDocument): readonly (string | undefined)[] => {
    try {
      bench.driver.check(document);
      return [];
    } catch (error) {
      if (error instanceof ArungError) return (error.details ?? []).map(({ code }) => code);
      throw error;
    }
  };

  it.each([
    [fragment('a', 'users', {}), 'intent.subject'],
    [fragment('a', 'server', { address: 'a b' }), 'intent.value-kind'],
    [fragment('a', 'server', { nama: 'x' }), 'intent.property-name'],
    [fragment('a', 'comm', { key: '1234567' }), 'intent.value-kind'],
    [fragment('a', 'time', { drift: '5' }), 'intent.property-needed'],
    [fragment('a', 'network', { gateway: '10.0.0.1' }), 'intent.property-needed'],
  ])('is refused: %o', (one, code) => expect(faultsOf(zkDocument(one))).toEqual([code]));

  it('is taken with its network when it says that it cannot go back', () => {
    expect(faultsOf(zkDocument(fragment('a', 'network', { gateway: '10.0.0.1', force: 'yes' })))).toEqual([]);
  });
});
