import type { Position } from 'geojson';
import type { TerritoryView } from '../../../../src/api/views.ts';

type Line = readonly Position[];

/** One connected dark area: outer ring, holes, and where a label has most room (looked for when asked). Degrees. */
export interface DarkArea {
  readonly rings: Position[][];
  readonly labelAt: () => readonly Position[];
}

/**
 * The rim around dark territories, from the shared edges alone: an edge is on the rim when exactly one of its sides is
 * dark. No polygon is clipped; edges are chained to rings and their corners rounded as those of the tiles are.
 */
export class Rims {
  readonly #edgesOf = new Map<string, { left: string; right: string; line: Line }[]>();
  readonly #cornerKm: number;
  readonly #kx: number;
  readonly #ky = 110.574;

  constructor(territory: Pick<TerritoryView, 'edges' | 'cornerKm' | 'bounds'>) {
    this.#cornerKm = territory.cornerKm;
    const latitude = (territory.bounds[1] + territory.bounds[3]) / 2;
    this.#kx = 111.32 * Math.cos((latitude * Math.PI) / 180);
    for (const [left, right, flat] of territory.edges) {
      const line: Position[] = [];
      for (let i = 0; i + 1 < flat.length; i += 2) line.push([flat[i] ?? 0, flat[i + 1] ?? 0]);
      const edge = { left, right, line };
      for (const code of new Set([left, right])) {
        if (code === '') continue;
        const list = this.#edgesOf.get(code);
        if (list) list.push(edge);
        else this.#edgesOf.set(code, [edge]);
      }
    }
  }

