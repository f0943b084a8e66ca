import type { Map as LibreMap } from 'maplibre-gl';
import type { Bounds } from './bounds.ts';
import { CLOSEST, MID } from './zooms.ts';

/** What cards cover at each side, in pixels. */
export interface Padding {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

/**
 * Where the map looks. As long as nobody moved it, it shows the whole region in whatever room is left: a panel that
 * opens moves it aside.
 */
export class Camera {
  readonly #map: LibreMap;
  #home: Bounds;
  #padding: Padding;
  #fitted: boolean;

  constructor(map: LibreMap, options: { readonly home: Bounds; readonly padding: Padding; readonly fitted: boolean }) {
    this.#map = map;
    this.#home = options.home;
    this.#padding = options.padding;
    this.#fitted = options.fitted;
    map.on('movestart', ({ originalEvent }) => {
      if (originalEvent) this.#fitted = false;
    });
    map.on('resize', () => {
      if (this.#fitted) this.fit();
    });
  }

  /** Whether it shows the whole region. */
  get fitted(): boolean {
    return this.#fitted;
  }

  setPadding(padding: Padding): void {
    const same = JSON.stringify(padding) === JSON.stringify(this.#padding);
    this.#padding = padding;
    if (!same && this.#fitted) this.fit();
  }

  setHome(home: Bounds): void {
    const same = home.join() === this.#home.join();
    this.#home = home;
    if (!same) this.fit();
  }

  fit(): void {
    this.#fitted = true;
    this.#fitBounds(this.#home);
  }

  fitBounds(bounds: Bounds): void {
    this.#fitted = false;
    this.#fitBounds(bounds);
  }

  /** Moves only when some of it lies outside of the free part, and no further than it takes. */
  bringIntoView(bounds: Bounds): void {
    if (this.#fitted) return;
    const [a, b] = [this.#map.project([bounds[0], bounds[3]]), this.#map.project([bounds[2], bounds[1]])];
    const { left, top, width, height } = this.#free();
    if (b.x - a.x > width || b.y - a.y > height || b.x - a.x < 40) return this.fitBounds(bounds);
    const beyond = (low: number, high: number, from: number, to: number) =>
      Math.min(0, low - from) + Math.max(0, high - to);
    this.panBy(beyond(a.x, b.x, left, left + width), beyond(a.y, b.y, top, top + height));
  }

  /** Goes to a place that is not in view, near enough to read its name. */
  show(longitude: number, latitude: number): void {
    if (this.#fitted) return; // everything is in view, or will be when the panel has taken its room
    const at = this.#map.project([longitude, latitude]);
    const { left, top, width, height } = this.#free();
    const edge = 24;
    const inView = at.x > left + edge && at.x < left + width - edge && at.y > top + edge && at.y < top + height - edge;
    if (inView) return;
    this.goTo(longitude, latitude, Math.max(this.#map.getZoom(), MID + 0.4));
  }

  goTo(longitude: number, latitude: number, zoom: number): void {
    const { top, right, bottom, left } = this.#padding;
    this.#fitted = false;
    this.#map.easeTo({
      center: [longitude, latitude],
      zoom: Math.min(CLOSEST, zoom),
      offset: [(left - right) / 2, (top - bottom) / 2],
      duration: ease(),
    });
  }

  zoomBy(steps: number): void {
    this.#fitted = false;
    this.#map.easeTo({ zoom: this.#map.getZoom() + steps, duration: ease() });
  }

  panBy(x: number, y: number): void {
    this.#fitted = false;
    this.#map.panBy([x, y], { duration: ease() });
  }

  #fitBounds(bounds: Bounds): void {
    this.#map.fitBounds([...bounds], { padding: { ...this.#padding }, duration: ease(), maxZoom: CLOSEST - 1 });
  }

  #free(): { left: number; top: number; width: number; height: number } {
    const { clientWidth, clientHeight } = this.#map.getCanvas();
    const { top, right, bottom, left } = this.#padding;
    return { left, top, width: clientWidth - left - right, height: clientHeight - top - bottom };
  }
}

const ease = () => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 280);
