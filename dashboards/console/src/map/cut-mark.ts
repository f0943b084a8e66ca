import type { Cut } from './cuts.ts';

const ns = 'http://www.w3.org/2000/svg';

function shape(name: string, attributes: Readonly<Record<string, string | number>>, kind: string): SVGElement {
  const element = document.createElementNS(ns, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.setAttribute('class', kind);
  return element;
}

export type CutBox = readonly [left: number, top: number, right: number, bottom: number];

export interface CutMark {
  readonly element: HTMLElement;
  /** Room taken by the cross and by the chip, in pixels from the cross. */
  readonly boxes: () => readonly CutBox[];
}

/**
 * The cross that stands in the gap of a cut link, with the chip that says since when and, where the map has no room to
 * say it, how much is dark behind it. HTML, because there are few and they are buttons.
 */
export function cutMark(
  cut: Cut,
  texts: {
    readonly text: string;
    /** Null where nothing is dark. */
    readonly dark: string | null;
    readonly label: string;
    readonly onopen: () => void;
  },
): CutMark {
  const element = document.createElement('div');
  element.className = cut.trunk || texts.dark !== null ? 'map-cut' : 'map-cut map-cut-branch';
  const scale = cut.short ? 0.95 : 1.3;
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '-13 -13 26 26');
  svg.setAttribute('aria-hidden', 'true');
  const half = 6.5 * scale;
  const arm = 2.8 * scale;
  svg.append(
    shape('circle', { r: cut.short ? 9 : 12.5 }, 'map-cut-ground'),
    shape('rect', { x: -half, y: -half, width: 2 * half, height: 2 * half, rx: 3 * scale }, 'map-cut-square'),
    shape('path', { d: `M${-arm} ${-arm}L${arm} ${arm}M${arm} ${-arm}L${-arm} ${arm}` }, 'map-cut-cross'),
  );
  const chip = document.createElement('button');
  chip.type = 'button';
  chip.className = 'map-cut-chip';
  // what is read begins with what is seen (WCAG 2.5.3)
  const seen = texts.dark === null ? texts.text : `${texts.text} ${texts.dark}`;
  chip.setAttribute('aria-label', `${seen}. ${texts.label}`);
  const when = document.createElement('span');
  when.textContent = texts.text;
  chip.append(when);
  if (texts.dark !== null) {
    const dark = document.createElement('span');
    dark.className = 'map-cut-dark';
    dark.textContent = texts.dark;
    // a space between what is read; it takes no room
    chip.append(' ', dark);
  }
  chip.addEventListener('click', (event) => {
    event.stopPropagation();
    texts.onopen();
  });
  element.append(svg, chip);
  const cross = [-12, -12, 12, 12] as const;
  const boxes = () => {
    if (element.classList.contains('map-cut-branch')) return [cross];
    const [left, top] = [chip.offsetLeft - 13, chip.offsetTop - 13];
    const label = [left, top, left + chip.offsetWidth, top + chip.offsetHeight] as const;
    return getComputedStyle(svg).visibility === 'hidden' ? [label] : [cross, label];
  };
  return { element, boxes };
}
