import type { TrafficView } from '../../../../src/api/views.ts';

export interface TrafficLines {
  /** Paths of SVG: the last 24 hours, what lies under them, and the 24 hours before. A gap breaks them. */
  readonly now: string;
  readonly area: string;
  readonly before: string;
  readonly ticks: readonly { readonly y: number; readonly gbps: number }[];
  /** Milliseconds since the epoch. */
  readonly hours: readonly { readonly x: number; readonly at: number }[];
}

const dayS = 86_400;
const hourS = 3_600;
const hoursApart = 6;

/**
 * Lines of the last two days, one over the other, in a box of `width` by `height`. `hourOf` tells the hour of the day of a
 * time in milliseconds: hours are marked where people look for them.
 */
export function trafficLines(
  { times, bps, stepS }: TrafficView,
  {
    width,
    height,
    hourOf,
  }: { readonly width: number; readonly height: number; readonly hourOf: (at: number) => number },
): TrafficLines {
  const end = (times.at(-1) ?? 0) + stepS;
  const most = Math.max(1e6, ...bps.map((value) => value ?? 0));
  const step = niceStep(most / 1e9 / 4);
  const ticks = Array.from({ length: Math.ceil(most / 1e9 / step) + 1 }, (_, at) => at * step);
  const top = (ticks.at(-1) ?? step) * 1e9;
  const y = (value: number): number => height * (1 - value / top);
  const x = (time: number): number => width * (1 - (end - time) / dayS);
  const runs = (shiftS: number): readonly (readonly [number, number])[][] => {
    const found: [number, number][][] = [];
    let open: [number, number][] | null = null;
    times.forEach((time, at) => {
      const value = bps[at] ?? null;
      const place = x(time + shiftS);
      if (value === null || place < 0 || place > width) {
        open = null;
        return;
      }
      if (open === null) found.push((open = []));
      open.push([place, y(value)]);
    });
    return found;
  };
  const today = runs(0);
  return {
    now: today.map(line).join(''),
    area: today.map((run) => `${line(run)}L${one(run.at(-1)?.[0])} ${height}L${one(run[0]?.[0])} ${height}Z`).join(''),
    before: runs(dayS).map(line).join(''),
    ticks: ticks.map((gbps) => ({ gbps, y: y(gbps * 1e9) })),
    hours: Array.from({ length: 24 }, (_, back) => (Math.floor(end / hourS) - back) * hourS)
      .filter((time) => time > end - dayS && hourOf(time * 1000) % hoursApart === 0)
      .map((time) => ({ x: x(time), at: time * 1000 })),
  };
}

function line(run: readonly (readonly [number, number])[]): string {
  const [first, ...rest] = run;
  if (first === undefined) return '';
  const start = `M${one(first[0])} ${one(first[1])}`;
  // a lone value is a dot
  return rest.length === 0 ? `${start}h.1` : start + rest.map(([x, y]) => `L${one(x)} ${one(y)}`).join('');
}

function one(value = 0): string {
  return value.toFixed(1);
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
}
