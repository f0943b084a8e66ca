import { createHash } from 'node:crypto';
import type {
  DeviceFacts,
  InterfaceFacts,
  Plan,
  PlanGroup,
  PollTarget,
  PollTargetInterface,
  Slot,
} from '../domain/plan.ts';
import { measurements, seriesOf, type Measurement, type Series } from '../domain/point.ts';

export interface PlanIntervals {
  readonly reachabilityMs: number;
  readonly backboneMs: number;
  readonly edgeMs: number;
  readonly healthMs: number;
}

const sysUpTime = '1.3.6.1.2.1.1.3.0';
const ifEntry = '1.3.6.1.2.1.2.2.1';
const ifXEntry = '1.3.6.1.2.1.31.1.1.1';
/** IANAifType softwareLoopback: carries nothing that anybody asks for. */
const loopback = 24;
const mostInterfaces = 1024;

function fieldOf(measurement: Measurement, field: string): number {
  const fields: readonly string[] = measurements[measurement].fields;
  const index = fields.indexOf(field);
  if (index < 0) throw new Error(`measurement ${measurement} has no field ${field}`);
  return index;
}

/** Slots and series of one group while it is put together. */
class GroupBuilder {
  readonly series: Series[] = [];
  readonly slots: Slot[] = [];

  row(series: Series): number {
    this.series.push(series);
    return this.series.length - 1;
  }

  slot(slot: Omit<Slot, 'scale' | 'ceiling'> & Partial<Pick<Slot, 'scale' | 'ceiling'>>): number {
    this.slots.push({ scale: 1, ceiling: 0, ...slot });
    return this.slots.length - 1;
  }

  done(group: PlanGroup['group'], intervalMs: number): PlanGroup[] {
    return this.slots.length === 0 ? [] : [{ group, intervalMs, series: this.series, slots: this.slots }];
  }
}

interface ReadInterface {
  readonly known: PollTargetInterface;
  readonly facts: InterfaceFacts;
}

/** The interfaces worth reading: those that the device has now and the inventory knows; links first. */
function readable(target: PollTarget, facts: DeviceFacts): readonly ReadInterface[] {
  const byIndex = new Map(facts.interfaces.map((one) => [one.ifIndex, one]));
  const found: ReadInterface[] = [];
  for (const known of target.interfaces) {
    const seen = known.ifIndex === null ? undefined : byIndex.get(known.ifIndex);
    if (seen === undefined || (seen.ifType === loopback && !known.carriesLink)) continue;
    found.push({ known, facts: seen });
  }
  found.sort(
    (one, other) =>
      Number(other.known.carriesLink) - Number(one.known.carriesLink) || one.facts.ifIndex - other.facts.ifIndex,
  );
  return found.slice(0, mostInterfaces);
}

/** sysUpTime first, then ifOperStatus of every interface that carries a link: all in one packet. */
function reachabilityGroup(target: PollTarget, read: readonly ReadInterface[], intervalMs: number): PlanGroup[] {
  const group = new GroupBuilder();
  const probe = group.row(seriesOf('probe', { device: target.deviceId }));
  group.slot({ oid: sysUpTime, kind: 'timeticks', row: probe, field: fieldOf('probe', 'uptime_s') });
  for (const { known, facts } of read) {
    if (!known.carriesLink) continue;
    const row = group.row(seriesOf('port', { device: target.deviceId, interface: known.id }));
    const oid = `${ifEntry}.8.${facts.ifIndex}`;
    group.slot({ oid, kind: 'gauge', row, field: fieldOf('port', 'oper_status') });
  }
  return group.done('reachability', intervalMs);
}

/**
 * IF-MIB counters as rates: 64-bit where the device has them. No rate is believed above 1.05 times the line rate, and
 * no packet rate above that of the smallest frames (64 octets and 20 of preamble and gap: 672 bits) at that rate.
 */
