import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { RecordedAgent, RecordedMib } from '../../agents/simulator/recording.ts';
import { ClientReader } from '../../src/discovery/client-reader.ts';
import { compilePlan } from '../../src/discovery/compile.ts';
import { identify } from '../../src/discovery/identify.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { CredentialSecret } from '../../src/domain/device.ts';
import { newId, type AgentId, type DeviceId, type InterfaceId, type SiteId } from '../../src/domain/ids.ts';
import type { DeviceFacts, PollTarget } from '../../src/domain/plan.ts';
import { PollingEngine } from '../../src/polling/engine.ts';
import { LocalAgent } from '../../src/polling/local-agent.ts';
import { SnmpClient } from '../../src/polling/snmp/client.ts';

/** Recorded walks of real devices (LibreNMS test data); no part of the project. */
const folder = join(import.meta.dirname, '../../../shared/recordings');

/** Where LibreNMS says otherwise than the recorded IF-MIB, on purpose. */
export const otherwise: Readonly<Record<string, string>> = {
  'airos-af': 'the state of the radio is taken from its maker’s own MIB; ifOperStatus is down',
  zynos_ges1316: 'swp00 is renamed 1/01, as the maker labels its ports',
};

interface ExpectedInterface {
  readonly ifIndex: number;
  readonly ifName?: string;
  readonly ifDescr?: string;
  readonly ifSpeed?: number;
  readonly ifOperStatus?: string;
  readonly ifInOctets?: number;
  readonly ifOutOctets?: number;
}

const community = 'rekaman';
const keys = {
  authProtocol: 'sha256',
  authKey: 'kunci-autentikasi',
  privProtocol: 'aes128',
  privKey: 'kunci-kerahasiaan',
} as const;
export const versions = {
  v1: { kind: 'snmp-v1', community },
  v2c: { kind: 'snmp-v2c', community },
  v3: { kind: 'snmp-v3', user: 'rekaman', level: 'authPriv', ...keys },
} as const satisfies Record<string, CredentialSecret>;
export type Version = keyof typeof versions;

/** ifOperStatus of RFC 2863. */
const operStatus = ['', 'up', 'down', 'testing', 'unknown', 'dormant', 'notPresent', 'lowerLayerDown'];
const operColumn = 8;
const patienceMs = 120_000;

/** Names of the recordings whose expected file has interfaces; none without the folder. */
export function recordingsWithInterfaces(): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.snmprec'))
    .map((file) => file.replace('.snmprec', ''))
    .filter((name) => expectedOf(name).length > 0);
}

function expectedOf(name: string): readonly ExpectedInterface[] {
  const parsed = JSON.parse(readFileSync(join(folder, `${name}.expected.json`), 'utf8')) as {
    readonly interfaces?: readonly ExpectedInterface[];
  };
  return parsed.interfaces ?? [];
}

export interface Comparison {
  readonly name: string;
  readonly version: Version;
  readonly wanted: number;
  /** What differs, a line each; empty when every interface is as expected. */
  readonly wrong: readonly string[];
}

/**
 * Serves a recording over real packets, has the poller identify and poll it, and compares interfaces: index, name, state
 * of the polls, speed, and the octet counters behind the rates (over v1 those of 32 bits, as the device counted them).
 */
