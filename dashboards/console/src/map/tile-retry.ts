import type { Map as LibreMap } from 'maplibre-gl';
import { backoffMs } from '../lib/backoff.ts';

/** MapLibre leaves a tile that failed as a hole for good. This asks for all tiles of a source again, later each time. */
export class TileRetry {
  readonly #map: LibreMap;
  readonly #source: string;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(map: LibreMap, source: string) {
    this.#map = map;
    this.#source = source;
    map.on('error', (event) => {
      if ('sourceId' in event && event.sourceId === source) this.#later();
    });
    map.on('sourcedata', (event) => {
      if (event.sourceId === source && event.isSourceLoaded && this.#timer === undefined) this.#failures = 0;
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #later(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#map.getSource(this.#source)) this.#map.refreshTiles(this.#source);
      },
      backoffMs(++this.#failures),
    );
  }
}
