import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock as clock } from '../../domain/clock.ts';
import { newId, type AgentId } from '../../domain/ids.ts';
import { seriesOf } from '../../domain/point.ts';
import { openMetricStore } from '../../metrics/open-store.ts';
import type { MetricStore } from '../../metrics/store.ts';
import { backbone } from '../../status/test-network.ts';
import { SensorReadings } from './sensor-readings.ts';

describe('sensors that speak for a cause', () => {
  const logger = pino({ level: 'silent' });
  const network = backbone(3, 4);
  let folder: string;
  let store: MetricStore;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-sensors-'));
    store = openMetricStore({ kind: 'embedded', path: join(folder, 'metrics.sqlite'), maxBytes: 64e6 }, logger, clock);
    await store.start();
  });
  afterAll(async () => {
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are looked up when they are first asked for, and wake who asked', async () => {
    const [link] = network.links.values();
    if (link === undefined) throw new Error('no link');
    const series = seriesOf('sensor', { device: link.a.deviceId, sensor: `optical-rx.${link.a.interfaceName}` });
    const nowS = Math.floor(clock.now() / 1000);
    const times = [nowS - 30, ...Array.from({ length: 40 }, (_, hour) => nowS - (hour + 2) * 3_600)];
    const values = times.map((_, index) => (index === 0 ? -31.04 : -14.2));
    await store.write([
      {
        agent: newId<AgentId>(),
        measurement: 'sensor',
        series: times.map(() => series),
        times: new Float64Array(times),
        values: new Float64Array(values),
      },
    ]);
    const readings = new SensorReadings({
      store,
      topology: { current: () => network.topology, onChange: () => () => undefined },
      clock,
      logger,
    });
    let woken = 0;
    readings.onChange(() => woken++);
    const broke = (nowS - 60) * 1_000;
    expect(readings.opticalOf(link.a.interfaceId, broke)).toBeNull();
    await vi.waitFor(() => expect(woken).toBe(1), { timeout: 20_000 });
    expect(readings.opticalOf(link.a.interfaceId, broke)).toEqual({ nowDbm: -31, usualDbm: -14.2 });
    // what was measured before it broke is no evidence
    expect(readings.opticalOf(link.a.interfaceId, nowS * 1_000)).toEqual({ nowDbm: null, usualDbm: -14.2 });
    expect(readings.opticalOf('no such port', broke)).toBeNull();
    expect(readings.voltageOf(link.a.deviceId)).toBeNull();
    await readings.stop();
  });
});
