import { Marker, type Map as LibreMap } from 'maplibre-gl';
import { cutMark, type CutBox } from './cut-mark.ts';
import type { Cut } from './cuts.ts';

export interface CutTexts {
  readonly text: string;
  /** How much is dark behind it; null where nothing is. */
  readonly dark: string | null;
  readonly label: string;
}

/** The crosses and chips of cut links: HTML over the map, made anew only when one of them changes. */
export class CutMarkers {
  readonly #map: LibreMap;
  readonly #onopen: (linkId: string) => void;
  #markers: { marker: Marker; boxes: () => readonly CutBox[] }[] = [];
  #drawn = '';
  /** How far the map is away, as the style sheet knows it: the room of a chip depends on it. */
  level = '';

  constructor(map: LibreMap, onopen: (linkId: string) => void) {
    this.#map = map;
    this.#onopen = onopen;
  }

  /** Returns whether anything changed. */
  draw(cuts: readonly Cut[], texts: (cut: Cut) => CutTexts): boolean {
    const wanted = cuts.map((cut) => ({ cut, texts: texts(cut) }));
    const key = JSON.stringify(wanted);
    if (key === this.#drawn) return false;
    this.#drawn = key;
    this.remove();
    this.#markers = wanted.map((one) => this.#make(one.cut, one.texts));
    return true;
  }

  boxes(): CutBox[] {
    return this.#markers.flatMap(({ boxes }) => boxes());
  }

  remove(): void {
    for (const { marker } of this.#markers) marker.remove();
    this.#markers = [];
  }

  #make(cut: Cut, texts: CutTexts): { marker: Marker; boxes: () => readonly CutBox[] } {
    const mark = cutMark(cut, { ...texts, onopen: () => this.#onopen(cut.linkId) });
    const at: [number, number] = [cut.at[0], cut.at[1]];
    const marker = new Marker({ element: mark.element, anchor: 'center', subpixelPositioning: true });
    marker.setLngLat(at).addTo(this.#map);
    // Asked for once it is there and not at every frame: a look at the layout costs more than the map.
    let known: readonly CutBox[] = [];
    let knownFor: string | null = null;
    const boxes = () => {
      const { x, y } = this.#map.project(at);
      if (this.level !== knownFor) [known, knownFor] = [mark.boxes(), this.level];
      return known.map(([left, top, right, bottom]) => [x + left, y + top, x + right, y + bottom] as const);
    };
    return { marker, boxes };
  }
}
