import type uPlot from 'uplot';
import { dateParts, day, timeOfDay, type Language } from '../lib/numbers.ts';

export interface ChartSeries {
  readonly label: string;
  readonly tone: 'in' | 'out' | 'quiet';
  readonly values: readonly (number | null)[];
}

/** Something that happened: a line with its word. The cause of a gap is red, others are dotted ink. */
export interface ChartMark {
  readonly at: number;
  readonly text: string;
  readonly cause: boolean;
}

interface Read {
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly format: (value: number) => string;
  readonly unit: string;
  readonly from: number;
  readonly to: number;
  readonly stepS: number;
  readonly marks?: readonly ChartMark[];
  readonly level?: boolean;
  readonly onzoom?: (from: number, to: number) => void;
  readonly oncursor?: (index: number | null) => void;
}

/** Spans without any value, two steps long at least: `[from, to]` in seconds. */
export function gapsOf(
  times: readonly number[],
  series: readonly (readonly (number | null)[])[],
  span: { readonly from: number; readonly to: number; readonly stepS: number },
): readonly (readonly [number, number])[] {
  const gaps: [number, number][] = [];
  let last = span.from;
  times.forEach((time, index) => {
    if (!series.some((values) => (values[index] ?? null) !== null)) return;
    if (time - last >= 2.5 * span.stepS) gaps.push([last, time]);
    last = time;
  });
  if (span.to - last >= 3 * span.stepS) gaps.push([last, span.to]);
  return gaps;
}

/** A top for the axis that divides into four round steps. */
export function niceTop(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most / 4));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((one) => one * power * 4 >= most) ?? 10;
  return step * power * 4;
}

const colourOf = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function makeChart(
  Library: typeof uPlot,
  box: HTMLElement,
  options: {
    readonly width: number;
    readonly height: number;
    readonly language: Language;
    readonly zone: string;
    readonly read: () => Read;
  },
): uPlot {
  const { language, zone, read } = options;
  const font = `11px ${colourOf('--font')}`;
  const tones = { in: colourOf('--g-in'), out: colourOf('--g-out'), quiet: colourOf('--c-up') };
  const axis = colourOf('--g-axis');
  const first = read();
  const hatch = hatchPattern();

  const chart = new Library(
    {
      width: options.width,
      height: options.height,
      padding: [14, 12, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: 'page' },
        drag: { x: true, y: false, setScale: false },
        points: { size: 8, width: 1.8, fill: () => colourOf('--c-surface') },
      },
      scales: {
        x: { time: true, range: () => [read().from, read().to] },
        y: { range: (_, least, most) => yRange(least, most, read().level === true) },
      },
      axes: [
        {
          stroke: axis,
          font,
          size: 24,
          gap: 6,
          grid: { show: false },
          ticks: { stroke: axis, size: 4, width: 1 },
          space: 80,
          values: (_, splits) => timeLabels(splits, language, zone),
        },
        {
          stroke: axis,
          font,
          size: 56,
          gap: 8,
          grid: { stroke: colourOf('--g-grid'), width: 1 },
          ticks: { show: false },
          splits: (plot) => {
            const { min = 0, max = 1 } = plot.scales['y'] ?? {};
            return [0, 1, 2, 3, 4].map((part) => min + ((max - min) * part) / 4);
          },
          values: (_, splits) =>
            splits.map((value, index) => (index === 0 && value === 0 ? `${read().unit} 0` : read().format(value))),
        },
      ],
      series: [
        {},
        ...first.series.map((one, index) => ({
          label: one.label,
          stroke: tones[one.tone],
          width: 1.6,
          ...(index === 0 ? { fill: colourOf('--g-band') } : {}),
          spanGaps: false,
          points: { show: false },
        })),
      ],
      hooks: {
        drawAxes: [(plot) => drawGaps(plot, read(), hatch)],
        draw: [(plot) => drawMarks(plot, read(), font)],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < 8) return;
            read().onzoom?.(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        setCursor: [(plot) => read().oncursor?.(plot.cursor.idx ?? null)],
      },
    },
    // uPlot takes plain arrays; it does not write into them.
    [first.times, ...first.series.map((one) => one.values)] as uPlot.AlignedData,
    box,
  );
  return chart;
}

