import { describe, expect, it } from 'vitest';
import type { AgentId } from '../domain/ids.ts';
import { seriesOf, type Measurement, type PointBatch } from '../domain/point.ts';
import { MqttBridge } from './bridge.ts';
import { decodeLines } from './line-protocol.ts';

function batch(measurement: Measurement, values: readonly number[]): PointBatch {
  return {
    agent: 'a' as AgentId,
    measurement,
    series: [seriesOf(measurement, { device: 'd 1', sensor: 's' })],
    times: Float64Array.of(1_764_000_000),
    values: Float64Array.from(values),
  };
}

describe('MqttBridge', () => {
  it('publishes what is stored as lines in nanoseconds, by measurement, and nothing that others handed in', async () => {
    const sent = new Map<string, string>();
    let connected = true;
    const link = {
      get connected() {
        return connected;
      },
      publish: (topic: string, payload: string | Buffer) => void sent.set(topic, payload.toString()),
      subscribe: () => () => undefined,
      onConnection: () => () => undefined,
    };
    const bridge = new MqttBridge({ link, topic: 'arung/v1/bridge' });
    await bridge.start();
    bridge.accept(batch('sensor', [41.5]));
    bridge.accept(batch('sensor', [42]));
    bridge.accept(batch('external', [1]));
    bridge.accept(batch('probe', [1, 2, 3]));
    connected = false;
    bridge.accept(batch('device', [1, 2, 3]));
    await bridge.stop();
    expect([...sent.keys()]).toEqual(['arung/v1/bridge/sensor']);
    const { points, errors } = decodeLines(sent.get('arung/v1/bridge/sensor') ?? '');
    expect(errors).toEqual([]);
    expect(points.map(({ tags, fields, timestamp }) => [tags.get('device'), fields.get('value'), timestamp])).toEqual([
      ['d 1', 41.5, 1_764_000_000_000_000_000n],
      ['d 1', 42, 1_764_000_000_000_000_000n],
    ]);
  });
});
