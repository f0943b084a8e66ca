import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../domain/clock.ts';
import { KeptLimits } from './kept-limits.ts';
import { defaultPollingOptions as usual } from './options.ts';
import { Peer } from './peer.ts';
import { cleanUpAfterEach, Device, listen, run, until } from './testing/running-agent.ts';

const day = 24 * 3_600_000;
const began = Date.UTC(2026, 10, 29);

class Run implements Clock {
  readonly #wallMs: number;
  constructor(wallMs: number) {
    this.#wallMs = wallMs;
  }
  now(): number {
    return this.#wallMs;
  }
  monotonic(): number {
    return 60_000;
  }
}

describe('limits that were learned', () => {
  const device = new Device(1);
  let folder = '';
  let file = '';
  let warnings = 0;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'arung-limits-'));
    file = join(folder, 'device-limits');
    warnings = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const logger: Logger = pino({ level: 'warn' }, { write: () => void (warnings += 1) });
  const holder = (port = 161) => {
    const target = device.target(port);
    return { target, peer: new Peer(target, usual, () => undefined) };
  };
  /** A later process: what it knows of the device at `port` after it has read the file. */
  async function later(atMs: number, port = 161): Promise<Peer> {
    const kept = new KeptLimits({ file, clock: new Run(atMs), logger });
    await kept.load();
    const one = holder(port);
    kept.restore(one);
    return one.peer;
  }
  /** A device that says tooBig beyond 15 variables, bears GETNEXT only and takes 8 ms for each variable. */
  async function keep(): Promise<void> {
    const clock = new Run(began);
    const one = holder();
    one.peer.size.tooBig({ varbinds: 30, bytes: 600 }, clock.monotonic());
    one.peer.limits.bears(0);
    for (let i = 0; i < 10; i += 1) {
      one.peer.limits.answered(1, 5);
      one.peer.limits.answered(15, 5 + 15 * 8);
    }
    await new KeptLimits({ file, clock, logger }).save([one]);
  }

  it('hold in the next run, all of them', async () => {
    await keep();
    const { size, limits, maxWindow } = await later(began + 30_000);
    expect([size.varbinds, size.bytes]).toEqual([15, usual.maxBytes]);
    expect([limits.getNextOnly, limits.slow, maxWindow]).toEqual([true, true, 1]);
    expect(limits.perVariableMs).toBeCloseTo(8, 5);
  });

  it('are tried again when it was time for that, reckoned over the restart', async () => {
    await keep();
    const answer = { varbinds: 15, bytes: 600 };
    const soon = await later(began + 60_000);
    soon.size.answered(answer, new Run(began + 60_000).monotonic());
    expect(soon.size.varbinds).toBe(15);
    const afterWait = await later(began + 21 * 60_000);
    afterWait.size.answered(answer, new Run(began + 21 * 60_000).monotonic());
    expect(afterWait.size.varbinds).toBe(19);
    const clockSetBack = await later(began - day);
    clockSetBack.size.answered(answer, new Run(began - day).monotonic());
    expect(clockSetBack.size.varbinds).toBe(15);
  });

  it('let GETBULK be tried again after a week, however often they were written since', async () => {
    await keep();
    const clock = new Run(began + 6 * day);
    const kept = new KeptLimits({ file, clock, logger });
    await kept.load();
    const one = holder();
    kept.restore(one);
    expect(one.peer.limits.getNextOnly).toBe(true);
    await kept.save([one]);
    expect((await later(began + 8 * day)).limits.maxRepetitions).toBeNull();
  });

  it('are not those of another place', async () => {
    await keep();
    const { size, limits } = await later(began + 1_000, 1161);
    expect([size.varbinds, limits.maxRepetitions, limits.slow]).toEqual([usual.maxVarbinds, null, false]);
  });

  it('are not kept of a device that is as every other, and never beyond what a run may ask', async () => {
    const clock = new Run(began);
    await new KeptLimits({ file, clock, logger }).save([holder()]);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ format: 1, devices: {} });
    const one = holder();
    one.peer.size.resume({ varbinds: 9_999, bytes: 99_999, waitMs: 0, ageMs: 0 }, 0);
    expect([one.peer.size.varbinds, one.peer.size.bytes]).toEqual([usual.grownVarbinds, usual.grownBytes]);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['of another format', (text: string) => text.replace('"format":1', '"format":2')],
    ['with what is no number', (text: string) => text.replace('"varbinds":15', '"varbinds":"15"')],
    ['with a number that cannot be', (text: string) => text.replace('"varbinds":15', '"varbinds":-3')],
    ['binary', () => '\0\x01\xff'],
  ])('are not used when the file is damaged: %s', async (_, damage) => {
    await keep();
    await writeFile(file, damage(await readFile(file, 'utf8')));
    const { size, limits } = await later(began + 1_000);
    expect([size.varbinds, limits.maxRepetitions, limits.slow]).toEqual([usual.maxVarbinds, null, false]);
    expect(warnings).toBe(1);
  });
});

describe('an agent that is started again', () => {
  cleanUpAfterEach();

  it('asks no device for what it said tooBig to before', { timeout: 60_000 }, async () => {
    const device = new Device(40);
    device.agent.misbehaviour = { tooBigBeyond: 20 };
    const target = device.target(await listen(device));
    const start = () =>
      run(
        () => [target],
        () => Promise.resolve(device.plan(1_000)),
        { maxTimeoutMs: 1_000 },
      );
    const polls = ({ rows }: { rows: readonly { measurement: string }[] }) =>
      rows.filter((row) => row.measurement === 'interface').length;
    const first = await start();
    await until('whole polls of the first run', () => polls(first) >= 120, 30_000);
    expect(first.engine.counters.errorAnswers).toBeGreaterThan(0);
    const learned = first.agent.deviceReport(device.id)?.variablesPerPacket;
    expect(learned).toBeLessThanOrEqual(20);
    await first.stop();
    const second = await start();
    await until('whole polls of the second run', () => polls(second) >= 120, 30_000);
    expect(second.engine.counters.errorAnswers).toBe(0);
    expect(second.agent.deviceReport(device.id)?.variablesPerPacket).toBe(learned);
  });
});
