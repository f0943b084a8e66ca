import type { Map as LibreMap } from 'maplibre-gl';
import type { Token } from './tokens.ts';

type Box = readonly [left: number, top: number, right: number, bottom: number];

interface Place {
  readonly longitude: number;
  readonly latitude: number;
  /** The lower, the earlier it takes its room. */
  readonly rank: number;
  /** Shown from this zoom on, and below that one. */
  readonly from: number;
  readonly until: number;
}

/** Keeps names away from a sign that MapLibre draws. */
export interface Block extends Place {
  readonly kind: 'block';
  readonly radius: number;
}
/** A name beside a point; a fixed offset, or the first of four sides that is free. */
export interface Name extends Place {
  readonly kind: 'name';
  readonly text: string;
  readonly size: number;
  readonly weight: number;
  readonly gap: number;
  readonly fill: string;
  readonly halo: string;
  readonly offset?: readonly [x: number, y: number];
}
/** In the middle of an area; `others` are places to try when the first is taken. */
export interface AreaName extends Place {
  readonly kind: 'area';
  readonly text: string;
  readonly size: number;
  readonly weight: number;
  readonly spacing: number;
  readonly italic: boolean;
  readonly fill: string;
  readonly halo: string;
  readonly others: readonly (readonly number[])[];
}
/** Load on a link, or the pill of the town's agencies. */
export interface Chip extends Place {
  readonly kind: 'chip';
  readonly text: string;
  /** Token of its edge where it needs someone; null: a quiet one. */
  readonly edge: string | null;
  readonly quiet: boolean;
  readonly offset: readonly [x: number, y: number];
}
export interface Cluster extends Place {
  readonly kind: 'cluster';
  readonly text: string;
  readonly radius: number;
  /** Share that is not up, drawn as an arc in the colour of the worst. */
  readonly share: number;
  readonly worst: 'down' | 'unreachable' | 'unknown' | 'maintenance' | null;
}
export type Item = Block | Name | AreaName | Chip | Cluster;

const family = '"Atkinson Hyperlegible Next Variable", "Atkinson Hyperlegible Next", sans-serif';
export const fontsUsed = ['400', '550', '650'].map((weight) => `${weight} 12px ${family}`);

/**
 * Names, load chips and clusters: one 2D canvas over the map, painted in the map's own `render` event and placed
 * greedily by rank, so that text is hinted, never covers a sign and moves with the map. Rotation and pitch are off:
 * a place is two multiplications away from its pixel.
 */
export class Overlay {
  readonly #map: LibreMap;
  readonly #canvas = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D | null;
  readonly #widths = new Map<string, number>();
  #items: readonly Item[] = [];
  #token: Token;
  #icons: Readonly<Record<string, CanvasImageSource>> = {};
  /** Room taken by HTML over the map (chips of cuts), asked for at every frame. */
  taken: () => readonly Box[] = () => [];
  /** What cards cover at the sides: names of neighbours keep out of it. */
  padding = { top: 0, right: 0, bottom: 0, left: 0 };

