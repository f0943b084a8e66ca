import type { LayerSpecification, ExpressionSpecification } from 'maplibre-gl';
import { DARK, DOWN, MAINTENANCE, UNKNOWN, UP, type StateCode } from './states.ts';
import type { Token } from './tokens.ts';
import { AGENCIES, CLOSEST, MID, NEAR } from './zooms.ts';

/**
 * The layers, bottom to top. Live states come by feature-state only: `st` (see states.ts), `load` (percent, -1 where
 * nothing was measured), `cut`, `dead`, `select`, `focus`, `recede`. Filters and layout never depend on them: MapLibre
 * does not allow it, so every glyph has a layer of its own that is shown by its opacity.
 */
export function layers(token: Token, clustersUntil: number): LayerSpecification[] {
  return [
    ...ground(token),
    ...territories(token),
    ...links(token, clustersUntil),
    ...sites(token, clustersUntil),
  ] as LayerSpecification[];
}

/** Layers with a pattern, by the state they stand for. Hidden while no tile has it: an unused pattern costs as much. */
export const patternLayers: readonly (readonly [layer: string, state: StateCode])[] = [
  ['tile-hatch', DARK],
  ['tile-dots', UNKNOWN],
  ['tile-bars', MAINTENANCE],
];

/** What a click can hit, the nearest to the eye first. */
export const siteLayers = ['site-pop', 'site-hub', 'site-agency', 'site-village', 'site-last-mile'];
export const linkLayers = ['link-trunk', 'link-branch', 'link-branch-agency', 'link-cut-live', 'link-cut-dead'];

type Expression = ExpressionSpecification;
// Expressions nest freely; MapLibre's types name only the finished ones.
const expression = (...parts: unknown[]) => parts as unknown as Expression;
const state = (name: string, otherwise: unknown) => expression('coalesce', ['feature-state', name], otherwise);
const is = (code: StateCode) => expression('==', state('st', UP), code);
const flag = (name: string) => expression('boolean', state(name, false), false);
const shown = (when: unknown, value: unknown = 1) => expression('case', when, value, 0);
const byZoom = (far: unknown, mid: unknown, near: unknown) => expression('step', ['zoom'], far, MID, mid, NEAR, near);

function ground(token: Token): unknown[] {
  // Kilometres at true scale until 9 px each, then fixed.
  const km = (k: number) => expression('interpolate', ['exponential', 2], ['zoom'], 5, k * 0.41, 9.455, k * 9);
  const rims: [km: number, opacity: number][] = [
    [7, 0.35],
    [4.2, 0.55],
    [1.8, 0.8],
  ];
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': token('--m-ground') } },
    {
      id: 'graticule',
      type: 'line',
      source: 'graticule',
      paint: { 'line-color': token('--m-graticule'), 'line-width': 1 },
    },
    ...rims.map(([width, opacity], i) => ({
      id: `rim-${i + 1}`,
      type: 'line',
      source: 'territory',
      'source-layer': 'coast',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': token('--m-halo'), 'line-opacity': opacity, 'line-width': km(width) },
    })),
    {
      id: 'coast',
      type: 'fill',
      source: 'territory',
      'source-layer': 'coast',
      paint: { 'fill-color': token('--m-seam') },
    },
    {
      id: 'coast-line',
      type: 'line',
      source: 'territory',
      'source-layer': 'coast',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': token('--m-coast'), 'line-width': 1.6 },
    },
  ];
}

function territories(token: Token): unknown[] {
  const pattern = (name: string, code: StateCode) => ({
    id: `tile-${name}`,
    type: 'fill',
    source: 'territory',
    'source-layer': 'tile',
    layout: { visibility: 'none' },
    paint: { 'fill-pattern': name, 'fill-opacity': shown(is(code)), 'fill-antialias': false },
  });
  const line = (id: string, source: string, paint: Record<string, unknown>, extra: Record<string, unknown> = {}) => ({
    id,
    type: 'line',
    source,
    ...extra,
    layout: { 'line-join': 'round', 'line-cap': 'round' },
    paint,
  });
  return [
    // Under the tiles, else the rounded corners inside a dark area shine through as pale specks.
    { id: 'dark-ground', type: 'fill', source: 'rim', paint: { 'fill-color': token('--m-dark') } },
    {
      id: 'tile',
      type: 'fill',
      source: 'territory',
      'source-layer': 'tile',
      paint: {
        'fill-color': expression(
          'case',
          is(DOWN),
          token('--c-down-soft'),
          is(DARK),
          token('--m-dark'),
          flag('recede'),
          token('--m-tile-far'),
          token('--m-tile'),
        ),
      },
    },
    pattern('hatch', DARK),
    pattern('dots', UNKNOWN),
    pattern('bars', MAINTENANCE),
    line(
      'tile-seam',
      'territory',
      {
        'line-color': expression('case', is(DARK), token('--m-dark-hatch'), token('--m-seam')),
        'line-width': byZoom(1, 1.5, 2),
      },
      { 'source-layer': 'tile' },
    ),
    line(
      'district-gap',
      'territory',
      { 'line-color': token('--m-gap'), 'line-opacity': 0.9, 'line-width': byZoom(2.2, 3.5, 5) },
      { 'source-layer': 'district' },
    ),
    line(
      'regency-gap',
      'territory',
      { 'line-color': token('--m-coast'), 'line-width': byZoom(1, 1.5, 1.5) },
      { 'source-layer': 'regency' },
    ),
    line(
      'district-focus',
      'territory',
      { 'line-color': token('--c-ink-3'), 'line-width': 1.5, 'line-opacity': shown(flag('focus')) },
      { 'source-layer': 'district' },
    ),
    line('dark-rim-ground', 'rim', { 'line-color': token('--m-ground'), 'line-width': 4 }),
    line('dark-rim', 'rim', { 'line-color': token('--m-dark-edge'), 'line-width': 1.8 }),
  ];
}

