import type { ReadingFacts } from '../domain/plan.ts';
import { entityIdentity, telling, type EntityIdentity } from './entity-mib.ts';
import { ciscoEntitySensors, entitySensors } from './entity-sensors.ts';
import { hostResources } from './host-resources.ts';
import { cleanText, numberOf } from './hostile-text.ts';
import { underPrefix, type Identity, type Profile, type SystemGroup } from './profile.ts';
import {
  limited,
  memoryFree,
  memoryRatio,
  percent,
  rowSensors,
  scalarSensor,
  usable,
  type ReadingKind,
} from './readings.ts';
import type { SnmpReader, SnmpValue } from './snmp-reader.ts';
import { column, type Column } from './table.ts';

/** An OID that ends in `.0` is one value; any other is a column of a table. A leading `~` stands for the sysObjectID. */
type Source = string;

/** Where a text is found: in an OID (the first row that has one), or in the first group of a pattern in sysDescr. */
type TextSource = Source | RegExp;

export interface SensorSource extends ReadingKind {
  readonly oid: Source;
  /** Column with the rows' names, same instances. */
  readonly names?: Source;
  /** Only rows with such an instance. */
  readonly rows?: RegExp;
  /** What the device itself calls too little and too much: same instances, same scale; 0 is none. */
  readonly low?: Source;
  readonly high?: Source;
}

export interface PercentSource {
  readonly oid: Source;
  /** Where the load is in other units than percent. */
  readonly scale?: number;
  /** Of a column: the mean of its rows, not the first row. */
  readonly mean?: boolean;
  /** Only rows with such an instance. */
  readonly rows?: RegExp;
}

/** Used or free, beside the other or beside the whole; columns are taken at the first row that makes sense. */
export type MemorySource =
  | PercentSource
  | { readonly used: Source; readonly total: Source }
  | { readonly used: Source; readonly free: Source }
  | { readonly free: Source; readonly total: Source };

/** MIBs of everybody that this family has as well. */
export type StandardMib = 'entity' | 'entity-sensors' | 'cisco-entity-sensors' | 'host-resources' | 'power-ethernet';

/**
 * A family of devices as data: how it is recognised and which objects of its MIBs say what. The first source that has
 * an answer counts, so list the newest or most exact first.
 */
export interface FamilyTable {
  /** `vendor/family`. */
  readonly name: string;
  readonly vendor: string;
  /** Prefixes of sysObjectID. */
  readonly under?: readonly string[];
  /** Or a pattern of sysDescr: for what hides behind another's sysObjectID. */
  readonly describes?: RegExp;
  /** Or objects that only this family has: for what hides behind the sysObjectID of net-snmp. */
  readonly probes?: readonly string[];
  readonly model?: readonly TextSource[];
  /** A pattern of sysDescr for when ENTITY-MIB has no model either. */
  readonly modelElse?: RegExp;
  readonly serial?: readonly TextSource[];
  readonly firmware?: readonly TextSource[];
  readonly cpu?: readonly PercentSource[];
  readonly memory?: readonly MemorySource[];
  readonly sensors?: readonly SensorSource[];
  readonly standard?: readonly StandardMib[];
  /** What no table can say. */
  readonly more?: (reader: SnmpReader, system: SystemGroup) => Promise<readonly ReadingFacts[]>;
}

/** A profile from a table. */
export function family(table: FamilyTable): Profile {
  const { under = [], describes, probes = [] } = table;
  return {
    name: table.name,
    probes,
    matches: (system) => {
      if (probes.some((oid) => system.answered?.has(oid) === true)) return probedScore;
      const described = describes?.test(system.sysDescr) === true ? describedScore : 0;
      return Math.max(described, underPrefix(system.sysObjectId, ...under));
    },
    identity: (reader, system) => identityOf(table, reader, system),
    readings: (reader, system) => readingsOf(table, reader, system),
  };
}

/** A sysDescr that names the family outweighs every sysObjectID that is a maker's or a toolkit's. */
const describedScore = 12;
const probedScore = 20;

function isScalar(source: Source): boolean {
  return source.endsWith('.0');
}

