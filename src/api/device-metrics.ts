import { Type } from 'typebox';
import { scopeFor, type Access, type Scope } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { Measurement } from '../domain/point.ts';
import { isWithin, regionCodePattern } from '../domain/region.ts';
import type { LatestPoint, MetricStore } from '../metrics/store.ts';
import { exposition, type MetricFamily } from './exposition.ts';
import { readExternalName } from './external-series.ts';
import type { RouteGroup } from './routes.ts';
import type { StateReader } from './state-reader.ts';

/** What is older than this is not a last value any more, in seconds; Prometheus itself looks back as far. */
const maxAgeS = 300;
/** Beyond it a scrape would take longer than its interval. */
const maxSamples = 100_000;

/** A device or interface as Prometheus is told of it. */
export interface DeviceNames {
  /** The devices of active sites within a scope, by id. */
  devices(scope: Scope): Promise<ReadonlyMap<string, Readonly<Record<'device' | 'site' | 'region', string>>>>;
  /** Names of their interfaces, by id. */
  interfaces(scope: Scope): Promise<ReadonlyMap<string, string>>;
}

interface Kind {
  readonly name: string;
  readonly help: string;
  /** Of ours to the base unit of Prometheus: bytes, seconds, ratios. */
  readonly factor: number;
}
const kind = (name: string, help: string, factor = 1): Kind => ({ name: `arung_${name}`, help, factor });
const perByte = 1 / 8;
const perMs = 1 / 1_000;
const perPercent = 1 / 100;

/** Names after https://prometheus.io/docs/practices/naming/: base units, and the unit last. */
const kinds: { readonly [name in Measurement]?: Readonly<Record<string, Kind>> } = {
  reachability: {
    loss_percent: kind('device_probe_loss_ratio', 'Share of probes without an answer', perPercent),
    rtt_ms: kind('device_probe_rtt_seconds', 'Round trip of probes, mean of a minute', perMs),
    rtt_max_ms: kind('device_probe_rtt_max_seconds', 'Round trip of probes, longest of a minute', perMs),
  },
  interface: {
    in_bps: kind('interface_receive_bytes_per_second', 'Octets received', perByte),
    out_bps: kind('interface_transmit_bytes_per_second', 'Octets sent', perByte),
    in_pps: kind('interface_receive_packets_per_second', 'Packets received'),
    out_pps: kind('interface_transmit_packets_per_second', 'Packets sent'),
    in_eps: kind('interface_receive_errors_per_second', 'Packets received with errors'),
    out_eps: kind('interface_transmit_errors_per_second', 'Packets not sent for errors'),
    in_discards_pps: kind('interface_receive_discards_per_second', 'Packets received and discarded'),
    out_discards_pps: kind('interface_transmit_discards_per_second', 'Packets discarded before they were sent'),
    oper_status: kind('interface_oper_status', 'ifOperStatus of RFC 2863: 1 up, 2 down'),
  },
  device: {
    cpu_percent: kind('device_cpu_utilization_ratio', 'Processor in use', perPercent),
    memory_percent: kind('device_memory_utilization_ratio', 'Memory in use', perPercent),
    uptime_s: kind('device_uptime_seconds', 'Since its last start'),
  },
  sensor: { value: kind('sensor_value', 'A sensor, in its own unit') },
  terminal: {
    users: kind('terminal_users', 'Users that an attendance terminal knows'),
    records: kind('terminal_records', 'Punches that it holds'),
    capacity_records: kind('terminal_records_capacity', 'Punches that it can hold'),
    clock_drift_s: kind('terminal_clock_drift_seconds', 'Its clock against ours'),
    last_punch_age_s: kind('terminal_last_punch_age_seconds', 'Since its last punch'),
    uptime_s: kind('terminal_uptime_seconds', 'Since its last start'),
  },
  external: { value: kind('external_value', 'What Telegraf measured, under its own name') },
};
const up = kind('device_up', 'Whether the device is reachable: 1 up, 0 down or unreachable; absent while unknown');

