import { byZoom, expression, flag, is, shown } from './expressions.ts';
import { DARK, DOWN, MAINTENANCE, SLOW, UNKNOWN, type StateCode } from './states.ts';
import type { Token } from './tokens.ts';

/** Ground, graticule, and the coast with its fading rims. */
export function ground(token: Token): unknown[] {
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

/** Territories by state, their seams and gaps, and the rim around what is dark. */
export function territories(token: Token): unknown[] {
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
          is(SLOW),
          token('--c-warning-soft'),
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
