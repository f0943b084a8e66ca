import { byZoom, expression, flag, is, shown } from './expressions.ts';
import { DARK, DOWN, MAINTENANCE, UNKNOWN, UP, type StateCode } from './states.ts';
import type { Token } from './tokens.ts';
import { AGENCIES, CLOSEST, NEAR } from './zooms.ts';

/** Dots, hubs and POPs, the ends of cut links, the signs of states, and what is selected. */
export function sites(token: Token, clustersUntil: number): unknown[] {
  const ofKind = (kind: string) => ['==', ['get', 't'], kind];
  const isVillage = expression('==', ['get', 't'], 'village');
  const isAgency = expression('==', ['get', 't'], 'agency');
  const onTop = { 'icon-allow-overlap': true, 'icon-ignore-placement': true };
  const widths = (plus: number) => {
    const width = (factor: number) => expression('+', ['*', ['get', 'w'], factor], plus);
    return byZoom(width(1), width(1.15), width(1.35));
  };
  // An agency that is fine is not told apart until AGENCIES; one that is not fine is from NEAR on.
  const glyph = (name: string, code: StateCode, minzoom: number) =>
    (['', '-agency'] as const).map((suffix) => ({
      id: `glyph-${name}${suffix}`,
      type: 'symbol',
      source: 'site',
      minzoom: suffix === '' ? minzoom : Math.max(NEAR, minzoom),
      filter: suffix === '' ? ['!', isAgency] : isAgency,
      layout: {
        'icon-image': name,
        ...onTop,
        'icon-size': byZoom(['case', isVillage, 0.86, 1], ['case', isVillage, 0.86, 1], 1.25),
      },
      paint: { 'icon-opacity': shown(is(code)) },
    }));
  const glyphGround = (
    id: string,
    minzoom: number,
    maxzoom: number,
    radius: number,
    when: unknown,
    filter: unknown,
  ) => ({
    id,
    type: 'circle',
    source: 'site',
    minzoom,
    maxzoom,
    filter,
    paint: { 'circle-color': token('--m-casing'), 'circle-radius': radius, 'circle-opacity': shown(when, 0.75) },
  });
  return [
    {
      id: 'site-village',
      type: 'circle',
      source: 'site',
      minzoom: clustersUntil,
      filter: ['all', ofKind('village'), ['==', ['get', 'u'], '']],
      paint: {
        'circle-radius': byZoom(1.9, 2.6, 3.6),
        'circle-color': token('--c-up'),
        'circle-opacity': shown(is(UP)),
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
    // Far away a dark village is a small ring on the dark ground, near by it has its sign.
    {
      id: 'site-dark',
      type: 'circle',
      source: 'site',
      minzoom: clustersUntil,
      maxzoom: NEAR,
      filter: ofKind('village'),
      paint: {
        'circle-radius': 2.1,
        'circle-opacity': 0,
        'circle-stroke-color': token('--m-dark-label'),
        'circle-stroke-width': 1,
        'circle-stroke-opacity': shown(is(DARK), 0.75),
      },
    },
    ...(['hub', 'hub-dark'] as const).map((name) => ({
      id: `site-${name}`,
      type: 'symbol',
      source: 'site',
      minzoom: clustersUntil,
      ...(name === 'hub-dark' ? { maxzoom: NEAR } : {}),
      filter: name === 'hub' ? ofKind('district') : ['any', ofKind('district'), ofKind('pop')],
      layout: { 'icon-image': name, ...onTop, 'icon-size': byZoom(1, 1.35, 1.75) },
      paint: { 'icon-opacity': shown(is(name === 'hub' ? UP : DARK)) },
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
    glyphGround(
      'glyph-ground',
      clustersUntil,
      NEAR,
      8.6,
      expression('all', ['!', is(UP)], ['!', is(DARK)]),
      expression('!', isAgency),
    ),
    glyphGround('glyph-ground-near', NEAR, CLOSEST + 1, 11.2, expression('!', is(UP)), true),
    ...glyph('unreachable', DARK, NEAR),
    ...glyph('maintenance', MAINTENANCE, clustersUntil),
    ...glyph('unknown', UNKNOWN, clustersUntil),
    ...glyph('down', DOWN, clustersUntil),
    // Zoom steps that also read a state hold for a whole zoom: what must change in between has a layer of its own.
    pop('site-pop', ['!=', ['get', 'dc'], 1], 0, byZoom(1, 1, 1.6)),
    pop('site-dc', ['==', ['get', 'dc'], 1], clustersUntil, byZoom(1.28, 1.28, 1.6)),
    ring('select-soft', 18, 5, token('--c-accent'), 0.3),
    ring('select', 14, 2.4, token('--c-accent'), 1),
  ];
}

function pop(id: string, which: unknown, minzoom: number, size: unknown): unknown {
  return {
    id,
    type: 'symbol',
    source: 'site',
    minzoom,
    filter: ['all', ['==', ['get', 't'], 'pop'], which],
    layout: { 'icon-image': 'pop', 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-size': size },
    paint: { 'icon-opacity': shown(is(UP)) },
  };
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
