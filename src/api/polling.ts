import { Type } from 'typebox';
import { inScope, scopeFor, type Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { DeviceId } from '../domain/ids.ts';
import { metricGroups, type Plan } from '../domain/plan.ts';
import type { Diagnosis } from '../polling/diagnose.ts';
import type { DevicePollReport } from '../polling/poll-report.ts';
import { notAllowed } from './guard.ts';
import type { RouteGroup } from './routes.ts';

/** Finds a device by id or name among those the reader may see; rejects with `not-found` otherwise. */
export interface ReadableDevices {
  get(
    access: Access,
    key: string,
  ): Promise<{
    readonly entity: { readonly id: DeviceId; readonly name: string };
    readonly regionCode: string | null;
  }>;
}

/** The agent, as far as one device's polling is asked about. */
export interface PolledDevices {
  deviceReport(id: DeviceId): DevicePollReport | null;
  planOf(id: DeviceId): Plan | null;
  test(id: DeviceId): Promise<Diagnosis>;
}

/** Sends packets to a device. */
const act = 'event.acknowledge';

const nullable = (schema: ReturnType<typeof Type.Number> | ReturnType<typeof Type.String>) =>
  Type.Union([schema, Type.Null()]);

const Arguments = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
  description: 'What the sentence names, to say it in another language.',
});

const Report = Type.Object(
  {
    place: Type.String({ description: 'Address, with the port where it is not 161.' }),
    planId: nullable(Type.String()),
    state: Type.Enum(['unpollable', 'waiting', 'identifying', 'polled', 'paused', 'refused']),
    lastError: nullable(Type.String({ description: 'What is wrong and what to do; null while all is well.' })),
    lastErrorCode: nullable(Type.String({ description: 'Stable name of that sentence.' })),
    lastErrorArguments: Type.Union([Arguments, Type.Null()]),
    values: nullable(Type.Number({ description: 'Variables of all groups.' })),
    rttMs: nullable(Type.Number({ description: 'Smoothed round trip.' })),
    timeoutMs: nullable(Type.Number({ description: 'How long an answer is waited for.' })),
    timeouts: nullable(Type.Number({ description: 'Tries without an answer since the start.' })),
    misses: Type.Number({ description: 'Probes lost in a row.' }),
    restarts: Type.Number({ description: 'Restarts seen since the start.' }),
    variablesPerPacket: nullable(Type.Number({ description: 'Learned: most variables in one request.' })),
    bytesPerPacket: nullable(Type.Number({ description: 'Learned: most bytes in one answer.' })),
    window: nullable(Type.Number({ description: 'Learned: requests under way at a time.' })),
    version: Type.Union([Type.Enum(['v1', 'v2c', 'v3']), Type.Null()], { description: 'Of SNMP; null: not polled.' }),
    maxRepetitions: nullable(
      Type.Number({ description: 'Learned: rows of a GETBULK that it bears; null while it bears what is asked.' }),
    ),
    getNextOnly: Type.Boolean({ description: 'Learned, or SNMPv1: tables are walked row by row.' }),
    perVariableMs: nullable(Type.Number({ description: 'Learned: time for each variable, beyond the path.' })),
    slow: Type.Boolean({ description: 'Learned: its CPU is slow, it is asked one request at a time.' }),
    groups: Type.Array(
      Type.Object({
        group: Type.Enum([...metricGroups]),
        intervalMs: Type.Number(),
        values: Type.Number(),
        absent: Type.Number({ description: 'Variables that the device turned out not to have.' }),
        packets: Type.Number(),
        largestPacket: Type.Number({ description: 'Variables in the largest packet.' }),
        lastAt: nullable(Type.Number({ description: 'Milliseconds since the epoch.' })),
        lastMs: nullable(Type.Number({ description: 'How long the last poll took.' })),
        lastLost: Type.Number({ description: 'Packets of the last poll without an answer.' }),
        nextAt: Type.Number({ description: 'Milliseconds since the epoch.' }),
      }),
    ),
    variables: Type.Array(
      Type.Object({
        group: Type.Enum([...metricGroups]),
        oid: Type.String(),
        kind: Type.Enum(['counter64', 'counter32', 'gauge', 'timeticks', 'until']),
        series: Type.String({ description: 'Line-protocol key of the series that it lands in.' }),
        field: Type.Number({ description: 'Column of the measurement.' }),
      }),
      { description: 'The plan itself; only with `?variables=true`.' },
    ),
  },
  {
    examples: [
      {
        place: '10.73.8.2',
        planId: '9f2c…',
        state: 'polled',
        lastError: null,
        lastErrorCode: null,
        lastErrorArguments: null,
        values: 52,
        rttMs: 3.1,
        timeoutMs: 250,
        timeouts: 0,
        misses: 0,
        restarts: 0,
        variablesPerPacket: 60,
        bytesPerPacket: 1400,
        window: 4,
        version: 'v3',
        maxRepetitions: null,
        getNextOnly: false,
        perVariableMs: 0.1,
        slow: false,
        groups: [],
        variables: [],
      },
    ],
  },
);

