/** Text is set as text, wherever it comes from: nothing here takes markup. */
type Child = Node | string | null | false;
type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

function fill<T extends Element>(element: T, attributes: Attributes, children: readonly Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function s(
  tag: string,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: Child[]
): SVGElement {
  const texts = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), texts, children);
}

/** Outlines on a grid of 20, as the console has them. */
const outlines = {
  way: 'M10 3l5.500 13.500L10 13.500 4.500 16.500z',
  phone:
    'M6 3.500h2.500l1 3.500-1.700 1.300a9 9 0 004 4L13 10.500l3.500 1V14a2 2 0 01-2.200 2A11.500 11.500 0 014 5.700 2 2 0 016 3.500z',
  camera: 'M3 6.500h3l1.500-2h5l1.500 2h3v9.500H3zM10 14a3 3 0 100-6 3 3 0 000 6z',
  signal: 'M6 14a6 6 0 010-8M14 6a6 6 0 010 8M8 12a3 3 0 010-4M12 8a3 3 0 010 4M10 10h.01',
  pen: 'M4 16l1-4 8.500-8.500 3 3L8 15z',
  back: 'M7 5L3.500 8.500 7 12M4 8.500h8a4 4 0 010 8H9',
  work: 'M10 3l6 3.500v7L10 17l-6-3.500v-7zM10 12.500a2.500 2.500 0 100-5 2.500 2.500 0 000 5z',
} as const;

export function icon(name: keyof typeof outlines): SVGElement {
  return s('svg', { viewBox: '0 0 20 20', class: 'ico', 'aria-hidden': 'true' }, s('path', { d: outlines[name] }));
}

/** The sign of a severity or of the end, in the colour of its text; what is cut out of it has the band's. */
export function sign(kind: 'critical' | 'warning' | 'info' | 'recovered'): SVGElement {
  const shapes = {
    critical: [
      s('path', { d: 'M-3 -7.3H3L7.3 -3V3L3 7.3H-3L-7.3 3V-3Z', class: 'full' }),
      s('path', { d: 'M0 -3.800V.8M0 3.700v.01', class: 'cut' }),
    ],
    warning: [
      s('path', { d: 'M0 -6.800L7.400 6H-7.400Z', class: 'full' }),
      s('path', { d: 'M0 -2.600V1.500M0 4v.01', class: 'cut' }),
    ],
    info: [s('circle', { r: 6.6, class: 'line' }), s('path', { d: 'M0 -.4V3.300M0 -3.200v.01', class: 'line' })],
    recovered: [
      s('circle', { r: 6.6, class: 'line' }),
      s('path', { d: 'M-2.800 .2L-.8 2.300 3 -2.200', class: 'line' }),
    ],
  };
  return s('svg', { viewBox: '-8 -8 16 16', class: 'sign', 'aria-hidden': 'true' }, ...shapes[kind]);
}
