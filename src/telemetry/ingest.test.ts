import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AgentId } from '../domain/ids.ts';
import { seriesOf, type PointBatch } from '../domain/point.ts';
import { FanOutBus } from './bus.ts';
import { MemoryCounters } from './counters.ts';
import { Ingest } from './ingest.ts';
import { decodeLines, encodeBatch } from './line-protocol.ts';
import type { MqttLink, MqttMessage } from './mqtt-link.ts';
import { OwnPointReader } from './own-points.ts';
import { RepeatFilter } from './repeat-filter.ts';

const kahu = 'id-kahu' as AgentId;
const now = 1_764_000_000;
/** What the inventory gave to the agent and the directory takes up when it reads anew. */
let given: string[] = [];
let known: readonly string[] = [];
let readings = 0;
const ownership = {
  agentIdOf: (name: string) => (name === 'kahu' ? kahu : null),
  refresh: async () => {
    readings++;
    known = [...given];
  },
  owns: (agent: AgentId, device: string) => agent === kahu && (device.startsWith('own') || known.includes(device)),
  hasInterface: (device: string, port: string) => port.startsWith(device),
  knowsService: (service: string) => service === 'e-planning',
};

/** A link in memory: the broker itself is tested elsewhere. */
class Wire implements MqttLink {
  connected = true;
  readonly #receivers = new Map<string, (message: MqttMessage) => void>();
  publish(): void {}
  subscribe(filter: string, receive: (message: MqttMessage) => void): () => void {
    this.#receivers.set(filter, receive);
    return () => this.#receivers.delete(filter);
  }
  onConnection(): () => void {
    return () => undefined;
  }
  deliver(
    leaf: 'points' | 'state',
    payload: string | Buffer,
    options: { agent?: string; retained?: boolean } = {},
  ): void {
    this.#receivers.get(`arung/v1/agents/+/${leaf}`)?.({
      topic: `arung/v1/agents/${options.agent ?? 'kahu'}/${leaf}`,
      payload: Buffer.from(payload),
      retained: options.retained ?? false,
      qos: 1,
    });
  }
}

let wire: Wire;
let counters: MemoryCounters;
let batches: PointBatch[];
let seen: string[];
let ingest: Ingest;

beforeEach(async () => {
  wire = new Wire();
  counters = new MemoryCounters();
  batches = [];
  seen = [];
  given = [];
  known = [];
  readings = 0;
  const logger = pino({ enabled: false });
  const bus = new FanOutBus({ logger });
  bus.to({ name: 'test', accept: (batch) => void batches.push(batch) });
  ingest = new Ingest({
    link: wire,
    bus,
    agents: ownership,
    clock: { now: () => now * 1_000, monotonic: () => 0 },
    logger,
    counters,
    room: () => Promise.resolve(true),
    durable: () => Promise.resolve(),
    onReasons: (agent, reasons) =>
      void seen.push(`${agent} after ${batches.length} batches: ${reasons.map(({ reason }) => reason.code).join()}`),
    onAgentSeen: (agent) => void seen.push(`seen ${agent}`),
    onAgentSilent: (agent) => void seen.push(`silent ${agent}`),
    onTurnedAway: () => void seen.push('turned away'),
  });
  await ingest.start();
});

const head = (seq: number, boot = 'b1'): string => `# agent=kahu boot=${boot} seq=${seq}\n`;
const line = `device,device=own1 cpu_percent=12.5 ${now}\n`;