  constructor(map: LibreMap, token: Token) {
    this.#map = map;
    this.#token = token;
    this.#context = this.#canvas.getContext('2d');
    this.#canvas.className = 'map-overlay';
    this.#canvas.setAttribute('aria-hidden', 'true');
    map.getCanvasContainer().append(this.#canvas);
    map.on('render', () => this.#draw());
  }

  set(items: readonly Item[]): void {
    this.#items = items.toSorted((a, b) => a.rank - b.rank);
    this.#map.triggerRepaint();
  }

  retheme(token: Token, icons: Readonly<Record<string, CanvasImageSource>>): void {
    this.#token = token;
    this.#icons = icons;
    this.#map.triggerRepaint();
  }

  /** Cluster at a pixel of the map, for clicks. */
  clusterAt(x: number, y: number): Cluster | null {
    const project = this.#projection();
    const zoom = this.#map.getZoom();
    for (const item of this.#items) {
      if (item.kind !== 'cluster' || zoom < item.from || zoom >= item.until) continue;
      const [cx, cy] = project(item.longitude, item.latitude);
      if (Math.hypot(cx - x, cy - y) <= item.radius + 6) return item;
    }
    return null;
  }

  #projection(): (longitude: number, latitude: number) => readonly [number, number] {
    const canvas = this.#map.getCanvas();
    const scale = 512 * 2 ** this.#map.getZoom();
    const centre = this.#map.getCenter();
    const left = mercatorX(centre.lng) * scale - canvas.clientWidth / 2;
    const top = mercatorY(centre.lat) * scale - canvas.clientHeight / 2;
    return (longitude, latitude) => [mercatorX(longitude) * scale - left, mercatorY(latitude) * scale - top];
  }

  #draw(): void {
    const context = this.#context;
    if (!context) return;
    const { clientWidth: width, clientHeight: height } = this.#map.getCanvas();
    const ratio = this.#map.getPixelRatio();
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
      this.#canvas.style.width = `${width}px`;
      this.#canvas.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.lineJoin = 'round';
    context.textBaseline = 'alphabetic';
    const room = new Room(width, height);
    for (const box of this.taken()) room.take(box);
    const project = this.#projection();
    const zoom = this.#map.getZoom();
    for (const item of this.#items) {
      if (zoom < item.from || zoom >= item.until) continue;
      const [x, y] = project(item.longitude, item.latitude);
      if (x < -60 || y < -40 || x > width + 60 || y > height + 40) continue;
      switch (item.kind) {
        case 'block':
          room.take([x - item.radius, y - item.radius, x + item.radius, y + item.radius]);
          break;
        case 'name':
          this.#drawName(context, room, item, x, y);
          break;
        case 'area':
          this.#drawAreaName(context, room, item, [
            [x, y],
            ...item.others.map(([lon = 0, lat = 0]) => project(lon, lat)),
          ]);
          break;
        case 'chip':
          this.#drawChip(context, room, item, x, y);
          break;
        case 'cluster':
          this.#drawCluster(context, room, item, x, y);
          break;
      }
    }
  }

  #drawName(context: CanvasRenderingContext2D, room: Room, item: Name, x: number, y: number): void {
    const font = `${item.weight} ${item.size}px ${family}`;
    const width = this.#width(context, item.text, font, 0);
    const { gap, size } = item;
    const tries: readonly (readonly [CanvasTextAlign, number, number])[] = item.offset
      ? [['left', item.offset[0], item.offset[1]]]
      : [
          ['left', gap, size * 0.35],
          ['right', -gap, size * 0.35],
          ['center', 0, -gap - size * 0.1],
          ['center', 0, gap + size * 0.85],
        ];
    for (const [align, dx, dy] of tries) {
      const left = x + dx - (align === 'left' ? 0 : align === 'right' ? width : width / 2);
      const baseline = y + dy;
      const box: Box = [left - 2, baseline - size * 1.1, left + width + 2, baseline + size * 0.3];
      // A fixed place is the town's: it stands whatever is there.
      if (!item.offset && !room.free(box, 4)) continue;
      room.take(box);
      text(context, item.text, left, baseline, {
        font,
        fill: item.fill,
        halo: item.halo,
        haloWidth: size > 14 ? 3.5 : 3,
      });
      return;
    }
  }

  #drawAreaName(
    context: CanvasRenderingContext2D,
    room: Room,
    item: AreaName,
    places: readonly (readonly [number, number])[],
  ): void {
    const font = `${item.italic ? 'italic ' : ''}${item.weight} ${item.size}px ${family}`;
    const width = this.#width(context, item.text, font, item.spacing);
    for (const [x, y] of places) {
      const baseline = y + item.size * 0.35;
      const box: Box = [x - width / 2 - 3, baseline - item.size, x + width / 2 + 3, baseline + item.size * 0.35];
      if (!room.free(box, 6) || (item.italic && this.#covered(box))) continue;
      room.take(box);
      const { fill, halo, spacing } = item;
      text(context, item.text, x - width / 2, baseline, { font, fill, halo, haloWidth: 4, spacing });
      return;
    }
  }

  #drawChip(context: CanvasRenderingContext2D, room: Room, item: Chip, x: number, y: number): void {
    const size = item.quiet ? 10.5 : 11;
    const font = `600 ${size}px ${family}`;
    const width = this.#width(context, item.text, font, 0) + (item.quiet ? 12 : 10);
    const [cx, cy] = [x + item.offset[0] + (item.quiet ? width / 2 : 0), y + item.offset[1]];
    const box: Box = [cx - width / 2, cy - 9, cx + width / 2, cy + 9];
    if (!room.free(box, 0)) return;
    room.take(box);
    context.beginPath();
    context.roundRect(cx - width / 2, cy - 8.5, width, 17, 8.5);
    context.fillStyle = this.#token(item.quiet ? '--c-surface' : '--c-raised');
    context.fill();
    context.strokeStyle = this.#token(item.edge ?? '--c-line-strong');
    context.lineWidth = item.edge ? 1.6 : item.quiet ? 1 : 0.8;
    context.stroke();
    const fill = this.#token(item.quiet ? '--c-ink-2' : '--c-ink');
    const left = cx - this.#width(context, item.text, font, 0) / 2;
    text(context, item.text, left, cy + 3.8, { font, fill, halo: '', haloWidth: 0 });
  }

  #drawCluster(context: CanvasRenderingContext2D, room: Room, item: Cluster, x: number, y: number): void {
    const r = item.radius;
    const dark = item.worst === 'unreachable';
    room.take([x - r, y - r, x + r, y + r]);
    const disc = (radius: number, fill: string) => {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fillStyle = fill;
      context.fill();
    };
    context.globalAlpha = 0.9;
    disc(r + 2, this.#token('--m-casing'));
    context.globalAlpha = 1;
    disc(r, this.#token(dark ? '--m-dark' : '--c-surface'));
    context.strokeStyle = this.#token('--c-line-strong');
    context.lineWidth = 1.4;
    context.stroke();
    if (item.worst) {
      const [middle, half] = [-Math.PI / 4, Math.PI * item.share];
      context.beginPath();
      context.arc(x, y, r, middle - half, middle + half);
      context.strokeStyle = this.#token(`--c-${item.worst}`);
      context.lineWidth = 3;
      context.stroke();
      const sign = this.#icons[item.worst];
      if (sign) context.drawImage(sign, x + r * 0.8 - 6.8, y - r * 0.8 - 6.8, 13.6, 13.6);
      room.take([x, y - r * 1.5, x + r * 1.7, y]);
    }
    const font = `650 11.5px ${family}`;
    const fill = this.#token(dark ? '--m-dark-label' : '--c-ink');
    text(context, item.text, x - this.#width(context, item.text, font, 0) / 2, y + 4, {
      font,
      fill,
      halo: '',
      haloWidth: 0,
    });
  }

  #covered([left, , right]: Box): boolean {
    const beside = (padding: number) => (padding > 200 ? padding - 16 : 0);
    return left < beside(this.padding.left) || right > this.#map.getCanvas().clientWidth - beside(this.padding.right);
  }

  #width(context: CanvasRenderingContext2D, words: string, font: string, spacing: number): number {
    const key = `${font}|${spacing}|${words}`;
    let width = this.#widths.get(key);
    if (width === undefined) {
      if (this.#widths.size > 5000) this.#widths.clear();
      context.font = font;
      context.letterSpacing = '0px';
      width = context.measureText(words).width + spacing * words.length;
      this.#widths.set(key, width);
    }
    return width;
  }
}

