import type { CredentialSecret, DeviceRole } from './device.ts';
import type { AgentId, DeviceId, InterfaceId, SiteId } from './ids.ts';
import type { Series } from './point.ts';

/** What is read together, at one interval. */
export const metricGroups = ['reachability', 'interfaces', 'health', 'sensors', 'inventory'] as const;
export type MetricGroup = (typeof metricGroups)[number];

/** How a raw answer becomes a number of a point. */
export type SlotKind =
  | 'counter64' // Counter64: rate per second, 64-bit wrap
  | 'counter32' // Counter32: rate per second, 32-bit wrap
  | 'gauge' // as it is, times scale
  | 'timeticks' // hundredths of a second, to seconds
  | 'until'; // a time (DateAndTime), to the days until then, 0 once it is past

/** One value of a plan: which OID, what it means, where it lands (row of the group's series, column of its fields). */
export interface Slot {
  /** Dotted, without leading dot, with its instance: `1.3.6.1.2.1.31.1.1.1.6.3`. */
  readonly oid: string;
  readonly kind: SlotKind;
  /** Multiplied after decoding (and after the rate): 8 turns octets into bits. */
  readonly scale: number;
  /** Index into `PlanGroup.series`. */
  readonly row: number;
  /** Column of the series' measurement (see `measurements`). */
  readonly field: number;
  /** For a rate: no value above this is believed (1.05 times line rate), per second after scaling; 0 means no limit. */
  readonly ceiling: number;
  /** The value is this slot's divided by the one of slot `ratioOf` (same group), times 100. */
  readonly ratioOf?: number;
  /** The value is this slot's (used) divided by the sum with slot `ratioWith` (free), times 100. */
  readonly ratioWith?: number;
  /** With a ratio: the value is what is missing from 100 (the slot is free memory, not used memory). */
  readonly complement?: boolean;
  /** With a ratio: these (same group, same unit) are taken off this slot's first: memory that is only a cache. */
  readonly ratioMinus?: readonly number[];
  /** The value is the mean of this slot's and of these (same group): the load over all processors. */
  readonly meanWith?: readonly number[];
  /** The slot is only read for another's ratio and lands nowhere. */
  readonly silent?: boolean;
}

export interface PlanGroup {
  readonly group: MetricGroup;
  readonly intervalMs: number;
  readonly series: readonly Series[];
  readonly slots: readonly Slot[];
}

/**
 * What an Agent reads from a device. Immutable and content-addressed: a late sample is read with the plan that asked.
 * The group `reachability` has sysUpTime.0 first and then ifOperStatus of every interface that carries a link.
 */
export interface Plan {
  /** Hex SHA-256 of its content. */
  readonly id: string;
  readonly deviceId: DeviceId;
  readonly groups: readonly PlanGroup[];
  /** ifTableLastChange (RFC 2863) when it was made, in hundredths of a second; null where the device has none. */
  readonly ifTableLastChange: number | null;
}

/** A device as an Agent is handed it: where it is and how to open it. Holds a secret: never logged, never sent on. */
export interface PollTarget {
  readonly deviceId: DeviceId;
  readonly siteId: SiteId;
  readonly agentId: AgentId;
  readonly name: string;
  readonly role: DeviceRole;
  readonly gateway: boolean;
  readonly protocol: 'snmp' | 'mqtt';
  readonly address: string;
  readonly port: number;
  readonly serial: string;
  readonly secret: CredentialSecret | null;
  /** Profile that recognised it last; null before the first identification. */
  readonly profile: string | null;
  readonly interfaces: readonly PollTargetInterface[];
  /** Part of the trunk (POP, hub, data centre): read at the short interval. */
  readonly backbone: boolean;
}

export interface PollTargetInterface {
  readonly id: InterfaceId;
  readonly name: string;
  readonly mac: string;
  readonly ifIndex: number | null;
  readonly speedBps: number | null;
  /** A link of the inventory ends here. */
  readonly carriesLink: boolean;
}

