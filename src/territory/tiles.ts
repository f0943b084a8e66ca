import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { GeoJSONVT } from '@maplibre/geojson-vt';
import { fromGeojsonVt } from '@maplibre/vt-pbf';
import type { Geography } from './geography.ts';
import type { MultiPolygon } from './source.ts';

export const minTileZoom = 3;
export const maxTileZoom = 11;
const extent = 4096;
/** With more villages than a regency has, a far tile would carry thousands of them: they come from zoom 8 then. */
const manyCells = 2_000;

interface Feature {
  readonly type: 'Feature';
  readonly geometry: MultiPolygon;
  readonly properties: Readonly<Record<string, string>>;
}

interface Layer {
  readonly name: string;
  readonly from: number;
  readonly index: GeoJSONVT;
}

/**
 * Vector tiles of a geography below `folder`, as `{z}/{x}/{y}.pbf`, gzip: layers `tile` (id = region code, name,
 * district), `district`, `regency`, `province` (id) and `coast`. A tile in which nothing lies is not written.
 */
export async function writeTiles(
  folder: string,
  geography: Geography,
  names: ReadonlyMap<string, string>,
): Promise<number> {
  const plain = (areas: ReadonlyMap<string, MultiPolygon>) =>
    [...areas].map(([code, geometry]) => feature(geometry, { id: code, name: names.get(code) ?? code }));
  const layers: Layer[] = [
    layer(
      'tile',
      geography.cells.size > manyCells ? 8 : minTileZoom,
      [...geography.cells].map(([code, geometry]) =>
        feature(geometry, { id: code, name: names.get(code) ?? code, district: code.slice(0, 8) }),
      ),
    ),
    layer('district', geography.cells.size > manyCells ? 6 : minTileZoom, plain(geography.districts)),
    layer('regency', minTileZoom, plain(geography.regencies)),
    layer('province', minTileZoom, plain(geography.provinces)),
    // The coast's fading rims are lines up to 31 px to each side: the tile must know it that far beyond its border.
    layer('coast', minTileZoom, [feature(geography.coast, { id: 'coast' })], 512),
  ];
  const [west, south, east, north] = geography.bounds;
  let written = 0;
  for (let z = minTileZoom; z <= maxTileZoom; z++) {
    // One more on each side for what reaches across a border.
    const [x0, x1] = [column(west, z) - 1, column(east, z) + 1];
    const [y0, y1] = [row(north, z) - 1, row(south, z) + 1];
    for (let x = Math.max(0, x0); x <= Math.min(2 ** z - 1, x1); x++) {
      await mkdir(join(folder, `${z}/${x}`), { recursive: true });
      for (let y = Math.max(0, y0); y <= Math.min(2 ** z - 1, y1); y++) {
        const tile = tileOf(layers, z, x, y);
        if (!tile) continue;
        await writeFile(join(folder, `${z}/${x}/${y}.pbf`), tile);
        written++;
      }
    }
  }
  return written;
}

function tileOf(layers: readonly Layer[], z: number, x: number, y: number): Buffer | null {
  const found = layers.flatMap(({ name, from, index }) => {
    const tile = z >= from ? index.getTile(z, x, y) : null;
    return tile && tile.features.length > 0 ? [[name, tile] as const] : [];
  });
  if (found.length === 0) return null;
  return gzipSync(fromGeojsonVt(Object.fromEntries(found), { version: 2, extent }));
}

function layer(name: string, from: number, features: Feature[], buffer = 64): Layer {
  const index = new GeoJSONVT(
    { type: 'FeatureCollection', features },
    { maxZoom: maxTileZoom, indexMaxZoom: 5, indexMaxPoints: 200, tolerance: 3, extent, buffer },
  );
  return { name, from, index };
}

function feature(geometry: MultiPolygon, properties: Record<string, string>): Feature {
  return { type: 'Feature', properties, geometry };
}

function column(longitude: number, z: number): number {
  return Math.floor(((longitude + 180) / 360) * 2 ** z);
}

function row(latitude: number, z: number): number {
  const y = 0.5 - Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) / (2 * Math.PI);
  return Math.floor(y * 2 ** z);
}
