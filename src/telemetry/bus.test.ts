import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { seriesOf, type PointBatch } from '../domain/point.ts';
import type { AgentId } from '../domain/ids.ts';
import { FanOutBus } from './bus.ts';

const batch: PointBatch = {
  agent: 'local' as AgentId,
  measurement: 'probe',
  series: [seriesOf('probe', { device: 'd1' })],
  times: Float64Array.of(1_700_000_000),
  values: Float64Array.of(1, 2.5, 100),
};

describe('FanOutBus', () => {
  it('hands every batch to every consumer, in order, before publish returns', () => {
    const bus = new FanOutBus({ logger: pino({ enabled: false }) });
    const seen: string[] = [];
    bus.to({ name: 'first', accept: (b) => void seen.push(`first ${b.measurement}`) });
    bus.to({ name: 'second', accept: (b) => void seen.push(`second ${b.measurement}`) });
    bus.publish(batch);
    expect(seen).toEqual(['first probe', 'second probe']);
    expect(bus.statistics()).toMatchObject({ batches: 1, rows: 1 });
  });

  it('counts and logs a consumer that throws, and still serves the others', () => {
    const lines: string[] = [];
    const bus = new FanOutBus({ logger: pino({}, { write: (line: string) => void lines.push(line) }) });
    let served = 0;
    bus.to({
      name: 'broken',
      accept: () => {
        throw new Error('no room');
      },
    });
    bus.to({ name: 'sound', accept: () => void served++ });
    for (let i = 0; i < 5; i++) bus.publish(batch);
    expect(served).toBe(5);
    expect(bus.statistics().failures).toEqual({ broken: 5, sound: 0 });
    // 1st, 2nd and 4th failure: a consumer that fails a thousand times does not fill the disk.
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('no room');
  });

  it('lets a consumer leave while a batch is on its way', () => {
    const bus = new FanOutBus({ logger: pino({ enabled: false }) });
    let late = 0;
    const leave = bus.to({ name: 'leaver', accept: () => leave() });
    bus.to({ name: 'late', accept: () => void late++ });
    bus.publish(batch);
    bus.publish(batch);
    expect(late).toBe(2);
    expect(Object.keys(bus.statistics().failures)).toEqual(['late']);
  });
});
