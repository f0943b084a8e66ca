import type { LayerSpecification } from 'maplibre-gl';
import { links } from './link-layers.ts';
import { sites } from './site-layers.ts';
import { DARK, MAINTENANCE, UNKNOWN, type StateCode } from './states.ts';
import { ground, territories } from './territory-layers.ts';
import type { Token } from './tokens.ts';

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
export const siteLayers = ['site-dc', 'site-pop', 'site-hub', 'site-agency', 'site-village', 'site-last-mile'];
export const linkLayers = ['link-trunk', 'link-branch', 'link-branch-agency', 'link-cut-live', 'link-cut-dead'];
