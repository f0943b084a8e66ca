import type { MapView } from '../../../../src/api/views.ts';
import type { DeviceRunState } from '../../../../src/domain/rollout.ts';
import type { Art } from '../shell/territory-art.ts';

/** A device of a rollout, or of one that is planned. */
export interface WaveDevice {
  readonly device: string;
  readonly siteId: string;
  readonly site: string;
  /** From 1; 0: in none. */
  readonly wave: number;
  /** Null while nothing was begun. */
  readonly state: DeviceRunState | null;
}

/** A site with the devices of it that change, drawn as the one that most needs somebody. */
export interface WaveMark {
  readonly siteId: string;
  readonly x: number;
  readonly y: number;
  readonly wave: number;
  readonly state: DeviceRunState | null;
  readonly devices: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** From what most needs somebody to what needs nobody. */
const urgency: readonly (DeviceRunState | null)[] = [
  'lost',
  'reverting',
  'reverted',
  'refused',
  'unreachable',
  'confirming',
  'applying',
  'arming',
  'checking',
  'waiting',
  null,
  'skipped',
  'confirmed',
  'unchanged',
];

export function marksOf(devices: readonly WaveDevice[], sites: MapView['sites'], art: Art): readonly WaveMark[] {
  const places = new Map(sites.map((site) => [site.id, site]));
  return [...Map.groupBy(devices, ({ siteId }) => siteId)].flatMap(([siteId, own]) => {
    const site = places.get(siteId);
    if (site === undefined) return [];
    const [worst] = own.toSorted((a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state));
    const waves = own.map(({ wave }) => wave).filter((wave) => wave > 0);
    return [
      {
        siteId,
        ...art.place(site.longitude, site.latitude),
        wave: waves.length === 0 ? 0 : Math.min(...waves),
        state: worst?.state ?? null,
        devices: own.length,
      },
    ];
  });
}

/** What is to be seen with room around it, in the shape of the frame; never nearer than `least` units wide. */
export function frameOf(
  points: readonly { readonly x: number; readonly y: number }[],
  shape: number,
  least: number,
): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [west, east] = [Math.min(...xs), Math.max(...xs)];
  const [north, south] = [Math.min(...ys), Math.max(...ys)];
  const width = Math.max((east - west) * 1.3, (south - north) * 1.3 * shape, least);
  const height = width / shape;
  return { x: (west + east) / 2 - width / 2, y: (north + south) / 2 - height / 2, width, height };
}
