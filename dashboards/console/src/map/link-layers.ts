import { byZoom, expression, flag, shown, state } from './expressions.ts';
import type { Token } from './tokens.ts';
import { NEAR } from './zooms.ts';

/** Width is capacity, line is medium, colour is load; one layer carries all media, as dashes may follow data. */
export function links(token: Token, clustersUntil: number): unknown[] {
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
