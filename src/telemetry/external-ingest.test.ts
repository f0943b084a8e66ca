import { performance } from 'node:perf_hooks';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../domain/clock.ts';
import { sourceKey, type KnownSource, type SourceDirectory } from '../domain/external-source.ts';
import type { AgentId, DeviceId } from '../domain/ids.ts';
import { BufferedStore } from '../metrics/queue.ts';
import { AbsenceWatch } from './absence.ts';
import { FanOutBus } from './bus.ts';
import { MemoryCounters } from './counters.ts';
import { ExternalIngest } from './external-ingest.ts';

const ownAgentId = 'local' as AgentId;
const token = { kind: 'token', regionCode: '73.08.01', name: 'telegraf' } as const;
const source: KnownSource = {
  id: 'server' as DeviceId,
  state: 'accepted',
  deviceId: 'server' as DeviceId,
  watched: false,
  intervalS: null,
  identity: { tag: 'host', value: 'server', publisher: 'server' },
  origin: 'region 73.08.01',
};
const sources: SourceDirectory = {
  resolve: (_origin, identities) => Promise.resolve(new Map(identities.map((one) => [sourceKey(one), source]))),
  watched: () => [],
  note: () => Promise.resolve(),
};

describe('a publisher who sends as much as fits', () => {
  const logger = pino({ enabled: false });
  let stored: number;
  let storeAway: boolean;
  let queue: BufferedStore;
  let external: ExternalIngest;

  beforeEach(() => {
    stored = 0;
    storeAway = false;
    const write = (batches: readonly { readonly times: Float64Array }[]): Promise<void> => {
      if (storeAway) return Promise.reject(new Error('away'));
      for (const { times } of batches) stored += times.length;
      return Promise.resolve();
    };
    queue = new BufferedStore({ store: { write }, clock: systemClock, logger, maxRows: 40_000 });
    const bus = new FanOutBus({ logger });
    bus.to(queue);
    external = new ExternalIngest({
      link: {
        connected: true,
        publish: () => undefined,
        subscribe: () => () => undefined,
        onConnection: () => () => undefined,
      },
      bus,
      sources,
      agentIdOf: () => null,
      ownAgentId,
      absence: new AbsenceWatch({ sources, bus, clock: systemClock, ownAgentId }),
      identityTags: ['host'],
      clock: systemClock,
      logger,
      counters: new MemoryCounters(),
      room: () => queue.room(),
      durable: () => queue.durable(),
    });
  });

  it('pushes out nobody’s points and stops nothing else', async () => {
    let longestMs = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
    }, 5);
    const written = await external.write(token, 'm,host=server a=1\n'.repeat(400_000));
    clearInterval(beat);
    await queue.flush();
    expect(written.accepted).toBe(400_000);
    expect(queue.statistics()).toMatchObject({ lostRows: 0, queuedRows: 0 });
    expect(stored).toBe(400_000);
    // Parts of some milliseconds; a busy machine adds its own.
    expect(longestMs).toBeLessThan(250);
  });

  it('is told to come again while the store takes nothing, and leaves room for what we measure ourselves', async () => {
    storeAway = true;
    await expect(external.write(token, 'm,host=server a=1\n'.repeat(60_000))).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'metrics.away',
    });
    expect(queue.statistics().lostRows).toBe(0);
    expect(queue.statistics().queuedRows).toBeLessThan(20_000);
    await queue.stop();
  });

  it('has lines with names without end refused, and the first thousand errors told', async () => {
    const long = `m,host=server ${Array.from({ length: 5_001 }, (_, at) => `f${at}=1`).join(',')}\n`;
    const written = await external.write(token, `${long}m,host=server a=1\n${'wrong\n'.repeat(3_000)}`);
    expect(written.accepted).toBe(1);
    expect(written.errors).toHaveLength(1_000);
    expect(written.errors[0]).toMatchObject({ line: 1, message: 'there are more than 5000 fields' });
    expect(written.refused.get('syntax')).toBe(3_001);
  });
});
