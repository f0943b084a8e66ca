import type { PollTarget } from '../../domain/plan.ts';
import type { Varbind } from '../snmp/varbinds.ts';
import { systemClock as clock } from '../../domain/clock.ts';
import { oneByOne } from './one-by-one.ts';
import { notUp, up, type Probe } from './probe.ts';

export interface SnmpCheck {
  readonly kind: 'snmp';
  readonly target: PollTarget;
  /** Of one number. */
  readonly oid: string;
  readonly min?: number;
  readonly max?: number;
}

/** What reads single values; the polling engine's client does. */
export interface SnmpValues {
  get(target: PollTarget, oids: readonly string[]): Promise<ReadonlyMap<string, Pick<Varbind, 'value'>>>;
}

/** Reads one number from a device and holds it against its limits. */
export function snmpProbe(client: SnmpValues): Probe<SnmpCheck> {
  return oneByOne<SnmpCheck>(async (check) => {
    const began = clock.monotonic();
    const value = (await client.get(check.target, [check.oid])).get(check.oid)?.value;
    const total_ms = clock.monotonic() - began;
    const number = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : Number.NaN;
    if (Number.isNaN(number)) return notUp('down', 'snmp-no-number', { oid: check.oid }, { total_ms });
    const values = { total_ms, value: number };
    if (check.min !== undefined && number < check.min)
      return notUp('degraded', 'snmp-low', { value: number, limit: check.min }, values);
    if (check.max !== undefined && number > check.max)
      return notUp('degraded', 'snmp-high', { value: number, limit: check.max }, values);
    return up(values);
  });
}
