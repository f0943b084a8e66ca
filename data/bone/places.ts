import { readFileSync } from 'node:fs';
import { trunks, town } from './trunks.ts';

/** Bone's districts and villages with their points, and how the villages of a district hang together. */
export interface Place {
  readonly code: string;
  readonly name: string;
  readonly slug: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Kilometres east and south of a point in the middle of the regency; for distances only. */
  readonly x: number;
  readonly y: number;
}

export interface Branch {
  readonly village: Place;
  /** Where its uplink goes: another village, the district's hub (null), or out by satellite or mobile network. */
  readonly parent: Place | null;
  readonly medium: 'fibre' | 'radio' | 'vsat' | '4g';
}

const midLatitude = -4.66;
const midLongitude = 120.09;
const kmPerDegreeEast = 111.32 * Math.cos((midLatitude * Math.PI) / 180);
const kmPerDegreeSouth = 110.574;

export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

export function place(code: string, name: string, latitude: number, longitude: number): Place {
  return {
    code,
    name,
    slug: slugOf(name),
    latitude,
    longitude,
    x: (longitude - midLongitude) * kmPerDegreeEast,
    y: (midLatitude - latitude) * kmPerDegreeSouth,
  };
}

export function distanceKm(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Reads `code,name,latitude,longitude`; lines that begin with `#` are comments. */
export function readPlaces(file: URL): { districts: Place[]; villages: Place[] } {
  const rows = readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .filter((line) => /^\d\d\./.test(line))
    .map((line) => {
      const [code = '', name = '', latitude = '', longitude = ''] = line.split(',');
      return place(code, name, Number(latitude), Number(longitude));
    });
  return {
    districts: rows.filter((row) => row.code.length === 8),
    villages: rows.filter((row) => row.code.length === 13),
  };
}

/** A small repeatable source of chance (mulberry32): the same seed, the same network. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const remote = new Set(['Bontocani', 'Tellulimpoe', 'Ponre', 'Cenrana']);
const hubPorts = 15;
const relayPorts = 3;

/**
 * Joins each village of a district to the nearest place that is joined already, where a hop costs as much as 1.7 km.
 * In town and near the hub by fibre, behind by radio, and what is too far by satellite or mobile network.
 */
export function branches(district: Place, villages: readonly Place[], random: () => number): Branch[] {
  const trunkEnds = trunks.filter(([a, b]) => a === district.name || b === district.name).length;
  const joined: { place: Place; hop: number; parent: Place | null; free: number }[] = [
    { place: district, hop: 0, parent: null, free: hubPorts - trunkEnds - 1 },
  ];
  const waiting = [...villages];
  const result: Branch[] = [];
  while (waiting.length > 0) {
    let best: { village: Place; at: (typeof joined)[number]; cost: number } | null = null;
    for (const village of waiting) {
      for (const at of joined) {
        if (at.hop >= 3 || at.free === 0) continue;
        const cost = distanceKm(village, at.place) + at.hop * 1.7;
        if (best === null || cost < best.cost) best = { village, at, cost };
      }
    }
    if (best === null) throw new Error(`No place in ${district.name} has a port left.`);
    const { village, at } = best;
    waiting.splice(waiting.indexOf(village), 1);
    const km = distanceKm(village, at.place);
    const inTown = town.has(district.name);
    const edge =
      !inTown && district.name !== 'Kahu' && (km > 5.6 || (remote.has(district.name) && km > 3.4 && random() < 0.5));
    if (edge) {
      result.push({ village, parent: null, medium: random() < 0.55 ? 'vsat' : '4g' });
      continue;
    }
    const fibre = inTown || (km < 2.6 && at.hop === 0) || random() < 0.12;
    at.free -= 1;
    joined.push({ place: village, hop: at.hop + 1, parent: at.place, free: relayPorts });
    result.push({ village, parent: at.place === district ? null : at.place, medium: fibre ? 'fibre' : 'radio' });
  }
  return result;
}