const Test = Type.Object(
  {
    ok: Type.Boolean(),
    cause: Type.Enum([
      'none',
      'credential',
      'refused',
      'no-route',
      'community',
      'user',
      'version',
      'snmp-silent',
      'timeout',
    ]),
    message: Type.String({ description: 'What was found and what to do.' }),
    code: Type.String({ description: 'Stable name of that sentence.' }),
    arguments: Arguments,
    place: Type.String(),
    rttMs: nullable(Type.Number()),
  },
  {
    examples: [
      {
        ok: false,
        cause: 'community',
        message:
          "rtr-kahu-01 (10.73.8.2:161) runs an SNMP agent, but does not answer this community: check the community, and that this machine's address is allowed to read.",
        code: 'polling.wrong-community',
        arguments: { device: 'rtr-kahu-01', place: '10.73.8.2:161', port: '161' },
        place: '10.73.8.2:161',
        rttMs: null,
      },
    ],
  },
);

const Device = Type.Object({ id: Type.String({ maxLength: 80, description: 'Id or name of the device.' }) });
const tags = ['devices'];

/** How a device is polled, and why it does not answer. */
export function pollingRoutes(parts: { readonly devices: ReadableDevices; readonly agent: PolledDevices }): RouteGroup {
  const { devices, agent } = parts;
  return (app) => {
    app.get(
      '/devices/:id/plan',
      {
        config: { permission: 'metrics.read' },
        schema: {
          tags,
          summary: 'How a device is polled',
          description: 'Groups, intervals, packets, what was learned of the path to it, and the last problem.',
          params: Device,
          querystring: Type.Object({ variables: Type.Optional(Type.Boolean({ default: false })) }),
          response: { 200: Report },
        },
      },
      async (request) => {
        const { entity } = await devices.get(request.access, request.params.id);
        const report = agent.deviceReport(entity.id);
        if (report === null) throw notPolled(entity.name);
        const plan = request.query.variables === true ? agent.planOf(entity.id) : null;
        return { ...report, groups: [...report.groups], variables: variablesOf(plan) };
      },
    );

    app.post(
      '/devices/:id/test',
      {
        // Technicians and up: it sends packets, and changes nothing.
        config: { permission: act, rateLimit: { max: 30, timeWindow: '1 minute' } },
        schema: {
          tags,
          summary: 'Ask a device now, and find out why it does not answer',
          description:
            'Names the cause within ten seconds: refused, no way to it, wrong community, wrong version, SNMP off, or nothing at all. A device that answers is polled at once.',
          params: Device,
          response: { 200: Test },
        },
      },
      async (request) => {
        const { entity, regionCode } = await devices.get(request.access, request.params.id);
        if (!inScope(scopeFor(request.access, act), regionCode ?? '')) throw notAllowed(act);
        const diagnosis = await agent.test(entity.id);
        return { ok: diagnosis.cause === 'none', ...diagnosis };
      },
    );
  };
}

function variablesOf(plan: Plan | null) {
  if (plan === null) return [];
  return plan.groups.flatMap(({ group, slots, series }) =>
    slots.map(({ oid, kind, row, field }) => ({ group, oid, kind, series: series[row]?.key ?? '', field })),
  );
}

function notPolled(name: string): ArungError {
  return new ArungError('not-found', `${name} is not polled by SNMP from here.`, {
    code: 'polling.not-polled',
    arguments: { device: name },
  });
}
