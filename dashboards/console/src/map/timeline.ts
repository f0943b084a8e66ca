import type { TimelineView } from '../../../../src/api/views.ts';

export interface Period {
  readonly key: string;
  readonly ms: number;
  readonly stepS: number;
  readonly hours: number;
  /** Set where the axis shows days instead of hours. */
  readonly days: number;
}

const hour = 3_600_000;
export const periods = [
  { key: '1h', ms: hour, stepS: 60, hours: 1, days: 0 },
  { key: '6h', ms: 6 * hour, stepS: 60, hours: 6, days: 0 },
  { key: '24h', ms: 24 * hour, stepS: 300, hours: 24, days: 0 },
  { key: '7d', ms: 7 * 24 * hour, stepS: 1800, hours: 168, days: 7 },
  { key: '30d', ms: 30 * 24 * hour, stepS: 7200, hours: 720, days: 30 },
] as const satisfies readonly Period[];

export interface Bar {
  /** Percent of the width. */
  readonly left: number;
  readonly width: number;
  /** Pixels above the base line. */
  readonly height: number;
  readonly kind: 'dark' | 'few' | 'unknown';
}

const full = 34;
/** More dark sites than this are drawn in the dark's own colour. */
const fewUntil = 3;

/** Bars of the slider: none where nothing was dark; where no controller ran, a pale field of full height. */
export function barsOf(timeline: TimelineView): Bar[] {
  const steps = timeline.dark.length;
  const width = 100 / Math.max(1, steps);
  return timeline.dark.flatMap((dark, i): Bar[] => {
    const left = i * width;
    if (timeline.unknown[i]) return [{ left, width: width + 0.02, height: full, kind: 'unknown' }];
    if (dark <= 0) return [];
    const height = Math.min(full - 3, 3 + dark * 1.35);
    return [{ left, width: width * 1.02, height, kind: dark > fewUntil ? 'dark' : 'few' }];
  });
}

/** Round times for the axis: about eight, at whole steps of the reader's day; `offsetMs` is their zone's from UTC. */
export function marksOf(from: number, to: number, offsetMs: number): { at: number; left: number }[] {
  const minutes = (to - from) / 60_000;
  const steps = [10, 30, 60, 180, 360, 720, 1440, 2880, 5760];
  const stepMs = (steps.find((step) => minutes / step <= 9) ?? 5760) * 60_000;
  const first = Math.ceil((from + offsetMs) / stepMs) * stepMs - offsetMs;
  const marks: { at: number; left: number }[] = [];
  for (let at = first; at < to; at += stepMs) {
    const left = ((at - from) / (to - from)) * 100;
    if (left > 1.5 && left < 98.5) marks.push({ at, left });
  }
  return marks;
}

/** How far a zone's clock is ahead of UTC at a moment. */
export function offsetOf(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return local - Math.floor(at / 60_000) * 60_000;
}