function links(token: Token, clustersUntil: number): unknown[] {
  const load = state('load', -1);
  const colour = expression(
    'step',
    load,
    token('--m-dead'),
    0,
    ...[0, 25, 50, 70, 85, 95].flatMap((from, i) => (i === 0 ? [token('--c-load-0')] : [from, token(`--c-load-${i}`)])),
  );
  const gone = expression('any', flag('dead'), flag('cut'));
  const alive = expression('!', gone);
  const width = (factor: number, plus: number) => expression('+', ['*', ['get', 'w'], factor], plus);
  const widths = (plus = 0) => byZoom(width(1, plus), width(1.15, plus), width(1.35, plus));
  const isRadio = expression('==', ['get', 'm'], 'radio');
  const dash = expression(
    'case',
    isRadio,
    ['case', ['==', ['get', 't'], 1], ['literal', [3.33, 2]], ['literal', [3.55, 2.67]]],
    ['literal', [1, 0]],
  );
  const trunk = ['==', ['get', 't'], 1];
  const round = { 'line-cap': 'round' };
  return [
    {
      id: 'link-branch',
      type: 'line',
      source: 'link',
      minzoom: clustersUntil,
      filter: ['all', ['==', ['get', 't'], 0], ['==', ['get', 'g'], 0]],
      paint: {
        'line-color': colour,
        'line-width': widths(),
        'line-dasharray': dash,
        'line-opacity': expression('step', ['zoom'], shown(alive, 0.62), NEAR, shown(alive, 0.95)),
      },
    },
    {
      id: 'link-branch-agency',
      type: 'line',
      source: 'link',
      minzoom: NEAR,
      filter: ['all', ['==', ['get', 't'], 0], ['==', ['get', 'g'], 1]],
      paint: { 'line-color': colour, 'line-width': widths(), 'line-opacity': shown(alive, 0.95) },
    },
    {
      id: 'link-dead',
      type: 'line',
      source: 'link',
      minzoom: clustersUntil,
      layout: round,
      paint: {
        'line-color': token('--m-dead'),
        'line-width': expression('max', 1, ['*', ['get', 'w'], 0.8]),
        'line-dasharray': [1.2, 3],
        'line-opacity': shown(flag('dead'), 0.55),
      },
    },
    {
      id: 'link-trunk-casing',
      type: 'line',
      source: 'link',
      filter: trunk,
      layout: round,
      paint: { 'line-color': token('--m-casing'), 'line-width': widths(2.6), 'line-opacity': shown(alive, 0.9) },
    },
    {
      id: 'link-trunk',
      type: 'line',
      source: 'link',
      filter: trunk,
      layout: { 'line-cap': expression('case', isRadio, 'butt', 'round') },
      paint: { 'line-color': colour, 'line-width': widths(), 'line-dasharray': dash, 'line-opacity': shown(alive) },
    },
    {
      // Busier above without a sort key, which cannot follow a state.
      id: 'link-trunk-hot',
      type: 'line',
      source: 'link',
      filter: ['all', trunk, ['!=', ['get', 'm'], 'radio']],
      layout: round,
      paint: {
        'line-color': colour,
        'line-width': widths(),
        'line-opacity': shown(expression('all', ['>=', load, 85], alive)),
      },
    },
    {
      id: 'link-select',
      type: 'line',
      source: 'link',
      layout: round,
      paint: {
        'line-color': token('--c-accent'),
        'line-width': widths(7),
        'line-opacity': shown(flag('select'), 0.35),
      },
    },
  ];
}

