import type { Cut } from './cuts.ts';

const ns = 'http://www.w3.org/2000/svg';

function shape(name: string, attributes: Readonly<Record<string, string | number>>, kind: string): SVGElement {
  const element = document.createElementNS(ns, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.setAttribute('class', kind);
  return element;
}

/**
 * The cross that stands in the gap of a cut link, with the chip that says since when. HTML, because there are few and
 * they are buttons. `box` is the room the chip takes, in pixels from the cross.
 */
export function cutMark(
  cut: Cut,
  texts: { readonly text: string; readonly label: string; readonly onopen: () => void },
): { element: HTMLElement; box: readonly [number, number, number, number] } {
  const element = document.createElement('div');
  element.className = cut.trunk ? 'map-cut' : 'map-cut map-cut-branch';
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
  chip.textContent = texts.text;
  chip.setAttribute('aria-label', texts.label);
  chip.addEventListener('click', (event) => {
    event.stopPropagation();
    texts.onopen();
  });
  element.append(svg, chip);
  return { element, box: cut.trunk ? [18, -44, 22 + 8 * texts.text.length, -16] : [-12, -12, 12, 12] };
}