/** All values that a list of sources needs: the scalars by one GET, each column by a walk, all side by side. */
class Answers {
  readonly scalars: ReadonlyMap<string, SnmpValue>;
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #base: string;

  private constructor(parts: {
    readonly scalars: ReadonlyMap<string, SnmpValue>;
    readonly columns: ReadonlyMap<string, Column>;
    readonly base: string;
  }) {
    this.scalars = parts.scalars;
    this.#columns = parts.columns;
    this.#base = parts.base;
  }

  static async to(
    reader: SnmpReader,
    {
      sources,
      base,
      maxRows,
    }: { readonly sources: readonly Source[]; readonly base: string; readonly maxRows: number },
  ): Promise<Answers> {
    const wanted = [...new Set(sources.map((source) => source.replace('~', base)))];
    const [scalars, columns] = await Promise.all([
      reader.get(wanted.filter(isScalar)),
      Promise.all(
        wanted
          .filter((source) => !isScalar(source))
          .map(async (source) => [source, await column(reader, source, maxRows)] as const),
      ),
    ]);
    return new Answers({ scalars, columns: new Map(columns), base });
  }

  oid(source: Source): string {
    return source.replace('~', this.#base);
  }

  column(source: Source, rows?: RegExp): Column {
    const whole = this.#columns.get(this.oid(source)) ?? new Map<string, SnmpValue>();
    return rows === undefined ? whole : new Map([...whole].filter(([row]) => rows.test(row)));
  }

  /** Rows with their whole OIDs. */
  rows(source: Source, rows?: RegExp): readonly (readonly [oid: string, value: SnmpValue])[] {
    const oid = this.oid(source);
    if (!isScalar(source)) return [...this.column(source, rows)].map(([row, value]) => [`${oid}.${row}`, value]);
    const value = this.scalars.get(oid);
    return value === undefined ? [] : [[oid, value]];
  }
}

/** POWER-ETHERNET-MIB (RFC 3621) pethMainPseConsumptionPower. */
const poePower: SensorSource = {
  oid: '1.3.6.1.2.1.105.1.3.1.1.4',
  key: 'power.poe',
  label: 'PoE power',
  unit: 'W',
};

const mostIdentityRows = 24;
const mostSensorRows = 512;

async function identityOf(table: FamilyTable, reader: SnmpReader, system: SystemGroup): Promise<Identity> {
  const { model = [], serial = [], firmware = [] } = table;
  const oids = [...model, ...serial, ...firmware].filter((source) => typeof source === 'string');
  const answers = await Answers.to(reader, { sources: oids, base: system.sysObjectId, maxRows: mostIdentityRows });
  const text = (sources: readonly TextSource[], longest: number): string => {
    for (const source of sources) {
      const texts =
        typeof source === 'string'
          ? answers.rows(source).map(([, value]) => telling(cleanText(value, longest)))
          : [(source.exec(system.sysDescr)?.[1] ?? '').slice(0, longest)];
      const found = texts.find((one) => one !== '');
      if (found !== undefined) return found;
    }
    return '';
  };
  const own = { model: text(model, 120), serial: text(serial, 80), firmware: text(firmware, 120) };
  const whole = own.model !== '' && own.serial !== '' && own.firmware !== '';
  const none: EntityIdentity = { model: '', serial: '', firmware: '' };
  const entity = whole || table.standard?.includes('entity') !== true ? none : await entityIdentity(reader);
  return {
    vendor: table.vendor,
    model: own.model || entity.model || (table.modelElse?.exec(system.sysDescr)?.[1] ?? '').slice(0, 120),
    serial: own.serial || entity.serial,
    firmware: own.firmware || entity.firmware,
  };
}

function percentOf(
  field: 'cpu_percent' | 'memory_percent',
  source: PercentSource,
  answers: Answers,
): ReadingFacts | null {
  const { scale = 1, mean = false } = source;
  const kind = { unit: '%', scale, range: [0, 100] } as const;
  const [first, ...others] = answers.rows(source.oid, source.rows).filter(([, value]) => usable(numberOf(value), kind));
  if (first === undefined) return null;
  const reading = { ...percent(field, first[0]), scale };
  return mean && others.length > 0 ? { ...reading, meanOids: others.slice(0, 63).map(([oid]) => oid) } : reading;
}

function memoryOf(source: MemorySource, answers: Answers): ReadingFacts | null {
  if ('oid' in source) return percentOf('memory_percent', source, answers);
  const part = answers.oid('used' in source ? source.used : source.free);
  const other = answers.oid('total' in source ? source.total : source.free);
  for (const [oid, value] of answers.rows(part)) {
    const otherOid = isScalar(part) ? other : other + oid.slice(part.length);
    const found = answers.rows(other).find(([each]) => each === otherOid)?.[1];
    const amount = numberOf(value) ?? -1;
    const beside = numberOf(found) ?? -1;
    if (amount < 0 || beside <= 0) continue;
    if (!('used' in source)) return memoryFree(oid, otherOid);
    return memoryRatio(oid, 'total' in source ? { ofOid: otherOid } : { freeOid: otherOid });
  }
  return null;
}

function memorySources(source: MemorySource): readonly Source[] {
  if ('oid' in source) return [source.oid];
  if (!('total' in source)) return [source.used, source.free];
  return ['used' in source ? source.used : source.free, source.total];
}

async function readingsOf(
  table: FamilyTable,
  reader: SnmpReader,
  system: SystemGroup,
): Promise<readonly ReadingFacts[]> {
  const { cpu = [], memory = [], standard = [] } = table;
  const has = (mib: StandardMib): boolean => standard.includes(mib);
  const sensors = [...(table.sensors ?? []), ...(has('power-ethernet') ? [poePower] : [])];
  const names = sensors.flatMap(({ names: its, low, high }) => [its, low, high].filter((one) => one !== undefined));
  const [answers, entity, cisco, host, more] = await Promise.all([
    Answers.to(reader, {
      sources: [...[...cpu, ...sensors].map((source) => source.oid), ...memory.flatMap(memorySources), ...names],
      base: system.sysObjectId,
      maxRows: mostSensorRows,
    }),
    has('entity-sensors') ? entitySensors(reader) : [],
    has('cisco-entity-sensors') ? entitySensors(reader, ciscoEntitySensors) : [],
    has('host-resources') ? hostResources(reader) : [],
    table.more?.(reader, system) ?? [],
  ]);
  const load = cpu.map((source) => percentOf('cpu_percent', source, answers)).find((one) => one !== null);
  const memories = memory.map((source) => memoryOf(source, answers)).find((one) => one !== null);
  const own = sensorsOf(sensors, answers);
  const health = [...(load === undefined ? [] : [load]), ...(memories === undefined ? [] : [memories])];
  // The plan takes the first CPU and the first memory: the family's own before HOST-RESOURCES.
  return [...health, ...host, ...own, ...entity, ...cisco, ...more];
}

/** Of scalars of one key the first that answers: the newer and more exact object before the older one. */
function sensorsOf(sources: readonly SensorSource[], answers: Answers): readonly ReadingFacts[] {
  const keys = new Set<string>();
  const readings: ReadingFacts[] = [];
  for (const source of sources) {
    const oid = answers.oid(source.oid);
    if (!isScalar(source.oid)) {
      const names = source.names === undefined ? undefined : answers.column(source.names);
      const found = rowSensors(oid, answers.column(source.oid, source.rows), source, names);
      readings.push(...found.map((reading) => withLimits(reading, source, answers)));
      continue;
    }
    if (keys.has(source.key)) continue;
    const found = scalarSensor(answers.scalars, oid, source);
    if (found.length > 0) keys.add(source.key);
    readings.push(...found.map((reading) => withLimits(reading, source, answers)));
  }
  return readings;
}

function withLimits(reading: ReadingFacts, source: SensorSource, answers: Answers): ReadingFacts {
  const instance = reading.oid.slice(answers.oid(source.oid).length);
  const limitAt = (limit: Source | undefined): number | null => {
    if (limit === undefined) return null;
    const at = answers.oid(limit);
    const value = isScalar(limit) ? answers.scalars.get(at) : answers.column(limit).get(instance.slice(1));
    return numberOf(value);
  };
  return limited(reading, { low: limitAt(source.low), high: limitAt(source.high) });
}
