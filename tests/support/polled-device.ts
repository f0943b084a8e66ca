import { pino } from 'pino';
import { newId } from '../../src/domain/ids.ts';
import type { PollTarget } from '../../src/domain/plan.ts';
import type { PointBatch } from '../../src/domain/point.ts';
import type { PollingEngine } from '../../src/polling/engine.ts';
import { LocalAgent } from '../../src/polling/local-agent.ts';

/** A router without interfaces in the inventory that speaks SNMPv2c (`rahasia`), as an Agent is handed it. */
export function snmpTarget(of: Pick<PollTarget, 'name' | 'address' | 'port'> & Partial<PollTarget>): PollTarget {
  return {
    deviceId: newId(),
    siteId: newId(),
    agentId: newId(),
    role: 'router',
    gateway: false,
    protocol: 'snmp',
    serial: '',
    secret: { kind: 'snmp-v2c', community: 'rahasia' },
    profile: null,
    interfaces: [],
    backbone: false,
    ...of,
  };
}

/** An Agent that polls one device; what it measures is handed on. */
export function agentOfOne(options: {
  readonly target: PollTarget;
  readonly plans: ConstructorParameters<typeof LocalAgent>[0]['plans'];
  readonly engine: PollingEngine;
  readonly dataDir: string;
  readonly publish: (batch: PointBatch) => void;
}): LocalAgent {
  const { target, plans, engine, dataDir, publish } = options;
  return new LocalAgent({
    targets: { targets: () => Promise.resolve([target]), onChange: () => () => undefined },
    agentId: target.agentId,
    plans,
    engine,
    bus: { publish, to: () => () => undefined },
    logger: pino({ level: 'silent' }),
    dataDir,
  });
}
