import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../domain/clock.ts';
import { newId, type DeviceId, type InterfaceId } from '../domain/ids.ts';
import type { Plan } from '../domain/plan.ts';
import { seriesOf } from '../domain/point.ts';
import { Baselines, type BaselineHolder } from './baselines.ts';
import { CompiledGroup } from './compiled-group.ts';
import { DeviceClock } from './device-clock.ts';

const logger = pino({ level: 'silent' });
const device = newId<DeviceId>();
const plan: Plan = {
  id: '5a'.repeat(32),
  deviceId: device,
  ifTableLastChange: null,
  groups: [
    {
      group: 'interfaces',
      intervalMs: 10_000,
      series: [seriesOf('interface', { device, interface: newId<InterfaceId>() })],
      slots: [
        { oid: '1.3.6.1.2.1.31.1.1.1.6.1', kind: 'counter64', scale: 8, row: 0, field: 0, ceiling: 0 },
        { oid: '1.3.6.1.2.1.31.1.1.1.10.1', kind: 'counter64', scale: 8, row: 0, field: 1, ceiling: 0 },
      ],
    },
  ],
};

/** A process: its monotonic clock starts anew, the machine's does not. */
class Run implements Clock {
  readonly #startedWallMs: number;
  wallMs: number;
  constructor(wallMs: number) {
    this.#startedWallMs = wallMs;
    this.wallMs = wallMs;
  }
  now(): number {
    return this.wallMs;
  }
  monotonic(): number {
    return this.wallMs - this.#startedWallMs;
  }
}

function holder(withPlan: Plan = plan): BaselineHolder & { readonly group: CompiledGroup } {
  const [first] = withPlan.groups;
  if (first === undefined) throw new Error('a plan without groups');
  const group = new CompiledGroup(first);
  return { plan: withPlan, clock: new DeviceClock(), polls: [{ group }], group };
}

const valuesOf = ({ group }: { readonly group: CompiledGroup }): readonly number[] => [
  ...group.baselines.subarray(0, group.count),
];

describe('Baselines', () => {
  let folder = '';
  let file = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'arung-baselines-'));
    file = join(folder, 'counter-baselines');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Device up for 1,000 s, counters read 2 s before its sysUpTime was read last. */
  async function firstRun(apartMs = 0): Promise<void> {
    const clock = new Run(1_000_000);
    const before = holder();
    clock.wallMs += 60_000;
    before.clock.observe(100_001, clock.monotonic());
    before.group.baselines.set([5e9, 6e9]);
    before.group.allWereRead(before.clock.timeMs - 2_000);
    if (apartMs > 0) before.group.wasRead(1, before.clock.timeMs - 2_000 - apartMs);
    await new Baselines({ file, clock, logger }).save([before]);
  }

  async function secondRun(afterMs: number, ticks: number, withPlan = plan): Promise<ReturnType<typeof holder>> {
    const clock = new Run(1_060_000 + afterMs - 500);
    clock.wallMs += 500;
    const baselines = new Baselines({ file, clock, logger });
    await baselines.load();
    const after = holder(withPlan);
    after.clock.observe(ticks, clock.monotonic());
    baselines.restore(after);
    return after;
  }

  it('carries counters and their times over a restart of the program', async () => {
    await firstRun();
    const after = await secondRun(30_000, 103_001);
    expect(valuesOf(after)).toEqual([5e9, 6e9]);
    expect([0, 1].map((slot) => after.clock.timeMs - after.group.readMs(slot))).toEqual([32_000, 32_000]);
  });

  it('carries the time of each where they were not read at once', async () => {
    await firstRun(7_000);
    const after = await secondRun(30_000, 103_001);
    expect(valuesOf(after)).toEqual([5e9, 6e9]);
    expect([0, 1].map((slot) => after.clock.timeMs - after.group.readMs(slot))).toEqual([32_000, 39_000]);
  });

  it('keeps more devices than are written at a time, and one that has more counters than that', async () => {
    const clock = new Run(1_000_000);
    const holders = [40, 30_000, 70_000, 200_000, 5, 64_000].map((count, i) => {
      const [group] = plan.groups;
      const slots = Array.from({ length: count }, (_, k) => ({
        oid: `1.3.6.1.2.1.31.1.1.1.6.${k + 1}`,
        kind: 'counter64' as const,
        scale: 8,
        row: 0,
        field: 0,
        ceiling: 0,
      }));
      const own = holder({
        ...plan,
        id: `${i}a`.repeat(32),
        groups: group === undefined ? [] : [{ ...group, slots }],
      });
      return { own, i, count };
    });
    clock.wallMs += 60_000;
    for (const { own, i, count } of holders) {
      own.clock.observe(100_001, clock.monotonic());
      for (let k = 0; k < count; k += 1) own.group.baselines[k] = i * 1e6 + k;
      own.group.allWereRead(own.clock.timeMs);
    }
    await new Baselines({ file, clock, logger }).save(holders.map(({ own }) => own));
    const again = new Baselines({ file, clock, logger });
    await again.load();
    for (const { own, i, count } of holders) {
      own.group.forgetBaselines();
      again.restore(own);
      expect(own.group.baselines[0]).toBe(i * 1e6);
      expect(own.group.baselines[count - 1]).toBe(i * 1e6 + count - 1);
    }
  });

  it('believes the device’s clock before the machine’s', async () => {
    await firstRun();
    const after = await secondRun(31_000, 103_001);
    expect(after.clock.timeMs - after.group.readMs(0)).toBeCloseTo(32_000, 6);
  });

  it.each([
    ['the device restarted meanwhile', 30_000, 900, plan],
    ['more than an hour has passed', 3_700_000, 470_001, plan],
    ['the machine’s clock was set', 1_800_000, 103_001, plan],
    ['the plan is another', 30_000, 103_001, { ...plan, id: '5b'.repeat(32) }],
  ])('uses nothing when %s', async (_, afterMs, ticks, withPlan) => {
    await firstRun();
    const after = await secondRun(afterMs, ticks, withPlan);
    expect(valuesOf(after)).toEqual([Number.NaN, Number.NaN]);
  });

  it('uses nothing of a file that is damaged or cut off anywhere', async () => {
    await firstRun();
    const whole = await readFile(file);
    for (const size of [0, 7, 15, 16, 60, whole.length - 1]) {
      await writeFile(file, whole.subarray(0, size));
      expect(valuesOf(await secondRun(30_000, 103_001))).toEqual([Number.NaN, Number.NaN]);
    }
    for (let at = 8; at < whole.length - 4; at += 7) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x20, at);
      await writeFile(file, bytes);
      expect(valuesOf(await secondRun(30_000, 103_001))).toEqual([Number.NaN, Number.NaN]);
    }
  });
});
