import { datasourceOf, queryText, type Dialect, type Question, type Resolution } from './queries.ts';

/** A panel as a dashboard lists it. Units are Grafana's own ids. */
export interface Panel {
  readonly title: string;
  readonly description?: string;
  readonly kind: 'timeseries' | 'stat';
  readonly unit: 'bps' | 'pps' | 'percent' | 'percentunit' | 'ms' | 's' | 'short' | 'celsius' | 'd';
  readonly questions: readonly (Question & { readonly name: string })[];
  /** Of 24 columns, and in rows of 30 px. */
  readonly width: number;
  readonly height: number;
  readonly max?: number;
}

/** Panels under one heading; with `each` all of them once for every chosen value of that variable, under its name. */
export interface Section {
  readonly title: string;
  readonly each?: string;
  readonly panels: readonly Panel[];
}

/** Sections one below the other, their panels from left to right, as JSON of Grafana's schema version 41. */
export function panelsJson(dialect: Dialect, resolution: Resolution, sections: readonly Section[]): object[] {
  const made: object[] = [];
  let y = 0;
  for (const { title, each, panels } of sections) {
    const repeated = each === undefined ? {} : { repeat: each };
    const row = { id: made.length + 1, type: 'row', title, collapsed: false, ...repeated };
    made.push({ ...row, gridPos: { h: 1, w: 24, x: 0, y: y++ }, panels: [] });
    let x = 0;
    let tallest = 0;
    for (const panel of panels) {
      if (x + panel.width > 24) {
        y += tallest;
        [x, tallest] = [0, 0];
      }
      const place = { h: panel.height, w: panel.width, x, y };
      x += panel.width;
      tallest = Math.max(tallest, panel.height);
      made.push(panelJson({ dialect, resolution, panel, id: made.length + 1, gridPos: place }));
    }
    y += tallest;
  }
  return made;
}

function panelJson(one: {
  readonly dialect: Dialect;
  readonly resolution: Resolution;
  readonly panel: Panel;
  readonly id: number;
  readonly gridPos: object;
}): object {
  const { dialect, resolution, panel, id, gridPos } = one;
  const datasource = datasourceOf(dialect);
  const { title, description = '', kind, unit, questions, max } = panel;
  return {
    id,
    type: kind,
    title,
    description,
    datasource,
    gridPos,
    interval: resolution.interval,
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
      // Flux has no alias: lines are named by what they were asked as.
      overrides: dialect === 'flux' ? questions.map((question, index) => named(question, letterOf(index))) : [],
    },
    options: optionsOf(kind),
    targets: questions.map((question, index) => ({
      refId: letterOf(index),
      datasource,
      query: queryText(dialect, question, resolution.tier),
      ...(dialect === 'influxql' ? { rawQuery: true, resultFormat: 'time_series', alias: aliasOf(question) } : {}),
    })),
  };
}

const letterOf = (index: number): string => String.fromCharCode(65 + index);

function named({ name, by }: Panel['questions'][number], refId: string): object {
  const value = namesOf(
    name,
    by.map((tag) => `\${__field.labels.${tag}}`),
  );
  return { matcher: { id: 'byFrameRefID', options: refId }, properties: [{ id: 'displayName', value }] };
}

const namesOf = (name: string, tags: readonly string[]): string =>
  [name, ...tags].filter((one) => one !== '').join(' ');

function aliasOf({ name, by }: Panel['questions'][number]): string {
  return namesOf(
    name,
    by.map((tag) => `$tag_${tag}`),
  );
}

function optionsOf(kind: Panel['kind']): object {
  if (kind === 'timeseries') {
    return {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    };
  }
  const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false };
  return { reduceOptions, colorMode: 'none', graphMode: 'area', textMode: 'auto' };
}
