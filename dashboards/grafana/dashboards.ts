import type { Measurement } from '../../src/domain/point.ts';
import { panelsJson, type Panel } from './panels.ts';
import { datasourceOf, valuesText, type Dialect, type Question } from './queries.ts';

interface Variable {
  /** The tag that it narrows. */
  readonly tag: string;
  readonly label: string;
  readonly from: Measurement;
  /** Only values of series that this other variable has chosen. */
  readonly within?: string;
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly panels: readonly Panel[];
}

type Named = Panel['questions'][number];
const question = (
  name: string,
  measurement: Measurement,
  field: string,
  rest: Partial<Pick<Question, 'aggregate' | 'by' | 'chosen'>> = {},
): Named => ({ name, measurement, field, aggregate: 'mean', by: [], ...rest });
const chart = (title: string, unit: Panel['unit'], ...questions: Named[]): Panel => ({
  title,
  kind: 'timeseries',
  unit,
  questions,
  width: 12,
  height: 8,
});
const figure = (title: string, unit: Panel['unit'], ...questions: Named[]): Panel => ({
  title,
  kind: 'stat',
  unit,
  questions,
  width: 6,
  height: 4,
});

const byDevice = { by: ['device'], chosen: ['device'] };
const byInterface = { by: ['interface'], chosen: ['device', 'interface'] };
const byCheck = { by: ['service', 'check', 'agent'], chosen: ['service'] };
const device: Variable = { tag: 'device', label: 'Device', from: 'reachability' };