  areas(dark: ReadonlySet<string>): DarkArea[] {
    const rings = this.#chain(this.#rimLines(dark));
    const outers = rings.filter((ring) => this.#area(ring) > 0);
    const holes = rings.filter((ring) => this.#area(ring) <= 0);
    const areas = outers.map((outer) => ({ outer, holes: [] as Position[][] }));
    for (const hole of holes) {
      const [a, b] = hole;
      if (!a || !b) continue;
      const probe: Position = [((a[0] ?? 0) + (b[0] ?? 0)) / 2, ((a[1] ?? 0) + (b[1] ?? 0)) / 2];
      const around = areas
        .filter(({ outer }) => inside(outer, probe))
        .sort((p, q) => this.#area(p.outer) - this.#area(q.outer));
      around[0]?.holes.push(hole);
    }
    return areas.map(({ outer, holes: inner }) => {
      const rounded = [outer, ...inner].map((ring) => this.#rounded(ring));
      let found: readonly Position[] | null = null;
      return { rings: rounded, labelAt: () => (found ??= this.#roomiest([outer, ...inner])) };
    });
  }

  /** Lines with the dark side on their left. */
  #rimLines(dark: ReadonlySet<string>): Line[] {
    const lines: Line[] = [];
    for (const code of dark) {
      for (const { left, right, line } of this.#edgesOf.get(code) ?? []) {
        if (left === code && !dark.has(right)) lines.push(line);
        if (right === code && !dark.has(left)) lines.push(line.toReversed());
      }
    }
    return lines;
  }

  #chain(lines: readonly Line[]): Position[][] {
    const starts = new Map<string, Line[]>();
    const key = (p: Position | undefined) => (p ? p.join() : '');
    for (const line of lines) {
      const list = starts.get(key(line[0]));
      if (list) list.push(line);
      else starts.set(key(line[0]), [line]);
    }
    const rings: Position[][] = [];
    for (const [start, list] of starts) {
      for (let line = list.pop(); line; line = list.pop()) {
        const ring = [...line];
        while (key(ring.at(-1)) !== start) {
          const next = this.#leftmost(ring, starts.get(key(ring.at(-1))) ?? []);
          if (!next) break;
          ring.push(...next.slice(1));
        }
        if (ring.length > 3 && key(ring.at(-1)) === start) rings.push(ring);
      }
    }
    return rings;
  }

  /** Where two dark areas touch in a corner, the sharpest left turn stays with the same one. */
  #leftmost(ring: readonly Position[], choices: Line[]): Line | undefined {
    if (choices.length < 2) return choices.pop();
    const [a, b] = [ring.at(-2), ring.at(-1)];
    const turn = (line: Line) => {
      const c = line[1];
      if (!a || !b || !c) return 0;
      const [ux, uy] = [((b[0] ?? 0) - (a[0] ?? 0)) * this.#kx, ((b[1] ?? 0) - (a[1] ?? 0)) * this.#ky];
      const [vx, vy] = [((c[0] ?? 0) - (b[0] ?? 0)) * this.#kx, ((c[1] ?? 0) - (b[1] ?? 0)) * this.#ky];
      return Math.atan2(ux * vy - uy * vx, ux * vx + uy * vy);
    };
    choices.sort((p, q) => turn(p) - turn(q));
    return choices.pop();
  }

  #area(ring: readonly Position[]): number {
    let sum = 0;
    for (let i = 0; i + 1 < ring.length; i++) {
      const [p, q] = [ring[i] ?? [], ring[i + 1] ?? []];
      sum += (p[0] ?? 0) * (q[1] ?? 0) - (q[0] ?? 0) * (p[1] ?? 0);
    }
    return (sum / 2) * this.#kx * this.#ky;
  }

  #rounded(ring: readonly Position[]): Position[] {
    if (this.#cornerKm <= 0) return [...ring];
    const points = ring.slice(0, -1).map((p): [number, number] => [(p[0] ?? 0) * this.#kx, (p[1] ?? 0) * this.#ky]);
    const out: Position[] = [];
    const towards = (from: [number, number], to: [number, number]): [number, number] => {
      const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
      const share = Math.min(this.#cornerKm, length * 0.45) / length;
      return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
    };
    points.forEach((corner, i) => {
      const start = towards(corner, points[(i + points.length - 1) % points.length] ?? corner);
      const end = towards(corner, points[(i + 1) % points.length] ?? corner);
      for (const t of [0, 0.25, 0.5, 0.75, 1]) {
        const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t * t];
        out.push([
          (a * start[0] + b * corner[0] + c * end[0]) / this.#kx,
          (a * start[1] + b * corner[1] + c * end[1]) / this.#ky,
        ]);
      }
    });
    if (out[0]) out.push(out[0]);
    return out;
  }

  /** Points inside, the furthest from every border first. */
  #roomiest(rings: readonly Position[][]): Position[] {
    const outer = rings[0] ?? [];
    const lons = outer.map((p) => p[0] ?? 0);
    const lats = outer.map((p) => p[1] ?? 0);
    const [west, east] = [Math.min(...lons), Math.max(...lons)];
    const [south, north] = [Math.min(...lats), Math.max(...lats)];
    const found: { at: Position; room: number }[] = [];
    const steps = 14;
    for (let i = 1; i < steps; i++) {
      for (let j = 1; j < steps; j++) {
        const at: Position = [west + ((east - west) * i) / steps, south + ((north - south) * j) / steps];
        if (!rings.every((ring, n) => inside(ring, at) === (n === 0))) continue;
        // A label is wider than high: room to the sides counts half.
        const room = Math.min(
          ...rings
            .flat()
            .map((p) =>
              Math.hypot(((p[0] ?? 0) - (at[0] ?? 0)) * this.#kx * 0.5, ((p[1] ?? 0) - (at[1] ?? 0)) * this.#ky),
            ),
        );
        found.push({ at, room });
      }
    }
    return found
      .sort((a, b) => b.room - a.room)
      .slice(0, 8)
      .map(({ at }) => at);
  }
}

export function inside(ring: readonly Position[], [x = 0, y = 0]: Position): boolean {
  let result = false;
  for (let i = 0; i + 1 < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i] ?? [];
    const [bx = 0, by = 0] = ring[i + 1] ?? [];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) result = !result;
  }
  return result;
}
