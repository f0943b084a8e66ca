import type { Measurement } from '../../src/domain/point.ts';
import { panelsJson, type Panel, type Section } from './panels.ts';
import {
  namesDatasource,
  namesText,
  resolutions,
  type Dialect,
  type Question,
  type Resolution,
  type Variable,
} from './queries.ts';

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly sections: readonly Section[];
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

const ofDevice = { chosen: ['device'] };
const ofInterface = { chosen: ['device', 'interface'] };
const ofService = { chosen: ['service', 'agent'] };
const byCheck = { by: ['check'], ...ofService };
const site: Variable = { name: 'site', label: 'Site', several: false };

/** What Arung brings for Grafana, in no dialect. */
export const dashboards: readonly Dashboard[] = [
  {
    uid: 'backbone',
    title: 'Arung: backbone',
    description: 'All that is measured, summed up: traffic, loss, round trips, load of devices.',
    variables: [],
    sections: [
      {
        title: 'Everything together',
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
    ],
  },
  {
    uid: 'site',
    title: 'Arung: site',
    description: 'The devices of a site, one below the other.',
    variables: [site, { name: 'device', label: 'Device', within: 'site', several: true }],
    sections: [
      {
        title: '$device',
        each: 'device',
        panels: [
          chart(
            'Round trip',
            'ms',
            question('mean', 'reachability', 'rtt_ms', ofDevice),
            question('longest', 'reachability', 'rtt_max_ms', { aggregate: 'max', ...ofDevice }),
          ),
          chart('Loss of probes', 'percent', question('loss', 'reachability', 'loss_percent', ofDevice)),
          chart(
            'Busiest interface',
            'bps',
            question('in', 'interface', 'in_bps', { aggregate: 'max', ...ofDevice }),
            question('out', 'interface', 'out_bps', { aggregate: 'max', ...ofDevice }),
          ),
          chart(
            'Processor and memory',
            'percent',
            question('processor', 'device', 'cpu_percent', ofDevice),
            question('memory', 'device', 'memory_percent', ofDevice),
          ),
          chart('Sensors', 'short', question('', 'sensor', 'value', { by: ['sensor'], ...ofDevice })),
          chart(
            'Attendance terminal',
            'short',
            question('records', 'terminal', 'records', { aggregate: 'last', ...ofDevice }),
            question('clock drift, seconds', 'terminal', 'clock_drift_s', ofDevice),
          ),
        ],
      },
    ],
  },
  {
    uid: 'device',
    title: 'Arung: device and interfaces',
    description: 'One device with its interfaces.',
    variables: [
      site,
      { name: 'device', label: 'Device', within: 'site', several: false },
      { name: 'interface', label: 'Interface', within: 'device', several: true },
    ],
    sections: [
      {
        title: 'Device',
        panels: [
          chart(
            'Processor and memory',
            'percent',
            question('processor', 'device', 'cpu_percent', ofDevice),
            question('memory', 'device', 'memory_percent', ofDevice),
          ),
          chart('Round trip', 'ms', question('round trip', 'reachability', 'rtt_ms', ofDevice)),
          chart('Sensors', 'short', question('', 'sensor', 'value', { by: ['sensor'], ...ofDevice })),
          chart(
            'Time since its start',
            's',
            question('uptime', 'device', 'uptime_s', { aggregate: 'last', ...ofDevice }),
          ),
        ],
      },
      {
        title: '$interface',
        each: 'interface',
        panels: [
          chart(
            'Traffic',
            'bps',
            question('in', 'interface', 'in_bps', ofInterface),
            question('out', 'interface', 'out_bps', ofInterface),
          ),
          chart(
            'Errors and discards',
            'pps',
            question('errors in', 'interface', 'in_eps', ofInterface),
            question('errors out', 'interface', 'out_eps', ofInterface),
            question('discards in', 'interface', 'in_discards_pps', ofInterface),
            question('discards out', 'interface', 'out_discards_pps', ofInterface),
          ),
        ],
      },
    ],
  },
  {
    uid: 'services',
    title: 'Arung: services',
    description: 'The e-government services, as the agents see them.',
    variables: [
      { name: 'service', label: 'Service', several: true },
      { name: 'agent', label: 'Agent', several: true },
    ],
    sections: [
      {
        title: '$service',
        each: 'service',
        panels: [
          { ...chart('Looks that found it working', 'percentunit', question('', 'service', 'up', byCheck)), max: 1 },
          chart('Time to answer', 'ms', question('', 'service', 'total_ms', { aggregate: 'max', ...byCheck })),
          chart(
            'Where the time goes',
            'ms',
            question('connect', 'service', 'connect_ms', ofService),
            question('first byte', 'service', 'first_byte_ms', ofService),
          ),
          figure(
            'Days until the certificate ends',
            'd',
            question('days', 'service', 'days_left', { aggregate: 'last', ...ofService }),
          ),
          chart(
            'Slow or ending soon',
            'percentunit',
            question('', 'service', 'degraded', { aggregate: 'max', ...byCheck }),
          ),
        ],
      },
    ],
  },
  {
    uid: 'own-health',
    title: 'Arung: own health',
    description: 'What the polling itself does and costs. The rest is at /metrics, for Prometheus.',
    variables: [],
    sections: [
      {
        title: 'Everything together',
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
          chart('Looks at services', 'short', question('looks', 'service', 'up', { aggregate: 'count' })),
        ],
      },
    ],
  },
];

/** All files of a dialect by their names: each dashboard at each resolution. */
export function filesOf(dialect: Dialect): ReadonlyMap<string, object> {
  const files = resolutions.flatMap((resolution) =>
    dashboards.map((one) => [`${one.uid}-${resolution.title}.json`, dashboardJson(dialect, resolution, one)] as const),
  );
  return new Map(files);
}

/** A dashboard as the JSON that Grafana provisions. */
function dashboardJson(dialect: Dialect, resolution: Resolution, dashboard: Dashboard): object {
  const { uid, title, description, variables, sections } = dashboard;
  // What was measured in 6 hours stays at the address that it always had.
  const suffix = resolution.tier.stepS === 0 ? '' : `-${resolution.tier.name}`;
  const own = `arung-${uid}`;
  return {
    uid: `arung-${uid}-${dialect}${suffix}`,
    title: `${title}, ${resolution.title}`,
    description,
    tags: ['arung', dialect, own],
    schemaVersion: 41,
    version: 1,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    refresh: resolution.tier.stepS === 0 ? '1m' : '15m',
    time: { from: resolution.from, to: 'now' },
    annotations: { list: [] },
    // The same at the other resolutions, with what was chosen here.
    links: [
      {
        type: 'dashboards',
        title: 'Days, months, years',
        tags: [own],
        asDropdown: false,
        includeVars: true,
        keepTime: false,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      },
    ],
    templating: { list: variables.map(variableJson) },
    panels: panelsJson(dialect, resolution, sections),
  };
}

function variableJson({ name, label, within, several }: Variable): object {
  const query = namesText(within === undefined ? { name } : { name, within });
  return {
    name,
    label,
    type: 'query',
    datasource: namesDatasource,
    definition: query,
    query,
    refresh: 1,
    sort: 0,
    multi: several,
    includeAll: several,
    current: several ? { selected: true, text: ['All'], value: ['$__all'] } : {},
    hide: 0,
    skipUrlSync: false,
  };
}
