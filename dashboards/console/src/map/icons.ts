import type { Token } from './tokens.ts';

type Draw = (context: CanvasRenderingContext2D) => void;
const ratio = 2;
const family = '"Atkinson Hyperlegible Next Variable", sans-serif';

/** Draws around 0,0 into a square of `size` pixels. */
function icon(size: number, draw: Draw): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size * ratio;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser gives no 2D canvas.');
  context.scale(ratio, ratio);
  context.translate(size / 2, size / 2);
  draw(context);
  return context.getImageData(0, 0, size * ratio, size * ratio);
}

interface Ink {
  readonly fill?: string;
  readonly stroke?: string;
  readonly width?: number;
}

function paint(context: CanvasRenderingContext2D, { fill, stroke, width = 1 }: Ink): void {
  if (fill) {
    context.fillStyle = fill;
    context.fill();
  }
  if (stroke) {
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.stroke();
  }
}

function circle(context: CanvasRenderingContext2D, radius: number, ink: Ink): void {
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  paint(context, ink);
}

const square =
  (radius: number, ink: Ink): Draw =>
  (context) => {
    context.beginPath();
    context.roundRect(-radius, -radius, 2 * radius, 2 * radius, radius * 0.4);
    paint(context, ink);
  };

function polygon(context: CanvasRenderingContext2D, points: readonly (readonly [number, number])[], ink: Ink): void {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.closePath();
  paint(context, ink);
}

/** A pattern cell, 8 px: a power of two stays seamless at every zoom. */
const cell = (draw: Draw): ImageData =>
  icon(8, (context) => {
    context.translate(-4, -4);
    draw(context);
  });

/**
 * Every sign of the map, drawn from the tokens: no sprite, no request. Same names, same sizes in every theme, so that a
 * change of theme only exchanges their pixels.
 */
export function drawIcons(token: Token): Readonly<Record<string, ImageData>> {
  const up = token('--c-up');
  const surface = token('--c-surface');
  const lastMile =
    (dash: readonly number[]): Draw =>
    (context) => {
      context.setLineDash([...dash]);
      circle(context, 4.45, { fill: token('--m-tile'), stroke: up, width: 1.8 });
      circle(context, 1.3, { fill: up });
    };
  return {
    hub: icon(12, square(3.4, { fill: surface, stroke: token('--m-label'), width: 1.6 })),
    'hub-dark': icon(12, square(3.6, { fill: token('--m-dark'), stroke: token('--m-dark-label'), width: 1.5 })),
    agency: icon(10, square(3, { fill: surface, stroke: up, width: 1.4 })),
    pop: icon(16, (context) => {
      const ink = { fill: token('--m-label'), stroke: token('--m-casing'), width: 2 };
      polygon(
        context,
        [
          [0, -5],
          [5, 0],
          [0, 5],
          [-5, 0],
        ],
        ink,
      );
    }),
    vsat: icon(14, lastMile([])),
    '4g': icon(14, lastMile([2.4, 2.1])),
    down: icon(16, (context) => {
      context.beginPath();
      context.roundRect(-6.5, -6.5, 13, 13, 3);
      paint(context, { fill: token('--c-down') });
      context.beginPath();
      context.lineCap = 'round';
      context.moveTo(-2.8, -2.8);
      context.lineTo(2.8, 2.8);
      context.moveTo(2.8, -2.8);
      context.lineTo(-2.8, 2.8);
      paint(context, { stroke: token('--c-critical-ink'), width: 1.9 });
    }),
    unreachable: icon(16, (context) => {
      circle(context, 5.2, { fill: surface, stroke: token('--c-unreachable'), width: 1.7 });
      context.beginPath();
      context.moveTo(-3.6, 3.6);
      context.lineTo(3.6, -3.6);
      context.stroke();
    }),
    unknown: icon(16, (context) => {
      context.setLineDash([1.8, 1.72]);
      circle(context, 5.6, { fill: surface, stroke: token('--c-unknown'), width: 1.5 });
      context.fillStyle = token('--c-unknown');
      context.font = `700 9px ${family}`;
      context.textAlign = 'center';
      context.fillText('?', 0, 3.1);
    }),
    maintenance: icon(16, (context) => {
      context.lineJoin = 'round';
      const nut = [
        [0, -6.6],
        [5.7, -3.3],
        [5.7, 3.3],
        [0, 6.6],
        [-5.7, 3.3],
        [-5.7, -3.3],
      ] as const;
      polygon(context, nut, { fill: surface, stroke: token('--c-maintenance'), width: 1.8 });
      circle(context, 2, { fill: token('--c-maintenance') });
    }),
    hatch: cell((context) => {
      context.fillStyle = token('--m-dark');
      context.fillRect(0, 0, 8, 8);
      context.strokeStyle = token('--m-dark-hatch');
      context.lineWidth = 1.3;
      for (const offset of [-8, 0, 8]) {
        context.beginPath();
        context.moveTo(offset - 1, 9);
        context.lineTo(offset + 9, -1);
        context.stroke();
      }
    }),
    dots: cell((context) => {
      context.fillStyle = token('--m-tile');
      context.fillRect(0, 0, 8, 8);
      context.translate(4, 4);
      circle(context, 1.1, { fill: token('--c-unknown') });
    }),
    bars: cell((context) => {
      context.fillStyle = token('--c-maintenance-soft');
      context.fillRect(0, 0, 8, 8);
      context.globalAlpha = 0.45;
      context.fillStyle = token('--c-maintenance');
      context.fillRect(3.5, 0, 1, 8);
    }),
  };
}
