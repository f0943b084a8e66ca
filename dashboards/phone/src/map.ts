import type { MiniMap } from '../../../src/alerting/phone/phone-view.ts';
import { s } from './dom.ts';

const pathOnly = /^[MLQZ0-9 .-]*$/;
const path = (d: string, className: string): SVGElement =>
  s('path', { d: pathOnly.test(d) ? d : '', class: className });

/** The picture of the place; half pixels. What it shows stands in words beside it. */
export function drawMap(map: MiniMap, label: string, chip: string): SVGElement {
  const { width, height, mark } = map;
  const frame = { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'xMidYMid slice' };
  return s(
    'svg',
    { ...frame, class: 'map', role: 'img', 'aria-label': label },
    s(
      'defs',
      {},
      s(
        'pattern',
        { id: 'hatch', width: 18, height: 18, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
        s('rect', { width: 18, height: 18, class: 'm-dark' }),
        s('path', { d: 'M0 0V18', class: 'm-hatch' }),
      ),
    ),
    path(map.land, 'm-land'),
    path(map.seams, 'm-seam'),
    path(map.gaps, 'm-gap'),
    path(map.dark, 'm-halo'),
    path(map.dark, 'm-rim'),
    ...map.links.filter(({ state }) => state !== 'cut').map(drawLink),
    ...map.sites.map(drawSite),
    ...map.links.filter(({ state }) => state === 'cut').flatMap((link) => drawCut(link, mark)),
    ...map.labels.map(({ x, y, text, end, dark }) =>
      s(
        'text',
        { x, y: y + 8, class: dark ? 'm-label on-dark' : 'm-label', 'text-anchor': end ? 'end' : 'start' },
        text,
      ),
    ),
    ...(mark === null ? [] : drawMark(mark, chip)),
  );
}

function drawLink({ line, trunk, wired, state, load }: MiniMap['links'][number]): SVGElement {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = line;
  const kind = state === 'up' ? `load-${load ?? 0}` : state;
  return s('line', {
    x1,
    y1,
    x2,
    y2,
    class: `m-link ${kind}${trunk ? ' trunk' : ''}${wired ? '' : ' radio'}`,
  });
}

/** Solid from the end that lives to where it broke, dotted beyond. */
function drawCut({ line }: MiniMap['links'][number], mark: MiniMap['mark']): SVGElement[] {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = line;
  const [x, y] = [mark?.x ?? x2, mark?.y ?? y2];
  return [
    s('line', { x1, y1, x2: x, y2: y, class: 'm-link cut' }),
    s('line', { x1: x, y1: y, x2, y2, class: 'm-link cut beyond' }),
  ];
}

function drawSite({ x, y, hub, state }: MiniMap['sites'][number]): SVGElement {
  if (hub === 'pop') return s('path', { d: `M${x} ${y - 12}l12 12-12 12-12-12z`, class: `m-pop ${state}` });
  const square = { x: x - 8, y: y - 8, width: 16, height: 16 };
  if (hub === 'district') return s('rect', { ...square, rx: 2, class: `m-hub ${state}` });
  if (state === 'down') return s('rect', { ...square, rx: 4, class: 'm-dot down' });
  return s('circle', { cx: x, cy: y, r: state === 'up' ? 6 : 8, class: `m-dot ${state}` });
}

function drawMark({ x, y, chipX, chipY }: NonNullable<MiniMap['mark']>, chip: string): SVGElement[] {
  const width = 44 + chip.length * 13;
  return [
    s('line', { x1: x, y1: y, x2: chipX, y2: chipY, class: 'm-lead' }),
    s('rect', { x: x - 16, y: y - 16, width: 32, height: 32, rx: 8, class: 'm-cross' }),
    s('path', { d: `M${x - 6} ${y - 6}l12 12m0-12l-12 12`, class: 'm-cross-line' }),
    s('rect', { x: chipX - width / 2, y: chipY - 27, width, height: 54, rx: 12, class: 'm-chip' }),
    s('text', { x: chipX, y: chipY + 9, class: 'm-chip-text', 'text-anchor': 'middle' }, chip),
  ];
}