function interfacesGroup(target: PollTarget, read: readonly ReadInterface[], intervalMs: number): PlanGroup[] {
  const group = new GroupBuilder();
  for (const { known, facts } of read) {
    const row = group.row(seriesOf('interface', { device: target.deviceId, interface: known.id }));
    const speed = facts.speedBps ?? known.speedBps ?? 0;
    const bits = speed * 1.05;
    const packets = bits / 672;
    const wide = facts.has64BitCounters;
    const counter = (field: string, oid: string, kind: Slot['kind'], scale: number, ceiling: number) =>
      group.slot({ oid: `${oid}.${facts.ifIndex}`, kind, scale, ceiling, row, field: fieldOf('interface', field) });
    if (wide) {
      counter('in_bps', `${ifXEntry}.6`, 'counter64', 8, bits); // ifHCInOctets
      counter('out_bps', `${ifXEntry}.10`, 'counter64', 8, bits); // ifHCOutOctets
      counter('in_pps', `${ifXEntry}.7`, 'counter64', 1, packets); // ifHCInUcastPkts
      counter('out_pps', `${ifXEntry}.11`, 'counter64', 1, packets); // ifHCOutUcastPkts
    } else {
      counter('in_bps', `${ifEntry}.10`, 'counter32', 8, bits); // ifInOctets
      counter('out_bps', `${ifEntry}.16`, 'counter32', 8, bits); // ifOutOctets
      counter('in_pps', `${ifEntry}.11`, 'counter32', 1, packets); // ifInUcastPkts
      counter('out_pps', `${ifEntry}.17`, 'counter32', 1, packets); // ifOutUcastPkts
    }
    counter('in_eps', `${ifEntry}.14`, 'counter32', 1, packets); // ifInErrors
    counter('out_eps', `${ifEntry}.20`, 'counter32', 1, packets); // ifOutErrors
    counter('in_discards_pps', `${ifEntry}.13`, 'counter32', 1, packets); // ifInDiscards
    counter('out_discards_pps', `${ifEntry}.19`, 'counter32', 1, packets); // ifOutDiscards
    counter('oper_status', `${ifEntry}.8`, 'gauge', 1, 0); // ifOperStatus
  }
  return group.done('interfaces', intervalMs);
}

/** CPU, memory and uptime of the device as one row. */
function healthGroup(target: PollTarget, facts: DeviceFacts, intervalMs: number): PlanGroup[] {
  const group = new GroupBuilder();
  const row = group.row(seriesOf('device', { device: target.deviceId }));
  group.slot({ oid: sysUpTime, kind: 'timeticks', row, field: fieldOf('device', 'uptime_s') });
  const read = new Set<string>();
  for (const reading of facts.readings) {
    if (reading.measurement !== 'device' || read.has(reading.field)) continue;
    read.add(reading.field);
    const field = fieldOf('device', reading.field);
    const slot = { oid: reading.oid, kind: 'gauge', scale: reading.scale, row, field } as const;
    if (reading.meanOids !== undefined) {
      const silent = { kind: 'gauge', scale: reading.scale, row, field, silent: true } as const;
      group.slot({ ...slot, meanWith: reading.meanOids.map((oid) => group.slot({ ...silent, oid })) });
      continue;
    }
    const other = reading.ofOid ?? reading.freeOid;
    if (other === undefined) {
      group.slot(slot);
      continue;
    }
    const index = group.slot({ oid: other, kind: 'gauge', row, field, silent: true });
    if (reading.ofOid === undefined) group.slot({ ...slot, ratioWith: index });
    else {
      const silent = { kind: 'gauge', row, field, silent: true } as const;
      const minus = (reading.minusOids ?? []).map((oid) => group.slot({ ...silent, oid }));
      group.slot({
        ...slot,
        ratioOf: index,
        ...(reading.complement === true && { complement: true }),
        ...(minus.length > 0 && { ratioMinus: minus }),
      });
    }
  }
  return group.done('health', intervalMs);
}

function sensorsGroup(target: PollTarget, facts: DeviceFacts, intervalMs: number): PlanGroup[] {
  const group = new GroupBuilder();
  for (const reading of facts.readings) {
    if (reading.measurement !== 'sensor') continue;
    const row = group.row(seriesOf('sensor', { device: target.deviceId, sensor: reading.key }));
    const kind = reading.until === true ? 'until' : 'gauge';
    group.slot({ oid: reading.oid, kind, scale: reading.scale, row, field: 0 });
  }
  return group.done('sensors', intervalMs);
}

/**
 * The plan of a device: what was found, as the list of what to read. Same target and facts, same plan and same id.
 * `target` is as it is after the facts were kept, so that every interface has its id and its present ifIndex.
 */
export function compilePlan(target: PollTarget, facts: DeviceFacts, intervals: PlanIntervals): Plan {
  const read = readable(target, facts);
  const interfacesMs = target.backbone
    ? intervals.backboneMs
    : intervals.edgeMs * (target.role === 'router' || target.gateway ? 1 : 2);
  const groups = [
    ...reachabilityGroup(target, read, intervals.reachabilityMs),
    ...interfacesGroup(target, read, interfacesMs),
    ...healthGroup(target, facts, intervals.healthMs),
    ...sensorsGroup(target, facts, intervals.healthMs),
  ];
  const content = { deviceId: target.deviceId, ifTableLastChange: facts.ifTableLastChange, groups };
  const id = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return { id, ...content };
}