function yRange(least: number | null, most: number | null, level: boolean): [number, number] {
  if (least === null || most === null) return [0, 1];
  if (!level) return [Math.min(0, least), niceTop(most)];
  const room = Math.max((most - least) * 0.4, Math.abs(most) * 0.05, 0.5);
  return [least - room, most + room];
}

/** Times of day; where a step is a day or more, or the day changes, its date. */
function timeLabels(splits: readonly number[], language: Language, zone: string): string[] {
  const far = splits.length > 1 && (splits[1] ?? 0) - (splits[0] ?? 0) >= 86_400;
  return splits.map((seconds) => {
    const at = seconds * 1000;
    const { hour, minute } = dateParts(at, zone);
    return far || (hour === '00' && minute === '00') ? day(language, at, zone, at) : timeOfDay(language, at, zone);
  });
}

function hatchPattern(): CanvasPattern | string {
  const tile = document.createElement('canvas');
  const ratio = devicePixelRatio;
  tile.width = tile.height = Math.round(8 * ratio);
  const pen = tile.getContext('2d');
  if (!pen) return colourOf('--g-gap');
  pen.fillStyle = colourOf('--g-gap');
  pen.fillRect(0, 0, tile.width, tile.height);
  pen.strokeStyle = colourOf('--c-line');
  pen.lineWidth = 1.5 * ratio;
  pen.beginPath();
  for (const shift of [-1, 0, 1]) {
    pen.moveTo(shift * tile.width - 1, tile.height + 1);
    pen.lineTo((shift + 1) * tile.width + 1, -1);
  }
  pen.stroke();
  return pen.createPattern(tile, 'repeat') ?? colourOf('--g-gap');
}

function drawGaps(plot: uPlot, read: Read, hatch: CanvasPattern | string): void {
  const gaps = gapsOf(
    read.times,
    read.series.map((one) => one.values),
    read,
  );
  const { left, top, width, height } = plot.bbox;
  plot.ctx.save();
  plot.ctx.fillStyle = hatch;
  for (const [from, to] of gaps) {
    const start = Math.max(left, plot.valToPos(from, 'x', true));
    const end = Math.min(left + width, plot.valToPos(to, 'x', true));
    if (end > start) plot.ctx.fillRect(start, top, end - start, height);
  }
  plot.ctx.restore();
}

function drawMarks(plot: uPlot, read: Read, font: string): void {
  const { left, top, width, height } = plot.bbox;
  const pen = plot.ctx;
  const ratio = devicePixelRatio;
  pen.save();
  pen.textAlign = 'left';
  pen.textBaseline = 'alphabetic';
  pen.font = font.replace('11px', `550 ${11 * ratio}px`);
  let free = Infinity;
  // From the right, so that the newest word is kept where two would lie on each other.
  for (const mark of [...(read.marks ?? [])].sort((a, b) => b.at - a.at)) {
    const x = plot.valToPos(mark.at, 'x', true);
    if (x < left || x > left + width) continue;
    pen.strokeStyle = pen.fillStyle = colourOf(mark.cause ? '--c-down' : '--c-ink-2');
    pen.lineWidth = (mark.cause ? 1.5 : 1) * ratio;
    pen.setLineDash(mark.cause ? [] : [2 * ratio, 3 * ratio]);
    pen.beginPath();
    pen.moveTo(x, top);
    pen.lineTo(x, top + height);
    pen.stroke();
    const word = mark.text.length > 36 ? `${mark.text.slice(0, 35)}…` : mark.text;
    const wide = pen.measureText(word).width;
    const start = x - 6 * ratio - wide > left ? x - 6 * ratio - wide : x + 6 * ratio;
    if (start + wide > free) continue;
    pen.fillText(word, start, top + 11 * ratio);
    free = start - 8 * ratio;
  }
  pen.restore();
}