/** `GET /metrics/devices`: the last values of devices, for Prometheus. */
export function deviceMetricRoutes(parts: {
  readonly store: Pick<MetricStore, 'latest'>;
  readonly names: DeviceNames;
  readonly states: Pick<StateReader, 'stateOf'>;
}): RouteGroup {
  const { store, names, states } = parts;

  async function families(scope: Scope): Promise<MetricFamily[]> {
    const [devices, interfaces] = await Promise.all([names.devices(scope), names.interfaces(scope)]);
    const found = new Map<string, MetricFamily>();
    let samples = 0;
    const add = ({ name, help, factor }: Kind, labels: Readonly<Record<string, string>>, value: number): void => {
      if (++samples > maxSamples) throw tooMany();
      const family = found.get(name) ?? { name, help, samples: [] };
      found.set(name, family);
      family.samples.push({ labels, value: value * factor });
    };
    for (const [id, labels] of devices) {
      const state = states.stateOf('device', id)?.state;
      if (state === 'up') add(up, labels, 1);
      if (state === 'down' || state === 'unreachable') add(up, labels, 0);
    }
    // A question that names thousands of devices is dearer than one for all: what is not the reader's is left out below.
    const filter = devices.size > 500 ? {} : { device: [...devices.keys()] };
    for (const [measurement, fields] of Object.entries(kinds) as [Measurement, Readonly<Record<string, Kind>>][]) {
      for (const point of await store.latest(measurement, filter, maxAgeS)) {
        const labels = labelsOf(point, devices, interfaces);
        if (labels === null) continue;
        for (const [field, value] of Object.entries(point.values)) {
          const as = fields[field];
          if (as !== undefined) add(as, labels, value);
        }
      }
    }
    return [...found.values()];
  }

  return (app) => {
    app.get(
      '/metrics/devices',
      {
        config: { permission: 'metrics.read' },
        schema: {
          tags: ['metrics'],
          summary: 'Last values of the devices in your regions, for Prometheus',
          description: `Values of the last ${maxAgeS} seconds, in base units. At most ${maxSamples} samples: narrow it by region.`,
          querystring: Type.Object({
            region: Type.Optional(Type.String({ pattern: regionCodePattern, examples: ['73.08.01'] })),
          }),
        },
      },
      async (request, reply) => {
        const text = exposition(await families(narrowed(request.access, request.query.region)));
        return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
      },
    );
  };
}

/** The reader's scope, or the part of it that lies in a region. */
function narrowed(access: Access, region: string | undefined): Scope {
  const scope = scopeFor(access, 'metrics.read');
  if (region === undefined) return scope;
  if (scope === 'everywhere') return { regionCodes: [region] };
  const inside = scope.regionCodes.filter((code) => isWithin(code, region));
  return { regionCodes: scope.regionCodes.some((code) => isWithin(region, code)) ? [region] : inside };
}

/** Null for what lies outside of the scope, or is in the inventory no more. */
function labelsOf(
  { tags }: LatestPoint,
  devices: ReadonlyMap<string, Readonly<Record<string, string>>>,
  interfaces: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> | null {
  const device = devices.get(tags['device'] ?? '');
  if (device === undefined) return null;
  const { interface: interfaceId, sensor } = tags;
  if (interfaceId !== undefined) {
    const name = interfaces.get(interfaceId);
    return name === undefined ? null : { ...device, interface: name };
  }
  if (sensor === undefined) return device;
  const external = readExternalName(sensor);
  if (external === null) return { ...device, sensor };
  const own = Object.entries(external.tags).map(([name, value]) => `${name}=${value}`);
  return { ...device, measurement: external.measurement, field: external.field, tags: own.join(',') };
}

function tooMany(): ArungError {
  return new ArungError(
    'invalid',
    `There are more than ${maxSamples} values: scrape region by region, with ?region=CODE.`,
    { code: 'metrics.too-many', arguments: { most: maxSamples } },
  );
}
