import type { MiniMap } from './phone-view.ts';
import type { Box, Point } from './plane.ts';

export interface Rectangle {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Half pixels: height of a line of 11.5 pixels, mean width of a letter, distance from the dot. */
const lineHeight = 30;
const letterWidth = 12.6;
const distance = 15;
const most = 9;
const prefixes =
  /^(kantor (camat|desa|kelurahan|lurah)|kecamatan|kec\.|kelurahan|kel\.|desa|pusat data|data cent(er|re)|pop)\s+/i;

/** The place alone: `Kantor Camat Kahu` is Kahu on the map. */
export function placeName(name: string): string {
  return name.replace(prefixes, '') || name;
}

/** Names, the ends of the cause first, then the nearest to the middle; to the right of the dot or to the left, over nothing. */
export function placeLabels(parts: {
  readonly box: Box;
  readonly wanted: readonly { at: Point; name: string; first: boolean; dark: boolean }[];
  readonly taken: readonly Rectangle[];
}): MiniMap['labels'] {
  const { box, wanted } = parts;
  const taken = [...parts.taken];
  const fromMiddle = ([x, y]: Point) => Math.hypot(x - box.width / 2, y - box.height / 2);
  const labels: MiniMap['labels'] = [];
  const said = new Set<string>();
  for (const { at, name, dark } of wanted.toSorted(
    (p, q) => Number(q.first) - Number(p.first) || fromMiddle(p.at) - fromMiddle(q.at),
  )) {
    const text = placeName(name).slice(0, 24);
    if (labels.length >= most || said.has(text)) continue;
    const width = text.length * letterWidth;
    for (const end of [false, true]) {
      const left = end ? at[0] - distance - width : at[0] + distance;
      const place = { left, right: left + width, top: at[1] - lineHeight / 2, bottom: at[1] + lineHeight / 2 };
      if (!within(place, box) || taken.some((other) => overlap(place, other))) continue;
      taken.push(place, { left: at[0] - 12, right: at[0] + 12, top: at[1] - 12, bottom: at[1] + 12 });
      said.add(text);
      labels.push({
        x: Math.round(end ? at[0] - distance : at[0] + distance),
        y: Math.round(at[1]),
        text,
        end,
        dark,
      });
      break;
    }
  }
  return labels;
}

function within(place: Rectangle, box: Box): boolean {
  return place.left > 6 && place.right < box.width - 6 && place.top > 4 && place.bottom < box.height - 4;
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