/** What Arung brings for Grafana, in no dialect. */
export const dashboards: readonly Dashboard[] = [
  {
    uid: 'backbone',
    title: 'Arung: backbone',
    description: 'All that is measured, summed up: traffic, loss, round trips, load of devices.',
    variables: [],
    panels: [
      figure('Traffic in, mean of an interface', 'bps', question('in', 'interface', 'in_bps')),
      figure('Loss of probes', 'percent', question('loss', 'reachability', 'loss_percent')),
      figure('Round trip', 'ms', question('round trip', 'reachability', 'rtt_ms')),
      figure('Errors', 'pps', question('errors in', 'interface', 'in_eps')),
      chart(
        'Traffic, mean of an interface',
        'bps',
        question('in', 'interface', 'in_bps'),
        question('out', 'interface', 'out_bps'),
      ),
      chart('Busiest interface', 'bps', question('in', 'interface', 'in_bps', { aggregate: 'max' })),
      chart(
        'Loss of probes',
        'percent',
        question('mean', 'reachability', 'loss_percent'),
        question('worst device', 'reachability', 'loss_percent', { aggregate: 'max' }),
      ),
      chart('Longest round trip', 'ms', question('longest', 'reachability', 'rtt_max_ms', { aggregate: 'max' })),
      chart(
        'Processors',
        'percent',
        question('mean', 'device', 'cpu_percent'),
        question('busiest', 'device', 'cpu_percent', { aggregate: 'max' }),
      ),
      chart(
        'Errors and discards',
        'pps',
        question('errors', 'interface', 'in_eps', { aggregate: 'max' }),
        question('discards', 'interface', 'out_discards_pps', { aggregate: 'max' }),
      ),
    ],
  },
  {
    uid: 'site',
    title: 'Arung: site',
    description: 'The devices of a site: choose them by the ids that the console shows.',
    variables: [device],
    panels: [
      chart('Loss of probes', 'percent', question('loss', 'reachability', 'loss_percent', byDevice)),
      chart('Round trip', 'ms', question('round trip', 'reachability', 'rtt_ms', byDevice)),
      chart('Traffic in', 'bps', question('in', 'interface', 'in_bps', { aggregate: 'max', ...byDevice })),
      chart('Traffic out', 'bps', question('out', 'interface', 'out_bps', { aggregate: 'max', ...byDevice })),
      chart('Processor', 'percent', question('processor', 'device', 'cpu_percent', byDevice)),
      chart(
        'Sensors',
        'short',
        question('sensor', 'sensor', 'value', { by: ['device', 'sensor'], chosen: ['device'] }),
      ),
      chart(
        'Attendance records',
        'short',
        question('records', 'terminal', 'records', { aggregate: 'last', by: ['device'] }),
      ),
      chart('Clock of terminals', 's', question('drift', 'terminal', 'clock_drift_s', { by: ['device'] })),
    ],
  },
  {
    uid: 'device',
    title: 'Arung: device and interfaces',
    description: 'One device with its interfaces.',
    variables: [device, { tag: 'interface', label: 'Interface', from: 'interface', within: 'device' }],
    panels: [
      chart('Traffic in', 'bps', question('in', 'interface', 'in_bps', byInterface)),
      chart('Traffic out', 'bps', question('out', 'interface', 'out_bps', byInterface)),
      chart(
        'Packets',
        'pps',
        question('in', 'interface', 'in_pps', byInterface),
        question('out', 'interface', 'out_pps', byInterface),
      ),
      chart(
        'Errors and discards',
        'pps',
        question('errors in', 'interface', 'in_eps', byInterface),
        question('errors out', 'interface', 'out_eps', byInterface),
        question('discards in', 'interface', 'in_discards_pps', byInterface),
        question('discards out', 'interface', 'out_discards_pps', byInterface),
      ),
      chart(
        'Processor and memory',
        'percent',
        question('processor', 'device', 'cpu_percent', byDevice),
        question('memory', 'device', 'memory_percent', byDevice),
      ),
      chart('Sensors', 'short', question('sensor', 'sensor', 'value', { by: ['sensor'], chosen: ['device'] })),
      chart('Round trip', 'ms', question('round trip', 'reachability', 'rtt_ms', byDevice)),
      chart('Time since its start', 's', question('uptime', 'device', 'uptime_s', { aggregate: 'last', ...byDevice })),
    ],
  },
  {
    uid: 'services',
    title: 'Arung: services',
    description: 'The e-government services, as the agents see them.',
    variables: [{ tag: 'service', label: 'Service', from: 'service' }],
    panels: [
      {
        ...chart('Looks that found it working', 'percentunit', question('works', 'service', 'up', byCheck)),
        max: 1,
      },
      chart('Time to answer', 'ms', question('answer', 'service', 'total_ms', { aggregate: 'max', ...byCheck })),
      chart(
        'Where the time goes',
        'ms',
        question('connect', 'service', 'connect_ms', { by: ['service'], chosen: ['service'] }),
        question('first byte', 'service', 'first_byte_ms', { by: ['service'], chosen: ['service'] }),
      ),
      {
        title: 'Days until the certificate ends',
        kind: 'bargauge',
        unit: 'd',
        questions: [
          question('days', 'service', 'days_left', { aggregate: 'last', by: ['service'], chosen: ['service'] }),
        ],
        width: 12,
        height: 8,
      },
      chart(
        'Slow or ending soon',
        'percentunit',
        question('trouble', 'service', 'degraded', { aggregate: 'max', ...byCheck }),
      ),
    ],
  },
  {
    uid: 'own-health',
    title: 'Arung: own health',
    description: 'What the polling itself does and costs. The rest is at /metrics, for Prometheus.',
    variables: [],
    panels: [
      figure('Values read by a poll', 'short', question('values', 'agent', 'values')),
      figure('Polls told', 'short', question('polls', 'agent', 'values', { aggregate: 'count' })),
      figure('Time of a poll', 'ms', question('poll', 'agent', 'poll_ms')),
      figure('Lost packets', 'short', question('lost', 'agent', 'lost_packets', { aggregate: 'sum' })),
      chart(
        'Time of a poll',
        'ms',
        question('mean', 'agent', 'poll_ms'),
        question('longest', 'agent', 'poll_ms', { aggregate: 'max' }),
      ),
      chart(
        'Packets',
        'short',
        question('sent', 'agent', 'packets', { aggregate: 'sum' }),
        question('lost', 'agent', 'lost_packets', { aggregate: 'sum' }),
      ),
      chart('Values read', 'short', question('values', 'agent', 'values', { aggregate: 'sum' })),
      chart('Looks at services', 'short', question('looks', 'service', 'up', { aggregate: 'count', by: ['agent'] })),
    ],
  },
];

/** A dashboard as the JSON that Grafana provisions. */
export function dashboardJson(dialect: Dialect, dashboard: Dashboard): object {
  return {
    uid: `arung-${dashboard.uid}-${dialect}`,
    title: dashboard.title,
    description: dashboard.description,
    tags: ['arung', dialect],
    schemaVersion: 41,
    version: 1,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    annotations: { list: [] },
    links: [],
    templating: { list: dashboard.variables.map((variable) => variableJson(dialect, variable)) },
    panels: panelsJson(dialect, dashboard.panels),
  };
}

function variableJson(dialect: Dialect, { tag, label, from, within = undefined }: Variable): object {
  const query = valuesText(dialect, from, tag, within ?? null);
  return {
    name: tag,
    label,
    type: 'query',
    datasource: datasourceOf(dialect),
    definition: query,
    // Grafana 12 keeps Flux as an object, InfluxQL as its text.
    query: dialect === 'flux' ? { query, refId: 'variable' } : query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: {},
    hide: 0,
    skipUrlSync: false,
  };
}