describe('Ingest', () => {
  it('turns lines, plain or gzip, into batches of their measurement', async () => {
    wire.deliver('points', head(1) + line + `sensor,sensor=temperature.board,device=own1 value=41i ${now}\n`);
    wire.deliver('points', gzipSync(head(2) + line));
    await ingest.stop();
    expect(batches.map(({ measurement, agent }) => [measurement, agent])).toEqual([
      ['device', kahu],
      ['sensor', kahu],
      ['device', kahu],
    ]);
    expect(batches[1]?.series[0]?.key).toBe(seriesOf('sensor', { device: 'own1', sensor: 'temperature.board' }).key);
    expect([...(batches[1]?.values ?? [])]).toEqual([41]);
    expect(seen).toEqual([`seen ${kahu}`, `seen ${kahu}`]);
  });

  it('tells why looks at services failed before their points, once, and of services that there are', async () => {
    const why = (service: string) =>
      `# why {"service":"${service}","at":${now},"code":"probe.timeout","arguments":{}}\n`;
    const text = `${head(1)}${why('e-planning')}${why('alien')}service,service=e-planning,check=http up=0 ${now}\n`;
    wire.deliver('points', text);
    wire.deliver('points', text);
    await ingest.stop();
    expect(batches).toHaveLength(1);
    expect(seen.filter((one) => !one.startsWith('seen'))).toEqual([`${kahu} after 0 batches: probe.timeout`]);
  });

  it('takes each batch once, however often and in whatever order it comes', async () => {
    for (const seq of [1, 2, 1, 4, 3, 3, 2]) wire.deliver('points', head(seq) + line);
    wire.deliver('points', head(1, 'b2') + line);
    await ingest.stop();
    expect(batches).toHaveLength(5);
    expect(counters.value('ingest_batches', 'repeat')).toBe(3);
  });

  it('takes what is said of a device that was given to the agent a moment ago, and looks up a stranger once', async () => {
    given = ['new1'];
    wire.deliver('points', head(1) + `device,device=new1 cpu_percent=9 ${now}\n` + line);
    for (const seq of [2, 3, 4]) wire.deliver('points', head(seq) + `device,device=alien cpu_percent=9 ${now}\n`);
    await ingest.stop();
    expect(batches.map(({ series }) => series.map(({ tags }) => tags.device))).toEqual([['new1', 'own1']]);
    expect(counters.value('ingest_lines', 'foreign-device')).toBe(3);
    expect(readings).toBe(2);
  });

  it('refuses lines by reason and takes the others of the same message', async () => {
    wire.deliver(
      'points',
      head(1) +
        [
          line.trim(),
          `device,device=foreign cpu_percent=1 ${now}`,
          `interface,device=own1,interface=own2-p1 in_bps=1 ${now}`,
          `interface,device=own1,interface=own1-p1 in_bps=1 ${now}`,
          `interface,device=own1 in_bps=1 ${now}`,
          `device,device=own1,interface=own1-p1 cpu_percent=1 ${now}`,
          `cpu,host=stranger usage=1 ${now}`,
          `device,device=own1 load=1 ${now}`,
          `device,device=own1 cpu_percent="high" ${now}`,
          `device,device=own1 cpu_percent=1`,
          `device,device=own1 cpu_percent=1 ${now + 4_000}`,
          `device,device=own1,rack=7 cpu_percent=1 ${now}`,
          `service,service=e-planning,check=http up=1,total_ms=12 ${now}`,
          `service,service=e-planning up=1 ${now}`,
          `service,service=e-mail,check=http up=1 ${now}`,
          'not a line',
        ].join('\n'),
    );
    await ingest.stop();
    // Whose eyes they were is known from where it came, not from what it says.
    const service = batches.find((batch) => batch.measurement === 'service');
    expect(service?.series[0]?.tags).toEqual({ agent: kahu, check: 'http', service: 'e-planning' });
    expect(counters.all()).toMatchObject({
      'ingest_lines accepted': 3,
      'ingest_lines foreign-device': 1,
      'ingest_lines foreign-interface': 1,
      'ingest_lines foreign-service': 1,
      'ingest_lines missing-tag': 2,
      'ingest_lines unknown-tag': 2,
      'ingest_lines unknown-measurement': 1,
      'ingest_lines unknown-field': 1,
      'ingest_lines not-a-number': 1,
      'ingest_lines no-time': 1,
      'ingest_lines in-the-future': 1,
      'ingest_lines syntax': 1,
    });
  });

  it('refuses messages of strangers, without header, in another’s name, broken or bombs', async () => {
    wire.deliver('points', head(1) + line, { agent: 'nobody' });
    wire.deliver('points', line);
    wire.deliver('points', `# agent=mare boot=b seq=1\n${line}`);
    wire.deliver('points', Buffer.from([0x1f, 0x8b, 1, 2, 3]));
    wire.deliver('points', gzipSync(Buffer.alloc(40 * 1_048_576)));
    wire.deliver('points', head(1) + line, { retained: true });
    await ingest.stop();
    expect(batches).toEqual([]);
    expect(counters.all()).toEqual({
      'ingest_batches unknown-agent': 1,
      'ingest_batches retained': 1,
      'ingest_batches no-header': 1,
      'ingest_batches foreign-agent': 1,
      'ingest_batches not-gzip': 1,
      'ingest_batches too-large': 1,
    });
  });

  it('tells when an agent is there and when its last will says that it is gone', () => {
    wire.deliver('state', '{"online":true,"version":"0.1.0"}');
    wire.deliver('state', '{"online":false}');
    wire.deliver('state', '{"online":true}', { retained: true });
    wire.deliver('state', '{"online":false}', { retained: true });
    wire.deliver('state', 'nonsense');
    expect(seen).toEqual([`seen ${kahu}`, `silent ${kahu}`, `silent ${kahu}`]);
    expect(counters.value('ingest_batches', 'malformed-state')).toBe(1);
  });

  it('reads back what an agent encodes, value by value', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 30 }),
        (values) => {
          const series = seriesOf('sensor', { device: 'own1', sensor: 'a=b, c\\d' });
          const sent: PointBatch = {
            agent: kahu,
            measurement: 'sensor',
            series: values.map(() => series),
            times: Float64Array.from(values, (_, i) => now - i),
            values: Float64Array.from(values),
          };
          const { batches: read } = new OwnPointReader(ownership).read(decodeLines(encodeBatch(sent)), {
            agent: kahu,
            nowS: now,
          });
          expect(read[0]?.series.map(({ key }) => key)).toEqual(sent.series.map(({ key }) => key));
          expect([...(read[0]?.times ?? [])]).toEqual([...sent.times]);
          expect([...(read[0]?.values ?? [])].map((v) => v + 0)).toEqual(values.map((v) => v + 0));
        },
      ),
    );
  });
});

describe('RepeatFilter', () => {
  it('lets every number through once and remembers a bounded number', () => {
    const filter = new RepeatFilter();
    let passed = 0;
    for (let seq = 0; seq < 50_000; seq++) {
      if (filter.isNew('a', 'b', seq)) passed++;
      if (filter.isNew('a', 'b', Math.max(0, seq - (seq % 7)))) passed++;
    }
    expect(passed).toBe(50_000);
    expect(filter.isNew('a', 'b', 10)).toBe(false);
    expect(filter.isNew('a', 'c', 10)).toBe(true);
    expect(filter.isNew('other', 'b', 10)).toBe(true);
  });
});
