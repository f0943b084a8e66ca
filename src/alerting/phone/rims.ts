import type { Point, Projection } from './plane.ts';

/** Sides that village territories share: codes left and right (`''` outside), longitude, latitude, longitude, … */
export type Edge = readonly [left: string, right: string, line: readonly number[]];

export function projected(edge: Edge, project: Projection): Point[] {
  const [, , flat] = edge;
  const points: Point[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) points.push(project(flat[at] ?? 0, flat[at + 1] ?? 0));
  return points;
}

/**
 * The rings around a set of territories, from their shared sides alone: a side lies on the rim when exactly one of its
 * two codes is inside.
 */
export function rimsAround(edges: readonly Edge[], isInside: (code: string) => boolean): (readonly number[])[] {
  const starts = new Map<string, number[][]>();
  const key = (line: readonly number[], at: number) => `${line.at(at)} ${line.at(at + 1)}`;
  for (const [left, right, line] of edges) {
    const [inLeft, inRight] = [left !== '' && isInside(left), right !== '' && isInside(right)];
    if (inLeft === inRight) continue;
    const directed = inLeft ? [...line] : reversed(line);
    starts.set(key(directed, 0), [...(starts.get(key(directed, 0)) ?? []), directed]);
  }
  const rings: number[][] = [];
  for (const [start, lines] of starts) {
    for (let line = lines.pop(); line !== undefined; line = lines.pop()) {
      const ring = [...line];
      while (key(ring, -2) !== start) {
        const next = starts.get(key(ring, -2))?.pop();
        if (next === undefined) break;
        ring.push(...next.slice(2));
      }
      if (ring.length > 6) rings.push(ring);
    }
  }
  return rings;
}

function reversed(line: readonly number[]): number[] {
  const back: number[] = [];
  for (let at = line.length - 2; at >= 0; at -= 2) back.push(line[at] ?? 0, line[at + 1] ?? 0);
  return back;
}