interface Ink {
  readonly font: string;
  readonly fill: string;
  readonly halo: string;
  readonly haloWidth: number;
  readonly spacing?: number;
}

function text(context: CanvasRenderingContext2D, words: string, left: number, baseline: number, ink: Ink): void {
  context.font = ink.font;
  context.letterSpacing = `${ink.spacing ?? 0}px`;
  context.textAlign = 'left';
  if (ink.halo !== '') {
    context.strokeStyle = ink.halo;
    context.lineWidth = ink.haloWidth;
    context.strokeText(words, left, baseline);
  }
  context.fillStyle = ink.fill;
  context.fillText(words, left, baseline);
}

/** What is taken on the canvas, in cells of 64 px. */
class Room {
  readonly #cells = new Map<number, Box[]>();
  readonly #width: number;
  readonly #height: number;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
  }

  free(box: Box, margin: number): boolean {
    if (box[0] < margin || box[1] < margin || box[2] > this.#width - margin || box[3] > this.#height - margin)
      return false;
    for (const key of cellsOf(box)) {
      for (const other of this.#cells.get(key) ?? []) {
        if (box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]) return false;
      }
    }
    return true;
  }

  take(box: Box): void {
    for (const key of cellsOf(box)) {
      const list = this.#cells.get(key);
      if (list) list.push(box);
      else this.#cells.set(key, [box]);
    }
  }
}

function* cellsOf([left, top, right, bottom]: Box): Iterable<number> {
  for (let i = Math.floor(left / 64); i <= Math.floor(right / 64); i++) {
    for (let j = Math.floor(top / 64); j <= Math.floor(bottom / 64); j++) yield i * 4096 + j;
  }
}

const mercatorX = (longitude: number) => (longitude + 180) / 360;
const mercatorY = (latitude: number) =>
  0.5 - Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) / (2 * Math.PI);
