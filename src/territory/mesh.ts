import type { Area, Point, Ring } from './plane.ts';
import { areasFromRings, signedArea } from './rings.ts';

/**
 * Territories as what they share: every side of a cell with the codes to its left and right. From it come the unions by
 * code prefix (district, regency, province) and the rim around any set of cells without clipping a single polygon: a
 * side lies on the rim when exactly one of its codes is inside. Vertices that fall within `tolerance` of each other are
 * made one, and a vertex that lies on another cell's side is made a vertex of that side too, so that boundaries which
 * were drawn separately meet.
 */
export class Mesh {
  readonly #vertices: Point[] = [];
  readonly #grid = new Map<string, number[]>();
  readonly #tolerance: number;
  /** Directed sides, cell on the left: from vertex, to vertex, codes. Two codes on one side are two that overlap. */
  readonly #sides = new Map<number, Map<number, string[]>>();
  readonly codes: readonly string[];

  constructor(cells: ReadonlyMap<string, readonly Area[]>, tolerance: number) {
    this.#tolerance = tolerance;
    this.codes = [...cells.keys()];
    const rings = [...cells].flatMap(([code, areas]) =>
      areas.flatMap((area) => area.map((ring, i) => ({ code, ring: this.#snapped(oriented(ring, i === 0)) }))),
    );
    for (const { code, ring } of rings) this.#addRing(code, this.#subdivided(ring));
  }

  /** Sides chained to lines, each with the code on its left and right (`''`: outside). Every line comes once. */
  edges(): { left: string; right: string; line: Point[] }[] {
    const lines = new Map<string, Map<number, number[]>>();
    for (const [from, targets] of this.#sides) {
      for (const [to, lefts] of targets) {
        const rights = this.#codes(to, from);
        lefts.forEach((left, i) => {
          const right = rights[i] ?? '';
          if (right && right < left) return;
          put(lines, `${left} ${right}`, from, to);
        });
      }
    }
    return [...lines].flatMap(([pair, steps]) => {
      const [left = '', right = ''] = pair.split(' ');
      return chains(steps).map((line) => ({ left, right, line: line.map((v) => this.#vertices[v] as Point) }));
    });
  }

  /** The union of all cells whose code, cut to `length`, is the same; by that code. */
  unions(length: number): Map<string, Area[]> {
    const groups = new Map<string, Map<number, number[]>>();
    for (const [from, targets] of this.#sides) {
      for (const [to, codes] of targets) {
        for (const group of new Set(codes.map((code) => code.slice(0, length)))) {
          const isInside = (code: string) => code.slice(0, length) === group;
          const sides = codes.filter(isInside).length - this.#codes(to, from).filter(isInside).length;
          for (let n = 0; n < sides; n++) put(groups, group, from, to);
        }
      }
    }
    return new Map([...groups].map(([group, steps]) => [group, areasFromRings(this.#rings(steps))]));
  }

  /** Follows sides to closed rings; where rings touch in a point, the sharpest left turn stays with the same area. */
  #rings(steps: Map<number, number[]>): Ring[] {
    const rings: Ring[] = [];
    for (const start of steps.keys()) {
      for (let to = steps.get(start)?.pop(); to !== undefined; to = steps.get(start)?.pop()) {
        const ring = [start, to];
        let from = start;
        while (to !== start) {
          const next: number | undefined = this.#leftmost(from, to, steps.get(to) ?? []);
          if (next === undefined) break;
          from = to;
          to = next;
          ring.push(to);
        }
        if (to === start && ring.length > 3) rings.push(ring.map((v) => this.#vertices[v] as Point));
      }
    }
    return rings;
  }

  #leftmost(from: number, at: number, choices: number[]): number | undefined {
    if (choices.length < 2) return choices.pop();
    const [a, b] = [this.#vertices[from] as Point, this.#vertices[at] as Point];
    let best = 0;
    let most = -Infinity;
    choices.forEach((choice, i) => {
      const c = this.#vertices[choice] as Point;
      const [ux, uy, vx, vy] = [b[0] - a[0], b[1] - a[1], c[0] - b[0], c[1] - b[1]];
      const turn = Math.atan2(ux * vy - uy * vx, ux * vx + uy * vy);
      if (turn > most) [best, most] = [i, turn];
    });
    return choices.splice(best, 1)[0];
  }

  #snapped(ring: Ring): number[] {
    const out: number[] = [];
    for (const point of ring.slice(0, -1)) {
      const vertex = this.#vertexAt(point);
      if (out.at(-1) !== vertex) out.push(vertex);
    }
    while (out.length > 1 && out[0] === out.at(-1)) out.pop();
    return out;
  }

  #vertexAt(point: Point): number {
    for (const vertex of this.#around(point, point)) {
      const [x, y] = this.#vertices[vertex] as Point;
      if (Math.hypot(x - point[0], y - point[1]) <= this.#tolerance) return vertex;
    }
    const vertex = this.#vertices.push(point) - 1;
    const key = this.#cell(point[0], point[1]);
    const list = this.#grid.get(key);
    if (list) list.push(vertex);
    else this.#grid.set(key, [vertex]);
    return vertex;
  }

  /** A ring with every known vertex that lies on one of its sides put in. */
  #subdivided(ring: readonly number[]): number[] {
    return ring.flatMap((from, i) => {
      const to = ring[(i + 1) % ring.length] as number;
      const [a, b] = [this.#vertices[from] as Point, this.#vertices[to] as Point];
      const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
      const length = dx * dx + dy * dy;
      const between: { vertex: number; t: number }[] = [];
      for (const vertex of this.#around(a, b)) {
        if (vertex === from || vertex === to) continue;
        const [x, y] = this.#vertices[vertex] as Point;
        const t = ((x - a[0]) * dx + (y - a[1]) * dy) / length;
        if (t <= 0 || t >= 1) continue;
        if (Math.hypot(a[0] + t * dx - x, a[1] + t * dy - y) <= this.#tolerance) between.push({ vertex, t });
      }
      return [from, ...between.toSorted((p, q) => p.t - q.t).map(({ vertex }) => vertex)];
    });
  }

  #addRing(code: string, ring: readonly number[]): void {
    if (ring.length < 3) return;
    ring.forEach((from, i) => {
      const to = ring[(i + 1) % ring.length] as number;
      // A spike goes there and back: both ways of one cell cancel out.
      const back = this.#codes(to, from);
      const same = back.indexOf(code);
      if (same >= 0) back.splice(same, 1);
      else if (from !== to) {
        const targets = this.#sides.get(from) ?? new Map<number, string[]>();
        this.#sides.set(from, targets);
        targets.set(to, [...(targets.get(to) ?? []), code]);
      }
    });
  }

  #codes(from: number, to: number): string[] {
    return this.#sides.get(from)?.get(to) ?? [];
  }

  #cell(x: number, y: number): string {
    const size = Math.max(this.#tolerance * 4, 0.25);
    return `${Math.floor(x / size)},${Math.floor(y / size)}`;
  }

  /** Vertices in the grid cells along a segment, with a margin of the tolerance. */
  *#around(a: Point, b: Point): Iterable<number> {
    const size = Math.max(this.#tolerance * 4, 0.25);
    const m = this.#tolerance;
    const steps = Math.max(1, Math.ceil(Math.hypot(b[0] - a[0], b[1] - a[1]) / size));
    const seen = new Set<string>();
    for (let s = 0; s <= steps; s++) {
      const [x, y] = [a[0] + ((b[0] - a[0]) * s) / steps, a[1] + ((b[1] - a[1]) * s) / steps];
      const reach = a === b ? m : size / 2 + m;
      for (let gx = Math.floor((x - reach) / size); gx <= Math.floor((x + reach) / size); gx++) {
        for (let gy = Math.floor((y - reach) / size); gy <= Math.floor((y + reach) / size); gy++) {
          const key = `${gx},${gy}`;
          if (seen.has(key)) continue;
          seen.add(key);
          yield* this.#grid.get(key) ?? [];
        }
      }
    }
  }
}

function oriented(ring: Ring, outer: boolean): Ring {
  return signedArea(ring) > 0 === outer ? ring : ring.toReversed();
}

function put(groups: Map<string, Map<number, number[]>>, group: string, from: number, to: number): void {
  const steps = groups.get(group) ?? new Map<number, number[]>();
  groups.set(group, steps);
  const list = steps.get(from);
  if (list) list.push(to);
  else steps.set(from, [to]);
}

/** Steps chained to lines as long as they go without a branch. */
function chains(steps: Map<number, number[]>): number[][] {
  const into = new Set([...steps.values()].flat());
  const lines: number[][] = [];
  const follow = (start: number) => {
    for (let to = steps.get(start)?.pop(); to !== undefined; to = steps.get(start)?.pop()) {
      const line = [start];
      for (let at: number | undefined = to; at !== undefined; at = steps.get(at)?.pop()) line.push(at);
      lines.push(line);
    }
  };
  // Ends first, so that an open line is not begun in its middle; what is left are closed rings.
  for (const start of steps.keys()) if (!into.has(start)) follow(start);
  for (const start of steps.keys()) follow(start);
  return lines;
}
