import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';
import 'maplibre-gl/dist/maplibre-gl.css';
import { Map as LibreMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { MapView, TerritoryView } from '../../../src/api/views.ts';
import type { Place } from '../src/map/map-options.ts';
import { NetworkMap } from '../src/map/network-map.ts';
import { codeOf, type MapStateView } from '../src/map/states.ts';
import '../src/styles/tokens.css';
import '../src/styles/map.css';

/**
 * The page of the benchmark `map`: `?who=console` is the console's own map, `?who=circles` MapLibre with nothing but a
 * circle for each village. `&zoom=` looks at the middle from so near, else the whole is in view.
 */
interface Drawn {
  readonly map: LibreMap;
  /** Draws these states; what is not named is up. */
  show(states: ReadonlyMap<string, MapStateView>): void;
}

/** What the benchmark calls; each resolves when so many frames are drawn. */
interface MapBench {
  pan(frames: number): Promise<void>;
  change(frames: number): Promise<void>;
}
declare global {
  interface Window {
    mapBench?: MapBench;
  }
}

const changesAFrame = 40;
/** A place is not up for so many frames. */
const outageFrames = 10;
const words = ['down', 'unreachable', 'unknown', 'maintenance'] as const;

const query = new URLSearchParams(location.search);
const zoom = query.get('zoom');
const { territory, view } = (await (await fetch('/data.json')).json()) as { territory: TerritoryView; view: MapView };
const villages = view.sites.filter((site) => site.kind === 'village');
const [west, south, east, north] = territory.bounds;
const place: Place | null =
  zoom === null ? null : { longitude: (west + east) / 2, latitude: (south + north) / 2, zoom: Number(zoom) };
const container = document.getElementById('map');
if (container === null) throw new Error('the page has no element for the map');
const drawn = query.get('who') === 'circles' ? circles(container) : await ownMap(container);
await idle();
const seen = villages.filter(({ longitude, latitude }) => drawn.map.getBounds().contains([longitude, latitude]));
window.mapBench = {
  pan: (frames) => draw(frames, (i) => void drawn.map.panBy([(i >> 3) % 2 === 0 ? 12 : -12, 2], { duration: 0 })),
  change: (frames) => {
    const states = new Map<string, MapStateView>();
    const begun: (readonly string[])[] = [];
    return draw(frames, (i) => {
      if (begun.length === outageFrames) for (const id of begun.shift() ?? []) states.delete(id);
      const now = Array.from({ length: changesAFrame / 2 }, (_, k) => inView(i * 20 + k * 7));
      for (const [k, id] of now.entries()) {
        states.set(id, { id, state: words[(i + k) % words.length] ?? 'down', since: 0, cause: null });
      }
      begun.push(now);
      drawn.show(new Map(states));
    });
  },
};

async function ownMap(element: HTMLElement): Promise<Drawn> {
  const nothing = (): void => undefined;
  const own = await NetworkMap.create({
    container: element,
    territory,
    view,
    picture: { sites: new Map(), links: new Map() },
    scope: null,
    padding: { top: 20, right: 20, bottom: 20, left: 20 },
    place,
    phone: false,
    still: null,
    words: {
      dark: (count) => `${count} desa`,
      agencies: (count) => `${count} OPD`,
      percent: (value) => `${value} %`,
      cutAt: () => '',
      cutLabel: () => '',
    },
    onselect: nothing,
    onhover: nothing,
    onmove: nothing,
    onfallback: () => {
      throw new Error('WebGL2 was refused');
    },
  });
  return { map: own.map, show: (sites) => own.setPicture({ sites, links: new Map() }) };
}

function circles(element: HTMLElement): Drawn {
  setWorkerUrl(workerUrl);
  const map = new LibreMap({
    container: element,
    ...(place
      ? { center: [place.longitude, place.latitude], zoom: place.zoom }
      : { bounds: [west, south, east, north], fitBoundsOptions: { padding: 20 } }),
    attributionControl: false,
    fadeDuration: 0,
    renderWorldCopies: false,
    canvasContextAttributes: { antialias: false },
    style: {
      version: 8,
      sources: {
        site: {
          type: 'geojson',
          promoteId: 'id',
          maxzoom: 12,
          data: {
            type: 'FeatureCollection',
            features: villages.map(({ id, longitude, latitude }) => ({
              type: 'Feature',
              properties: { id },
              geometry: { type: 'Point', coordinates: [longitude, latitude] },
            })),
          },
        },
      },
      layers: [
        { id: 'ground', type: 'background', paint: { 'background-color': '#dde' } },
        {
          id: 'site',
          type: 'circle',
          source: 'site',
          paint: {
            'circle-radius': 2,
            'circle-color': ['case', ['==', ['coalesce', ['feature-state', 'st'], 0], 0], '#274', '#c22'],
          },
        },
      ],
      transition: { duration: 0 },
    },
  });
  let shown: ReadonlyMap<string, MapStateView> = new Map();
  return {
    map,
    show: (states) => {
      for (const id of shown.keys()) if (!states.has(id)) map.setFeatureState({ source: 'site', id }, { st: 0 });
      for (const [id, { state }] of states) {
        if (shown.get(id)?.state !== state) map.setFeatureState({ source: 'site', id }, { st: codeOf(state) });
      }
      shown = states;
    },
  };
}

/** Villages that are seen, in a fixed order. */
function inView(n: number): string {
  return seen[n % seen.length]?.id ?? '';
}
async function draw(frames: number, step: (i: number) => void): Promise<void> {
  for (let i = 0; i < frames; i++) {
    step(i);
    const rendered = drawn.map.once('render');
    // Not before the states are applied, which the console does at the next frame.
    requestAnimationFrame(() => drawn.map.triggerRepaint());
    await rendered;
  }
}

async function idle(): Promise<void> {
  const quiet = drawn.map.once('idle');
  drawn.map.triggerRepaint();
  await quiet;
}