export async function compareOverPackets(name: string, version: Version): Promise<Comparison> {
  const content = readFileSync(join(folder, `${name}.snmprec`), 'utf8');
  const user = { name: versions.v3.user, level: versions.v3.level, ...keys };
  const recorded = new RecordedAgent({ mib: new RecordedMib(content), community, user });
  const dataDir = await mkdtemp(join(tmpdir(), 'arung-recording-'));
  const target: PollTarget = {
    deviceId: newId<DeviceId>(),
    siteId: newId<SiteId>(),
    agentId: newId<AgentId>(),
    name,
    role: 'switch',
    gateway: false,
    protocol: 'snmp',
    address: '127.0.0.1',
    port: await recorded.start(),
    serial: '',
    secret: versions[version],
    profile: null,
    interfaces: [],
    backbone: true,
  };
  const logger = pino({ level: 'silent' });
  const engine = new PollingEngine({ clock: systemClock, logger });
  const client = new SnmpClient(engine);
  let facts: DeviceFacts | undefined;
  const polled = new Map<string, number>();
  const agent = new LocalAgent({
    targets: { targets: () => Promise.resolve([target]), onChange: () => () => undefined },
    agentId: target.agentId,
    plans: {
      planFor: async (asked) => {
        facts = await identify(asked.deviceId, new ClientReader(client, asked), Date.now());
        const interfaces = facts.interfaces.map(({ ifIndex, name: port, mac, speedBps }) => ({
          id: idOf(ifIndex),
          name: port,
          mac,
          ifIndex,
          speedBps,
          carriesLink: true,
        }));
        const intervals = { reachabilityMs: 5_000, backboneMs: 2_000, edgeMs: 2_000, healthMs: 60_000 };
        return compilePlan({ ...asked, interfaces }, facts, intervals);
      },
    },
    engine,
    bus: {
      publish: (batch) => {
        if (batch.measurement !== 'interface') return;
        const width = batch.values.length / batch.series.length;
        for (const [row, series] of batch.series.entries())
          polled.set(series.key, batch.values[row * width + operColumn] ?? Number.NaN);
      },
      to: () => () => undefined,
    },
    logger,
    dataDir,
  });
  const wanted = expectedOf(name);
  try {
    await engine.start();
    await agent.start();
    // Over v1 each variable that the device has not costs a request, and a poll makes only so many: the next ones go on.
    const lacks = ({ ifIndex, ifOperStatus }: ExpectedInterface) => {
      if (ifOperStatus === undefined) return facts === undefined;
      const known = facts?.interfaces.some((one) => one.ifIndex === ifIndex) ?? true;
      return known && Number.isNaN(stateOf(polled, ifIndex) ?? Number.NaN);
    };
    const deadlineMs = performance.now() + patienceMs;
    while (wanted.some(lacks) && performance.now() < deadlineMs) await sleep(50);
    const wrong: string[] = [];
    if (facts === undefined) wrong.push('was not identified');
    else if (polled.size === 0 && wanted.some((one) => one.ifOperStatus !== undefined))
      wrong.push('gave no state of any interface');
    else wrong.push(...(await differences(wanted, facts, polled, (oids) => client.get(target, oids), content)));
    return { name, version, wanted: wanted.length, wrong };
  } finally {
    await agent.stop();
    await engine.stop();
    await recorded.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function idOf(ifIndex: number): InterfaceId {
  return `00000000-0000-7000-8000-${ifIndex.toString(16).padStart(12, '0')}` as InterfaceId;
}

function stateOf(polled: ReadonlyMap<string, number>, ifIndex: number): number | undefined {
  return [...polled].find(([key]) => key.includes(idOf(ifIndex)))?.[1];
}

async function differences(
  wanted: readonly ExpectedInterface[],
  facts: DeviceFacts,
  polled: ReadonlyMap<string, number>,
  get: (oids: readonly string[]) => Promise<ReadonlyMap<string, { readonly value: unknown }>>,
  content: string,
): Promise<string[]> {
  const wrong: string[] = [];
  const byIndex = new Map(facts.interfaces.map((one) => [one.ifIndex, one]));
  const columnsOf = (wide: boolean) =>
    wide ? ['1.3.6.1.2.1.31.1.1.1.6', '1.3.6.1.2.1.31.1.1.1.10'] : ['1.3.6.1.2.1.2.2.1.10', '1.3.6.1.2.1.2.2.1.16'];
  const oids = facts.interfaces.flatMap((one) => columnsOf(one.has64BitCounters).map((oid) => `${oid}.${one.ifIndex}`));
  const counters = await get(oids);
  const rows = new Map(content.split('\n').map((line) => [line.split('|')[0] ?? '', line.split('|').at(-1)?.trim()]));
  for (const one of wanted) {
    const found = byIndex.get(one.ifIndex);
    const say = (what: string) => wrong.push(`ifIndex ${one.ifIndex}: ${what}`);
    if (found === undefined) {
      say('is missing');
      continue;
    }
    // Names that a device gives twice are told apart by their index; blanks in a row are one.
    const name = found.name.replace(`#${one.ifIndex}`, '');
    const names = [one.ifName, one.ifDescr].map((text) => text?.replace(/\s+/g, ' ').trim());
    if (!names.includes(name)) say(`name '${found.name}', not '${String(one.ifName)}'`);
    if (one.ifSpeed !== undefined && one.ifSpeed !== 0 && found.speedBps !== one.ifSpeed)
      say(`speed ${String(found.speedBps)}, not ${one.ifSpeed}`);
    const state = stateOf(polled, one.ifIndex);
    const states = [operStatus[state ?? -1], String(state)];
    if (one.ifOperStatus !== undefined && state !== undefined && !states.includes(String(one.ifOperStatus)))
      say(`state ${state}, not ${one.ifOperStatus}`);
    const [into, out] = columnsOf(found.has64BitCounters).map((oid) => `${oid}.${one.ifIndex}`);
    for (const [oid, octets] of [
      [into, one.ifInOctets],
      [out, one.ifOutOctets],
    ] as const) {
      const read = counters.get(oid ?? '')?.value;
      // Over v1 the expected file's 64 bits were never counted: then what was recorded is the truth.
      const truth = found.has64BitCounters ? octets : Number(rows.get(oid ?? '') ?? octets);
      // LibreNMS writes 0 for a counter that the device does not have.
      // And over v1 there is nothing to read of a device that has 64-bit counters only.
      if (read === undefined && (octets === 0 || !rows.has(oid ?? ''))) continue;
      if (octets !== undefined && !Number.isNaN(truth) && read !== truth)
        say(`${oid ?? ''} ${String(read)}, not ${String(truth)}`);
    }
  }
  return wrong;
}
