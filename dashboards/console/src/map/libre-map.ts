import { Map as LibreMap, setWorkerUrl, type StyleSpecification } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { Bounds } from './bounds.ts';
import type { MapOptions } from './map-options.ts';
import { fontsUsed } from './overlay.ts';
import { CLOSEST, FAREST } from './zooms.ts';

/** MapLibre as this map uses it: flat, north up, without tiles of others. Throws where WebGL2 is refused. */
export async function makeLibreMap(
  options: Pick<MapOptions, 'container' | 'place' | 'padding' | 'still'>,
  home: Bounds,
  style: StyleSpecification,
): Promise<LibreMap> {
  setWorkerUrl(workerUrl);
  // Before the first draw: else widths and the cache of glyphs hold the wrong face.
  await Promise.all(fontsUsed.map((font) => document.fonts.load(font)));
  const { container, place, padding, still } = options;
  const map = new LibreMap({
    container,
    style,
    ...(place
      ? { center: [place.longitude, place.latitude], zoom: place.zoom }
      : { bounds: [...home], fitBoundsOptions: { padding: { ...padding } } }),
    minZoom: FAREST,
    maxZoom: CLOSEST,
    attributionControl: false,
    fadeDuration: 0,
    dragRotate: false,
    pitchWithRotate: false,
    maxPitch: 0,
    renderWorldCopies: false,
    keyboard: false,
    interactive: still === null,
    pixelRatio: devicePixelRatio * (still ?? 1),
    canvasContextAttributes: { antialias: false },
  });
  map.touchZoomRotate.disableRotation();
  // The canvas is a picture; the region around it is what the keyboard reaches.
  map.getCanvas().removeAttribute('tabindex');
  map.getCanvas().setAttribute('aria-hidden', 'true');
  await map.once('style.load');
  return map;
}
