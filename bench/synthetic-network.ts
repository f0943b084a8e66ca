import type { MapLink, MapSite, MapView } from '../src/api/views.ts';
import type { RegionPoint } from '../src/territory/source.ts';

type Box = readonly [west: number, south: number, east: number, north: number];

/** A regency of Bone's size, and a country of Indonesia's, as blocks: places are made up, numbers are not. */
const regency: Box = [119.6, -5.1, 120.5, -4.1];
const country: Box = [95, -10, 141, 5];

export interface SyntheticNetwork {
  readonly points: readonly RegionPoint[];
  readonly view: MapView;
}

/** One regency of 27 districts with so many villages. */
export function regencyOf(villages: number): SyntheticNetwork {
  const network = new Builder();
  network.regency('73.08', regency, 27, villages);
  return network.built();
}

/** 38 provinces, 514 regencies and 7,277 districts with so many villages. */
export function countryOf(villages: number): SyntheticNetwork {
  const network = new Builder();
  const provinces = 38;
  const boxes = parted(country, provinces);
  for (const [p, box] of boxes.entries()) {
    const regencies = share(514, provinces, p);
    const ofProvince = share(villages, provinces, p);
    const districts = share(7_277, provinces, p);
    for (const [r, inner] of parted(box, regencies).entries()) {
      const code = `${p + 11}.${String(r + 1).padStart(2, '0')}`;
      network.regency(code, inner, share(districts, regencies, r), share(ofProvince, regencies, r));
    }
  }
  return network.built();
}

class Builder {
  readonly #points: RegionPoint[] = [];
  readonly #sites: MapSite[] = [];
  readonly #links: MapLink[] = [];
  #root: string | null = null;
  #seed = 7;

  /** A POP in the middle, a hub in each district, and behind it its villages. */
  regency(code: string, box: Box, districts: number, villages: number): void {
    const pop = this.#site('pop', `pop-${code}`, code, middle(box));
    if (this.#root === null) this.#root = pop;
    else this.#link(this.#root, pop, 'fibre', true);
    for (const [d, inner] of parted(box, districts).entries()) {
      const district = `${code}.${String(d + 1).padStart(2, '0')}`;
      const hub = this.#site('district', `hub-${district}`, district, middle(inner));
      this.#link(pop, hub, 'fibre', true);
      for (const [v, cell] of parted(inner, share(villages, districts, d)).entries()) {
        const village = `${district}.${2001 + v}`;
        const at = this.#within(cell);
        this.#points.push({ code: village, name: `Desa ${village}`, longitude: at[0], latitude: at[1] });
        const site = this.#site('village', village, village, at);
        this.#link(hub, site, v % 3 === 0 ? 'radio' : 'fibre', false);
      }
    }
  }

  built(): SyntheticNetwork {
    return { points: this.#points, view: { version: 1, sites: this.#sites, links: this.#links } };
  }

  #site(kind: MapSite['kind'], id: string, regionCode: string, at: readonly [number, number]): string {
    const [longitude, latitude] = at;
    this.#sites.push({
      id,
      code: id,
      name: id,
      kind,
      network: 'smart-city',
      regionCode,
      districtName: regionCode.slice(0, 8),
      longitude,
      latitude,
      uplinkMedium: 'fibre',
      devices: 3,
    });
    return id;
  }

  #link(a: string, b: string, medium: string, trunk: boolean): void {
    this.#links.push({ id: `${a}--${b}`, name: `${a}--${b}`, medium, capacityBps: trunk ? 1e10 : 1e9, trunk, a, b });
  }

  /** Anywhere in the middle part of a box, the same in every run. */
  #within([west, south, east, north]: Box): readonly [number, number] {
    const between = (from: number, to: number): number => {
      this.#seed = (this.#seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
      return from + (to - from) * (0.2 + (0.6 * this.#seed) / 2 ** 32);
    };
    return [between(west, east), between(south, north)];
  }
}

/** Of a total that is parted evenly, the i-th part. */
function share(total: number, parts: number, i: number): number {
  return Math.floor(((i + 1) * total) / parts) - Math.floor((i * total) / parts);
}

/** Parts a box into so many of about the same size and shape: rows, and in each its share of them. */
function parted([west, south, east, north]: Box, parts: number): Box[] {
  const rows = Math.max(1, Math.round(Math.sqrt((parts * (north - south)) / (east - west))));
  const boxes: Box[] = [];
  for (let row = 0; row < rows; row++) {
    const columns = share(parts, rows, row);
    const low = south + ((north - south) * row) / rows;
    const high = south + ((north - south) * (row + 1)) / rows;
    for (let i = 0; i < columns; i++) {
      boxes.push([west + ((east - west) * i) / columns, low, west + ((east - west) * (i + 1)) / columns, high]);
    }
  }
  return boxes;
}

function middle([west, south, east, north]: Box): readonly [number, number] {
  return [(west + east) / 2, (south + north) / 2];
}
