import type { ReadingFacts } from '../domain/plan.ts';
import type { SnmpReader } from './snmp-reader.ts';

/** What a device says of itself before anything is known of its kind. */
export interface SystemGroup {
  /** SNMPv2-MIB sysObjectID.0, dotted, without leading dot; empty when it has none. */
  readonly sysObjectId: string;
  /** SNMPv2-MIB sysDescr.0, cleaned. */
  readonly sysDescr: string;
  readonly sysName: string;
  /** Of the profiles' `probes` those that the device has. */
  readonly answered?: ReadonlySet<string>;
}

export interface Identity {
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
}

/**
 * One kind of device: how it is recognised and what to read from it beside its interfaces. One file per family in
 * `profiles/`, registered by one line in `profiles/index.ts`. Everything it reads may be missing or wrong.
 */
export interface Profile {
  /** `vendor/family`, as it stands in the inventory: `mikrotik/routeros`. */
  readonly name: string;
  /** Objects that tell the family where sysObjectID is that of a toolkit (net-snmp): asked only then. */
  readonly probes?: readonly string[];
  /** How well it fits: 0 not at all; the highest wins. A longer matched sysObjectID prefix should weigh more. */
  matches(system: SystemGroup): number;
  identity(reader: SnmpReader, system: SystemGroup): Promise<Identity>;
  /** CPU, memory and sensors that the device really has, found by walking. */
  readings(reader: SnmpReader, system: SystemGroup): Promise<readonly ReadingFacts[]>;
}

/** Score for a sysObjectID under one of these prefixes (deeper is better), else 0. */
export function underPrefix(sysObjectId: string, ...prefixes: readonly string[]): number {
  let best = 0;
  for (const prefix of prefixes) {
    if (sysObjectId === prefix || sysObjectId.startsWith(prefix + '.')) {
      best = Math.max(best, prefix.split('.').length);
    }
  }
  return best;
}