function sites(token: Token, clustersUntil: number): unknown[] {
  const ofKind = (kind: string) => ['==', ['get', 't'], kind];
  const isVillage = expression('==', ['get', 't'], 'village');
  const isAgency = expression('==', ['get', 't'], 'agency');
  const onTop = { 'icon-allow-overlap': true, 'icon-ignore-placement': true };
  const widths = (plus: number) => {
    const width = (factor: number) => expression('+', ['*', ['get', 'w'], factor], plus);
    return byZoom(width(1), width(1.15), width(1.35));
  };
  // An agency that is fine is not told apart until AGENCIES; one that is not fine is from NEAR on.
  const glyph = (name: string, code: StateCode, minzoom: number) => ({
    id: `glyph-${name}`,
    type: 'symbol',
    source: 'site',
    minzoom,
    layout: {
      'icon-image': name,
      ...onTop,
      'icon-size': byZoom(['case', isVillage, 0.86, 1], ['case', isVillage, 0.86, 1], 1.25),
    },
    paint: {
      'icon-opacity': expression('step', ['zoom'], ['case', isAgency, 0, shown(is(code))], NEAR, shown(is(code))),
    },
  });
  return [
    {
      id: 'site-village',
      type: 'circle',
      source: 'site',
      minzoom: clustersUntil,
      filter: ['all', ofKind('village'), ['==', ['get', 'u'], '']],
      paint: {
        'circle-radius': byZoom(['case', is(DARK), 2.1, 1.9], ['case', is(DARK), 2.1, 2.6], 3.6),
        'circle-color': token('--c-up'),
        'circle-opacity': shown(is(UP)),
        'circle-stroke-color': token('--m-dark-label'),
        'circle-stroke-width': shown(is(DARK)),
        'circle-stroke-opacity': expression('step', ['zoom'], shown(is(DARK), 0.75), NEAR, 0),
      },
    },
    {
      id: 'site-last-mile',
      type: 'symbol',
      source: 'site',
      minzoom: clustersUntil,
      filter: ['all', ofKind('village'), ['!=', ['get', 'u'], '']],
      layout: { 'icon-image': ['get', 'u'], ...onTop, 'icon-size': byZoom(0.55, 0.8, 1.1) },
      paint: { 'icon-opacity': shown(is(UP)) },
    },
    ...(['hub', 'hub-dark'] as const).map((name) => ({
      id: `site-${name}`,
      type: 'symbol',
      source: 'site',
      minzoom: clustersUntil,
      filter: ofKind('district'),
      layout: { 'icon-image': name, ...onTop, 'icon-size': byZoom(1, 1.35, 1.75) },
      paint: {
        'icon-opacity': name === 'hub' ? shown(is(UP)) : expression('step', ['zoom'], shown(is(DARK)), NEAR, 0),
      },
    })),
    {
      id: 'site-agency',
      type: 'symbol',
      source: 'site',
      minzoom: AGENCIES,
      filter: ofKind('agency'),
      layout: { 'icon-image': 'agency', ...onTop, 'icon-size': 1.25 },
      paint: { 'icon-opacity': shown(is(UP)) },
    },
    {
      id: 'link-cut-casing',
      type: 'line',
      source: 'cut',
      layout: { 'line-cap': 'round' },
      paint: { 'line-color': token('--m-casing'), 'line-width': widths(5) },
    },
    {
      id: 'link-cut-live',
      type: 'line',
      source: 'cut',
      filter: ['==', ['get', 'end'], 'live'],
      layout: { 'line-cap': 'round' },
      paint: { 'line-color': token('--c-down'), 'line-width': widths(1.4) },
    },
    {
      id: 'link-cut-dead',
      type: 'line',
      source: 'cut',
      filter: ['==', ['get', 'end'], 'dead'],
      layout: { 'line-cap': 'round' },
      paint: { 'line-color': token('--c-down'), 'line-width': widths(1.4), 'line-dasharray': [0.1, 1.9] },
    },
    {
      id: 'glyph-ground',
      type: 'circle',
      source: 'site',
      minzoom: clustersUntil,
      paint: {
        'circle-color': token('--m-casing'),
        'circle-radius': expression('step', ['zoom'], 8.6, NEAR, 11.2),
        'circle-opacity': expression(
          'step',
          ['zoom'],
          shown(expression('all', ['!', is(UP)], ['!', is(DARK)], ['!', isAgency]), 0.75),
          NEAR,
          shown(expression('!', is(UP)), 0.75),
        ),
      },
    },
    glyph('unreachable', DARK, NEAR),
    glyph('maintenance', MAINTENANCE, clustersUntil),
    glyph('unknown', UNKNOWN, clustersUntil),
    glyph('down', DOWN, clustersUntil),
    {
      id: 'site-pop',
      type: 'symbol',
      source: 'site',
      filter: ofKind('pop'),
      layout: {
        'icon-image': 'pop',
        ...onTop,
        'icon-size': byZoom(
          ['case', ['==', ['get', 'dc'], 1], 1.28, 1],
          ['case', ['==', ['get', 'dc'], 1], 1.28, 1],
          1.6,
        ),
      },
      paint: {
        'icon-opacity': expression(
          'step',
          ['zoom'],
          ['case', ['==', ['get', 'dc'], 1], 0, shown(is(UP))],
          clustersUntil,
          shown(is(UP)),
        ),
      },
    },
    ring('select-soft', 18, 5, token('--c-accent'), 0.3),
    ring('select', 14, 2.4, token('--c-accent'), 1),
  ];
}

function ring(id: string, radius: number, width: number, colour: string, opacity: number): unknown {
  return {
    id,
    type: 'circle',
    source: 'site',
    maxzoom: CLOSEST + 1,
    paint: {
      'circle-radius': radius,
      'circle-opacity': 0,
      'circle-stroke-width': width,
      'circle-stroke-color': colour,
      'circle-stroke-opacity': shown(flag('select'), opacity),
    },
  };
}
