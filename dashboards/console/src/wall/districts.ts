import type { StateView } from '../../../../src/live/messages.ts';

interface PlacedSite {
  readonly id: string;
  readonly regionCode: string;
}

export interface DistrictShare {
  readonly code: string;
  readonly sites: number;
  /** Sites that are neither down nor unreachable. */
  readonly reached: number;
  readonly isDark: boolean;
}

/** So many tiles can be read from afar; where there are more kecamatan, regencies are shown, then provinces. */
const mostTiles = 49;
/** Characters of the code of a kecamatan, a regency and a province. */
const levels = [8, 5, 2];

/** How much of each kecamatan is connected, in order of the codes. */
export function districtShares(
  sites: readonly PlacedSite[],
  states: ReadonlyMap<string, Pick<StateView, 'state'>>,
): readonly DistrictShare[] {
  const length =
    levels.find((one) => new Set(sites.map((site) => site.regionCode.slice(0, one))).size <= mostTiles) ?? 2;
  const shares = new Map<string, { sites: number; reached: number }>();
  for (const { id, regionCode } of sites) {
    // what lies higher (the regency's own sites) belongs to none of them
    if (regionCode.length < length) continue;
    const code = regionCode.slice(0, length);
    const share = shares.get(code) ?? { sites: 0, reached: 0 };
    shares.set(code, share);
    share.sites += 1;
    const state = states.get(id)?.state;
    if (state !== 'down' && state !== 'unreachable') share.reached += 1;
  }
  return [...shares]
    .map(([code, share]) => ({ code, ...share, isDark: share.reached < share.sites / 2 }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

const roomFor = 10;

/** A name that fits a tile: `T. Riattang`, `T.R. Barat`. The last word tells neighbours apart and stays. */
export function shortName(name: string): string {
  const words = name.split(' ');
  const last = words.pop() ?? '';
  if (name.length <= roomFor || words.length === 0) return name;
  return `${words.map((word) => `${word.slice(0, 1)}.`).join('')} ${last}`;
}
