import { cellsWithin, discs, typicalSpacing } from './cells.ts';
import { coastAround, measuresFor } from './coast.ts';
import { Mesh } from './mesh.ts';
import { boxOf, projectionAround, type Area, type Point, type Projection, type Ring } from './plane.ts';
import { areaOf, roundCorners, simplify, simplifyLine } from './rings.ts';
import type { MultiPolygon, Polygon, RegionBoundary, RegionPoint, TerritoryInput } from './source.ts';

/** Territories of one inventory, in degrees, ready to be cut into tiles. */
export interface Geography {
  readonly kind: 'computed' | 'imported';
  readonly bounds: [west: number, south: number, east: number, north: number];
  /** Radius by which corners are rounded: the console rounds the rim around dark areas alike. */
  readonly cornerKm: number;
  readonly coast: MultiPolygon;
  /** The finest level: villages, or what the inventory has. */
  readonly cells: ReadonlyMap<string, MultiPolygon>;
  readonly districts: ReadonlyMap<string, MultiPolygon>;
  readonly regencies: ReadonlyMap<string, MultiPolygon>;
  readonly provinces: ReadonlyMap<string, MultiPolygon>;
  readonly edges: readonly (readonly [left: string, right: string, line: number[]])[];
}

/** In Bone, where the coast reaches 6.4 km, corners are rounded by 620 m; elsewhere in proportion. */
const cornerShare = 0.62 / 6.4;
const defaultReachKm = 6.4;
/** 1 m: what two computations of one crossing may differ by. Lines that were drawn separately may be 30 m apart. */
const computedToleranceKm = 0.001;
const importedToleranceKm = 0.03;
/** Edges serve the rim around dark areas; for more cells than a province has they would weigh more than they help. */
const maxCellsWithEdges = 5_000;

export function computeGeography(input: TerritoryInput): Geography | null {
  const points = finestLevel(input.points);
  const boundaries = finestLevel(input.boundaries);
  if (boundaries.length > 0) return fromBoundaries(boundaries, points);
  return points.length > 0 ? fromPoints(points) : null;
}

function fromPoints(points: readonly RegionPoint[]): Geography {
  const projection = projectionAround(middle(points.map((p) => p.latitude)), middle(points.map((p) => p.longitude)));
  // To the metre: places that all but lie on one line leave a triangulation to the last digit of their numbers.
  const places = points.map((p): Point => {
    const [x, y] = projection.toPlane(p.longitude, p.latitude);
    return [Math.round(x * 1_000) / 1_000, Math.round(y * 1_000) / 1_000];
  });
  let reach = defaultReachKm;
  let coast: Area[];
  let cells: Area[][];
  if (places.length < 3) {
    cells = discs(places, reach * 0.36);
    coast = cells.flat();
  } else {
    reach = Math.min(60, Math.max(0.3, 1.4 * typicalSpacing(places)));
    coast = coastAround(places, measuresFor(reach));
    cells = cellsWithin(places, coast);
  }
  const byCode = new Map(points.map((p, i) => [p.code, cells[i] ?? []]));
  return assemble({ kind: 'computed', cells: byCode, coast, cornerKm: reach * cornerShare, projection });
}

function fromBoundaries(boundaries: readonly RegionBoundary[], points: readonly RegionPoint[]): Geography {
  const flat = boundaries.flatMap((b) => polygonsOf(b.geometry).flat(2));
  const projection = projectionAround(middle(flat.map((p) => p[1] ?? 0)), middle(flat.map((p) => p[0] ?? 0)));
  const toRing = (ring: readonly (readonly number[])[]): Ring =>
    ring.map(([lon = 0, lat = 0]) => projection.toPlane(lon, lat));
  const cells = new Map(
    boundaries.map((b) => [b.code, polygonsOf(b.geometry).map((rings): Area => rings.map(toRing))]),
  );
  // Villages without a boundary get a small disc where they lie, so that their state can be seen.
  const missing = points.filter((p) => !cells.has(p.code));
  discs(
    missing.map((p) => projection.toPlane(p.longitude, p.latitude)),
    0.5,
  ).forEach((areas, i) => {
    const point = missing[i];
    if (point) cells.set(point.code, areas);
  });
  return assemble({ kind: 'imported', cells, coast: null, cornerKm: 0, projection });
}

function assemble(parts: {
  kind: Geography['kind'];
  cells: ReadonlyMap<string, readonly Area[]>;
  coast: readonly Area[] | null;
  cornerKm: number;
  projection: Projection;
}): Geography {
  const { kind, cells, cornerKm, projection } = parts;
  const mesh = new Mesh(cells, kind === 'computed' ? computedToleranceKm : importedToleranceKm);
  const toMultiPolygon = (areas: readonly Area[]): MultiPolygon => ({
    type: 'MultiPolygon',
    coordinates: areas.map((area) => area.map((ring) => ring.map((p) => degrees(projection, p)))),
  });
  const rounded = (areas: readonly Area[]) =>
    toMultiPolygon(areas.map((area) => area.map((ring) => simplify(roundCorners(ring, cornerKm), cornerKm * 0.02))));
  const level = (length: number) =>
    new Map([...mesh.unions(length)].map(([code, areas]) => [code, rounded(withoutSlivers(areas))]));
  const land = parts.coast ?? withoutSlivers([...mesh.unions(0).values()].flat());
  const box = boxOf(land.flatMap((area) => area[0] ?? []));
  const [west, south] = degrees(projection, [box.west, box.south]);
  const [east, north] = degrees(projection, [box.east, box.north]);
  const edges = cells.size > maxCellsWithEdges ? [] : mesh.edges();
  const lineOf = (line: Point[]) => (kind === 'computed' ? line : simplifyLine(line, importedToleranceKm));
  return {
    kind,
    bounds: [west, south, east, north],
    cornerKm,
    coast: toMultiPolygon(land),
    cells: new Map([...cells].map(([code, areas]) => [code, rounded(areas)])),
    districts: level(8),
    regencies: level(5),
    provinces: level(2),
    edges: edges.map(
      ({ left, right, line }) => [left, right, lineOf(line).flatMap((p) => degrees(projection, p))] as const,
    ),
  };
}

/** Where drawn boundaries overlap or leave a gap, a union shows crumbs: specks of land and pinholes in it. */
function withoutSlivers(areas: readonly Area[]): Area[] {
  const largest = Math.max(...areas.map(areaOf));
  return areas
    .filter((area) => areaOf(area) >= Math.min(0.1, largest))
    .map((area) => area.filter((ring, i) => i === 0 || areaOf([ring]) > 0.3));
}

/** Codes of different lengths are different levels: territories come from the finest that is there. */
function finestLevel<T extends { readonly code: string }>(items: readonly T[]): T[] {
  const length = Math.max(0, ...items.map((item) => item.code.length));
  return items.filter((item) => item.code.length === length);
}

function polygonsOf(geometry: Polygon | MultiPolygon) {
  return geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
}

function middle(values: readonly number[]): number {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return (low + high) / 2;
}

/** Five decimals are a metre. */
function degrees(projection: Projection, point: Point): [number, number] {
  const [lon, lat] = projection.toDegrees(point);
  return [Math.round(lon * 1e5) / 1e5, Math.round(lat * 1e5) / 1e5];
}