/** What a device said of itself when it was identified. All text is the device's own: hostile until escaped. */
export interface DeviceFacts {
  readonly deviceId: DeviceId;
  readonly at: number;
  readonly sysObjectId: string;
  readonly sysDescr: string;
  readonly sysName: string;
  readonly profile: string;
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  /** IF-MIB ifTableLastChange in hundredths of a second; null where the device has none. */
  readonly ifTableLastChange: number | null;
  readonly interfaces: readonly InterfaceFacts[];
  readonly neighbours: readonly NeighbourFacts[];
  /** What the profile found to read: sensors and health values by instance. */
  readonly readings: readonly ReadingFacts[];
}

export interface InterfaceFacts {
  readonly ifIndex: number;
  /** ifName, or ifDescr where there is none. */
  readonly name: string;
  readonly alias: string;
  readonly mac: string;
  readonly ifType: number;
  readonly speedBps: number | null;
  /** ifXTable counters of 64 bits answer. */
  readonly has64BitCounters: boolean;
}

/** LLDP-MIB lldpRemTable (IEEE 802.1AB). */
export interface NeighbourFacts {
  readonly localInterface: string;
  readonly remoteName: string;
  readonly remotePort: string;
  readonly remoteChassis: string;
}

/** One thing a profile reads beside the interfaces. `measurement` device or sensor; `key` names the sensor. */
export interface ReadingFacts {
  readonly measurement: 'device' | 'sensor';
  /** Column of `device` (cpu_percent, memory_percent) or `value` of `sensor`. */
  readonly field: string;
  /** Stable key of the sensor: `temperature.board`, `optical-rx.sfp1`. */
  readonly key: string;
  /** What a person reads: `Temperature board`. */
  readonly label: string;
  readonly unit: '%' | '°C' | 'V' | 'A' | 'W' | 'dBm' | 'rpm' | 'min' | 's' | 'd' | 'Hz' | '';
  readonly oid: string;
  readonly scale: number;
  /** For a ratio (memory used of total): the OID of the whole. */
  readonly ofOid?: string;
  /** For a ratio whose whole is used plus free: the OID of what is free. */
  readonly freeOid?: string;
  /** With `ofOid`: `oid` is what is free, and the share of what is used is meant. */
  readonly complement?: boolean;
  /** With `ofOid`: what is no use of its own in `oid`, in the same unit: buffers and cache in used memory. */
  readonly minusOids?: readonly string[];
  /** The value is the mean of `oid` and of these: the load of a device with many processors. */
  readonly meanOids?: readonly string[];
  /** `oid` is a time (DateAndTime): the value is the days until then. */
  readonly until?: true;
  /** What the device itself calls too little and too much, in `unit`, as it was when it was identified. */
  readonly limits?: { readonly low?: number; readonly high?: number };
}

/** What the agent hands the rest when it has identified a device; the inventory keeps it and hands back the target. */
export interface FactsSink {
  /** Keeps the facts (new interfaces get their ids) and returns the target as it is afterwards. */
  record(facts: DeviceFacts): Promise<PollTarget>;
}

/** An Agent at another place, and what it signs in with at the MQTT broker; null: it may not yet. */
export interface RemoteAgent {
  readonly id: AgentId;
  /** In its topics. */
  readonly name: string;
  readonly login: { readonly user: string; readonly password: string } | null;
}

/** Which Agents there are beside the embedded one. */
export interface AgentSource {
  agents(): Promise<readonly RemoteAgent[]>;
  /** Ids of the services, which any agent may look at. */
  serviceIds(): Promise<readonly string[]>;
}

/** Whom an Agent has to read. */
export interface TargetSource {
  /** @param protocol only those that are read by it. */
  targets(agentId: AgentId, protocol?: PollTarget['protocol']): Promise<readonly PollTarget[]>;
  onChange(wake: () => void): () => void;
}
