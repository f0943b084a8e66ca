import { beforeEach, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import type { KnownSource, Origin, SourceDirectory, SourceNews } from '../domain/external-source.ts';
import type { AgentId, DeviceId } from '../domain/ids.ts';
import { FanOutBus } from './bus.ts';
import { AbsenceWatch } from './absence.ts';

const origin: Origin = { kind: 'agent', agentId: 'tg' as AgentId, name: 'tg' };
const known = (value: string, publisher: string): KnownSource => ({
  id: `id-${value}` as DeviceId,
  state: 'accepted',
  deviceId: `device-${value}` as DeviceId,
  watched: true,
  intervalS: null,
  identity: { tag: 'x', value, publisher },
  origin: 'agent tg',
});
const server = known('tg', 'tg');
const radio = known('10.0.0.1', 'tg');

let nowMs: number;
let told: string[];
let noted: SourceNews[];
let watch: AbsenceWatch;

beforeEach(() => {
  nowMs = 1_764_000_000_000;
  told = [];
  noted = [];
  const clock = { now: () => nowMs, monotonic: () => nowMs };
  const bus = new FanOutBus({ logger: pino({ enabled: false }) });
  bus.to({
    name: 'test',
    accept: ({ series, values, times }) => {
      const answered = values[0] ?? Number.NaN;
      const word = Number.isNaN(answered) ? 'waits' : answered === 1 ? 'answers' : `misses ${times.length}`;
      told.push(`${series[0]?.tags.device ?? ''} ${word}`);
    },
  });
  const sources: SourceDirectory = {
    resolve: () => Promise.resolve(new Map()),
    watched: () => [server, radio],
    note: (news) => Promise.resolve(void noted.push(...news)),
  };
  watch = new AbsenceWatch({ sources, bus, clock, ownAgentId: 'local' as AgentId });
});

function speak(source: KnownSource, options: { alive?: boolean; at?: number } = {}): void {
  const { alive = true, at = nowMs } = options;
  const point = { key: '', measurement: 'cpu', time: Math.floor(at / 1_000), values: [], alive };
  watch.heard(origin, [{ source, point }]);
}

/** Seconds pass; each time a source is due it speaks. */
function pass(seconds: number, speaking: readonly KnownSource[], everyS = 10): void {
  for (let second = 0; second < seconds; second++) {
    nowMs += 1_000;
    if ((nowMs / 1_000) % everyS === 0) for (const source of speaking) speak(source);
    watch.tick();
  }
}
const said = (device: string): string[] =>
  told.filter((line) => line.startsWith(`${device} `)).map((line) => line.slice(device.length + 1));

describe('AbsenceWatch', () => {
  it('learns how often a device speaks, and misses it after whole intervals of silence', () => {
    pass(60, [server, radio]);
    expect(said('device-10.0.0.1')).not.toContain('misses 1');
    told.length = 0;
    pass(34, [server]);
    expect(said('device-10.0.0.1').filter((word) => word.startsWith('misses'))).toEqual(['misses 1', 'misses 1']);
    pass(1, [server]);
    expect(said('device-10.0.0.1').at(-1)).toBe('misses 8');
    pass(30, [server]);
    expect(said('device-10.0.0.1').filter((word) => word === 'misses 8')).toHaveLength(1);
    expect(said('device-tg')).not.toContain('misses 1');
    speak(radio);
    expect(said('device-10.0.0.1').at(-1)).toBe('answers');
  });

  it('says nothing of a device while who reads it is silent itself, and misses that one', () => {
    pass(60, [server, radio]);
    told.length = 0;
    pass(60, []);
    expect(said('device-tg')).toContain('misses 8');
    expect(said('device-10.0.0.1').filter((word) => word.startsWith('misses'))).toEqual([]);
  });

  it('takes a ping that nobody answered, a backlog and a repeat for no life', () => {
    pass(60, [server, radio]);
    told.length = 0;
    for (let second = 0; second < 60; second++) {
      pass(1, [server]);
      if (second % 10 === 0) speak(radio, { alive: false });
      if (second % 10 === 5) speak(radio, { at: nowMs - 3_600_000 });
    }
    expect(said('device-10.0.0.1')).toContain('misses 8');
    expect(said('device-10.0.0.1')).not.toContain('answers');
  });

  it('waits for a publisher that measures often and sends seldom', () => {
    for (let flush = 0; flush < 6; flush++) {
      for (let second = 0; second < 30; second++) {
        nowMs += 1_000;
        watch.tick();
      }
      for (let second = 29; second >= 0; second--) speak(server, { at: nowMs - second * 1_000 });
    }
    expect(said('device-tg').filter((word) => word.startsWith('misses'))).toEqual([]);
  });

  it('misses nobody while the broker is away', () => {
    pass(60, [server, radio]);
    told.length = 0;
    watch.setChannel(false);
    pass(300, []);
    watch.setChannel(true);
    pass(5, []);
    expect(told.filter((line) => line.includes('misses'))).toEqual([]);
  });

  it('notes what it learned', async () => {
    pass(70, [server]);
    await watch.stop();
    expect(noted.find(({ id }) => id === server.id)).toMatchObject({ intervalS: 10, measurements: ['cpu'] });
  });
});
