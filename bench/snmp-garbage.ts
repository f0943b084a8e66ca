import { createSocket } from 'node:dgram';
import { randomFillSync } from 'node:crypto';
import { pino } from 'pino';
import { systemClock } from '../src/domain/clock.ts';
import { newId, type AgentId, type DeviceId, type SiteId } from '../src/domain/ids.ts';
import { PollingEngine } from '../src/polling/engine.ts';
import { SnmpClient } from '../src/polling/snmp/client.ts';
import { result, type BenchResult } from './result.ts';

const datagrams = 1_000_000;
const runCount = 3;

/** A real answer as a pattern for garbage: v2c, `public`, three variables. */
const pattern = Buffer.from(
  '304d02010104067075626c6963a24002041234567802010002010030323010060a2b06010201020201080102020103300e06082b0601020101030043020100300e06082b060102010103004302010030',
  'hex',
);

function garbage(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = Buffer.alloc(1 + ((i * 37) % 1_472));
    randomFillSync(bytes);
    // A third is noise, a third begins as an answer does, a third is an answer with a few bytes changed.
    if (i % 3 === 1) pattern.copy(bytes, 0, 0, i % pattern.length);
    if (i % 3 === 2) {
      const changed = Buffer.from(pattern.subarray(0, 20 + (i % (pattern.length - 20))));
      for (let k = 0; k <= i % 4; k += 1) changed[(i * 31 + k * 7) % changed.length] = bytes[k % bytes.length] ?? 0;
      return changed;
    }
    return bytes;
  });
}

/**
 * A million datagrams of garbage to the engine: what each costs to refuse. Beside them a real question is asked again
 * and again over real sockets, and must be answered: garbage neither crashes nor stalls.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const engine = new PollingEngine({ clock: systemClock, logger: pino({ level: 'silent' }) });
  await engine.start();
  const client = new SnmpClient(engine);
  const echo = createSocket('udp4');
  echo.on('message', (request, from) => {
    // The answer to GET sysUpTime.0: the same message as a Response, with a value in place of NULL.
    const head = Buffer.from(request);
    const answer = Buffer.concat([head.subarray(0, -2), Buffer.from([0x43, 1, 7])]);
    answer[13] = 0xa2;
    for (const at of [1, 14, 28, 30]) answer[at] = (answer[at] ?? 0) + 1;
    echo.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => echo.bind(0, '127.0.0.1', resolve));
  const target = {
    deviceId: newId<DeviceId>(),
    siteId: newId<SiteId>(),
    agentId: newId<AgentId>(),
    name: 'bench',
    role: 'router',
    gateway: false,
    protocol: 'snmp',
    address: '127.0.0.1',
    port: echo.address().port,
    serial: '',
    secret: { kind: 'snmp-v2c', community: 'public' },
    profile: null,
    interfaces: [],
    backbone: false,
  } as const;

  const cost: number[] = [];
  const slowest: number[] = [];
  for (let run = 0; run < runCount; run += 1) {
    const noise = garbage(3_000);
    const from = { address: '127.0.0.1', port: target.port };
    let spentUs = 0;
    let longestMs = 0;
    for (let sent = 0; sent < datagrams;) {
      const cpu = process.cpuUsage();
      for (let i = 0; i < 1_000; i += 1, sent += 1) engine.receive(noise[sent % noise.length] ?? pattern, from);
      const used = process.cpuUsage(cpu);
      spentUs += used.user + used.system;
      const start = performance.now();
      const answer = await client.get(target, ['1.3.6.1.2.1.1.3.0']);
      if (answer.size !== 1) throw new Error('a real answer was lost among the garbage');
      longestMs = Math.max(longestMs, performance.now() - start);
    }
    cost.push(Math.round((spentUs * 1_000) / datagrams));
    slowest.push(Math.round(longestMs));
  }
  await engine.stop();
  echo.close();
  return [
    result('snmp-garbage', 'cpu per refused datagram', 'ns', cost),
    result('snmp-garbage', 'slowest real answer meanwhile', 'ms', slowest),
  ];
}
