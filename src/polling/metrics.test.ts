import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { systemClock } from '../domain/clock.ts';
import { newId, type AgentId } from '../domain/ids.ts';
import { PollingEngine } from './engine.ts';
import { LocalAgent } from './local-agent.ts';
import { exposePollingMetrics } from './metrics.ts';

it('garbage on the polling sockets is counted by reason on /metrics', async () => {
  const logger = pino({ level: 'silent' });
  const engine = new PollingEngine({ clock: systemClock, logger });
  const agent = new LocalAgent({
    targets: { targets: () => Promise.resolve([]), onChange: () => () => undefined },
    agentId: newId<AgentId>(),
    plans: { planFor: () => Promise.reject(new Error('nobody asks')) },
    engine,
    bus: { publish: () => undefined, to: () => () => undefined },
    logger,
    dataDir: '/nonexistent',
  });
  const registry = new Registry();
  exposePollingMetrics(registry, { engine, agent });
  for (let i = 0; i < 3; i += 1) engine.receive(Buffer.from('x'.repeat(60)), { address: '127.0.0.1', port: 9 });
  await registry.metrics();
  const text = await registry.metrics();
  expect(text).toContain('arung_polling_refused_total{reason="not-ber"} 3');
  expect(text).toContain('arung_polling_packets_received_total 3');
  expect(text).toContain('arung_polling_devices{state="answering"} 0');
});
