import { datasourceOf, queryText, type Dialect, type Question } from './queries.ts';

/** A panel as a dashboard lists it. Units are Grafana's own ids. */
export interface Panel {
  readonly title: string;
  readonly description?: string;
  readonly kind: 'timeseries' | 'stat' | 'bargauge';
  readonly unit: 'bps' | 'pps' | 'percent' | 'percentunit' | 'ms' | 's' | 'short' | 'celsius' | 'd';
  readonly questions: readonly (Question & { readonly name: string })[];
  /** Of 24 columns, and in rows of 30 px. */
  readonly width: number;
  readonly height: number;
  readonly max?: number;
}

/** Panels from left to right and top to bottom, as JSON of Grafana's schema version 41. */
export function panelsJson(dialect: Dialect, panels: readonly Panel[]): object[] {
  let x = 0;
  let y = 0;
  let tallest = 0;
  return panels.map((panel, index) => {
    if (x + panel.width > 24) {
      x = 0;
      y += tallest;
      tallest = 0;
    }
    const place = { h: panel.height, w: panel.width, x, y };
    x += panel.width;
    tallest = Math.max(tallest, panel.height);
    return panelJson(dialect, panel, index + 1, place);
  });
}

function panelJson(dialect: Dialect, panel: Panel, id: number, gridPos: object): object {
  const datasource = datasourceOf(dialect);
  const { title, description = '', kind, unit, questions, max } = panel;
  return {
    id,
    type: kind,
    title,
    description,
    datasource,
    gridPos,
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(max === undefined ? {} : { max }),
        // A gap is a gap: nothing is joined that was not measured.
        ...(kind === 'timeseries'
          ? { custom: { lineWidth: 1, fillOpacity: 8, spanNulls: false, showPoints: 'auto' } }
          : {}),
      },
      overrides: [],
    },
    options: optionsOf(kind),
    targets: questions.map((question, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      query: queryText(dialect, question),
      ...(dialect === 'influxql' ? { rawQuery: true, resultFormat: 'time_series', alias: aliasOf(question) } : {}),
    })),
  };
}

function aliasOf({ name, by }: Panel['questions'][number]): string {
  return [name, ...by.map((tag) => `$tag_${tag}`)].join(' ');
}

function optionsOf(kind: Panel['kind']): object {
  if (kind === 'timeseries') {
    return {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    };
  }
  const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false };
  return kind === 'stat'
    ? { reduceOptions, colorMode: 'none', graphMode: 'area', textMode: 'auto' }
    : { reduceOptions, displayMode: 'basic', orientation: 'horizontal', showUnfilled: true };
}
