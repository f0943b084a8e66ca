import { pino } from 'pino';
import { SnmpAgent } from '../../../tests/support/snmp-agent.ts';
import { systemClock } from '../../domain/clock.ts';
import { newId, type DeviceId } from '../../domain/ids.ts';
import type { PlanGroup, PollTarget } from '../../domain/plan.ts';
import { seriesOf } from '../../domain/point.ts';
import { CompiledGroup } from '../compiled-group.ts';
import { PollingEngine } from '../engine.ts';
import { PollPacket } from '../poll-packet.ts';

/**
 * A program of its own, for Node's flag `--test-udp-no-try-send`: of datagrams that are sent together, all but the first
 * wait as if the kernel took no more for now. Four devices are asked alike at one moment; the message says what came of it.
 */
const devices = 4;
const uptime = '1.3.6.1.2.1.1.3.0';
const engine = new PollingEngine({ clock: systemClock, logger: pino({ level: 'silent' }), options: { sockets: 1 } });
await engine.start();
const agents = Array.from({ length: devices }, () => new SnmpAgent([[uptime, { type: 'timeticks', value: 100 }]]));
const outcomes: Promise<'answered' | 'failed'>[] = [];
const packets: PollPacket[] = [];
for (const agent of agents) {
  const target: PollTarget = {
    deviceId: newId<DeviceId>(),
    siteId: newId(),
    agentId: newId(),
    name: 'rtr-alike',
    role: 'router',
    gateway: true,
    protocol: 'snmp',
    address: '127.0.0.1',
    port: await agent.listen(),
    serial: '',
    secret: { kind: 'snmp-v2c', community: 'public' },
    profile: null,
    interfaces: [],
    backbone: false,
  };
  const plan: PlanGroup = {
    group: 'health',
    intervalMs: 60_000,
    series: [seriesOf('device', { device: target.deviceId })],
    slots: [{ oid: uptime, kind: 'timeticks', row: 0, field: 0, scale: 1, ceiling: 0 }],
  };
  const { promise, resolve } = Promise.withResolvers<'answered' | 'failed'>();
  outcomes.push(promise);
  packets.push(
    new PollPacket({
      engine,
      peer: engine.peer(target),
      owner: { packetAnswered: () => resolve('answered'), packetFailed: () => resolve('failed') },
      group: new CompiledGroup(plan),
      slots: [0],
      control: [],
      answerBytes: 100,
      trial: null,
      byNext: false,
      bulk: null,
    }),
  );
}
for (const packet of packets) engine.begin(packet);
const answered = (await Promise.all(outcomes)).filter((one) => one === 'answered').length;
const { timeouts, wrongSource } = engine.counters;
const requests = new Set(packets.map(({ request }) => request)).size;
process.send?.({ requests, answered, timeouts, wrongSource });
await Promise.all([engine.stop(), ...agents.map((agent) => agent.close())]);
process.disconnect();
