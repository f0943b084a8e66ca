import { ArungError, type ErrorDetail } from '../../domain/errors.ts';
import { isRegionCode } from '../../domain/region.ts';
import { whereItIsStrange } from '../import/json-limits.ts';
import { positionsOf } from '../import/json-positions.ts';
import type { PolygonRings, Position, Ring } from './geometry.ts';

/** A boundary as the file has it. */
export interface ReadBoundary {
  readonly code: string;
  /** From 0, as in the file. */
  readonly feature: number;
  readonly polygons: readonly PolygonRings[];
}

const usualNames = ['k', 'code', 'kode', 'kode_kemendagri', 'kode_wilayah', 'kode_desa', 'kode_kec', 'kode_kd'];
const mostTold = 200;
/** Each position is a list: as many as fit in the largest file with five decimals. */
const limits = { deepest: 32, mostOpened: 3_000_000 };

/** What is wrong with a boundary file, with the feature and its line. */
export class BoundaryProblems {
  readonly told: ErrorDetail[] = [];
  count = 0;
  readonly #lineOf: (feature: number) => number;

  constructor(lineOf: (feature: number) => number) {
    this.#lineOf = lineOf;
  }

  add(feature: number, code: string, says: string, args: Readonly<Record<string, string | number>> = {}): void {
    this.count++;
    if (this.told.length >= mostTold) return;
    const line = this.#lineOf(feature);
    this.told.push({
      message: `Line ${line}, feature ${feature + 1}: ${says}`,
      code: `boundary.${code}`,
      arguments: { feature: feature + 1, line, ...args },
      field: `/features/${feature}`,
      line,
    });
  }
}

/** Reads a GeoJSON FeatureCollection of polygons; what is wrong with single features is told in `problems`. */
export function readGeoJson(
  text: string,
  options: { readonly property?: string | undefined },
): { boundaries: ReadBoundary[]; problems: BoundaryProblems; property: string } {
  const strange = whereItIsStrange(text, limits);
  if (strange?.is === 'large') {
    throw wrongFile(
      'too-large',
      `The file holds more than ${limits.mostOpened} positions and features: simplify it, or import it by parts.`,
      { most: limits.mostOpened },
    );
  }
  if (strange?.is === 'deep') {
    throw wrongFile('syntax', `The file is nested more than ${limits.deepest} levels deep: GeoJSON is not.`);
  }
  const collection = parse(text);
  const features = isObject(collection) ? collection['features'] : undefined;
  if (!isObject(collection) || collection['type'] !== 'FeatureCollection' || !Array.isArray(features)) {
    throw wrongFile('not-a-collection', 'The file is no GeoJSON FeatureCollection: export the boundaries as one.');
  }
  const crs = isObject(collection['crs']) ? JSON.stringify(collection['crs']) : '';
  if (crs !== '' && !/CRS84|4326/.test(crs)) {
    throw wrongFile('wrong-crs', 'The file is not in WGS 84: export it with longitude and latitude (EPSG:4326).');
  }
  let locate: ReturnType<typeof positionsOf> | null = null;
  const problems = new BoundaryProblems((feature) => (locate ??= positionsOf(text, 2))(`/features/${feature}`).line);
  const property = options.property ?? guessProperty(features);
  const boundaries: ReadBoundary[] = [];
  for (const [index, feature] of features.entries()) {
    const boundary = readFeature(feature, index, property, problems);
    if (boundary !== null) boundaries.push(boundary);
  }
  return { boundaries, problems, property };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw wrongFile('syntax', `The file is no JSON: ${reason.slice(0, 200)}`);
  }
}

function wrongFile(code: string, message: string, args: Readonly<Record<string, number>> = {}): ArungError {
  return new ArungError('invalid', `${message} Nothing was imported.`, { code: `boundary.${code}`, arguments: args });
}

/** The property that holds a region code in most features; the usual names go first. */
function guessProperty(features: readonly unknown[]): string {
  const hits = new Map<string, number>();
  for (const feature of features.slice(0, 2_000)) {
    for (const [name, value] of Object.entries(propertiesOf(feature))) {
      if (codeOf(value) !== null) hits.set(name, (hits.get(name) ?? 0) + 1);
    }
  }
  const usual = (name: string) => {
    const at = usualNames.indexOf(name.toLowerCase());
    return at < 0 ? usualNames.length : at;
  };
  // The code of the region itself is the longest one: its parents' codes stand beside it in some files.
  const lengthOf = (name: string) =>
    Math.max(...features.slice(0, 50).map((one) => codeOf(propertiesOf(one)[name])?.length ?? 0));
  const [best] = [...hits.keys()].sort(
    (a, b) => (hits.get(b) ?? 0) - (hits.get(a) ?? 0) || lengthOf(b) - lengthOf(a) || usual(a) - usual(b),
  );
  if (best !== undefined) return best;
  throw wrongFile(
    'no-code-property',
    'No property of the features holds a region code: say which one does (property=NAME).',
  );
}

function propertiesOf(feature: unknown): Readonly<Record<string, unknown>> {
  return isObject(feature) && isObject(feature['properties']) ? feature['properties'] : {};
}

/** `73.08.01.2003`, or the same without dots (`7308012003`), as text or number. */
function codeOf(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).trim();
  if (isRegionCode(text)) return text;
  const plain = /^(\d{2})(?:(\d{2})(?:(\d{2})(\d{4})?)?)?$/.exec(text);
  return plain === null
    ? null
    : plain
        .slice(1)
        .filter((part) => part !== undefined)
        .join('.');
}

function readFeature(
  feature: unknown,
  index: number,
  property: string,
  problems: BoundaryProblems,
): ReadBoundary | null {
  const value = propertiesOf(feature)[property];
  const code = codeOf(value);
  if (code === null) {
    const shown = value === undefined ? 'missing' : JSON.stringify(value)?.slice(0, 40);
    problems.add(index, 'no-code', `its property ${property} is no region code (${shown}).`, {
      property,
      value: String(shown),
    });
    return null;
  }
  const geometry = isObject(feature) && isObject(feature['geometry']) ? feature['geometry'] : {};
  const { type, coordinates } = geometry;
  const parts = type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' ? coordinates : null;
  if (!Array.isArray(parts) || parts.length === 0) {
    problems.add(index, 'no-polygon', `${code} has no Polygon or MultiPolygon.`, { value: code });
    return null;
  }
  const wrong = whatIsWrong(parts);
  if (wrong !== null) {
    problems.add(index, wrong.code, `${code}: ${wrong.says}`, { value: code });
    return null;
  }
  return { code, feature: index, polygons: parts as readonly PolygonRings[] };
}

interface WrongShape {
  readonly code: 'bad-ring' | 'open-ring' | 'bad-position' | 'swapped' | 'out-of-range';
  readonly says: string;
}

function whatIsWrong(parts: readonly unknown[]): WrongShape | null {
  for (const polygon of parts) {
    if (!Array.isArray(polygon) || polygon.length === 0) return { code: 'bad-ring', says: 'a polygon has no ring.' };
    for (const ring of polygon) {
      if (!Array.isArray(ring) || ring.length < 4) {
        return { code: 'bad-ring', says: 'a ring has fewer than four positions.' };
      }
      for (const position of ring) {
        const wrong = wrongPosition(position);
        if (wrong !== null) return wrong;
      }
      if (!isClosed(ring)) return { code: 'open-ring', says: 'a ring does not end where it begins.' };
    }
  }
  return null;
}

function wrongPosition(position: unknown): WrongShape | null {
  const [longitude, latitude] = Array.isArray(position) ? (position as unknown[]) : [];
  if (typeof longitude !== 'number' || typeof latitude !== 'number') {
    return { code: 'bad-position', says: 'a position is no pair of numbers.' };
  }
  if (Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90) return null;
  if (Math.abs(longitude) <= 90 && Math.abs(latitude) <= 180) {
    return {
      code: 'swapped',
      says: `latitude and longitude are swapped (${longitude}, ${latitude}): GeoJSON wants longitude first.`,
    };
  }
  return {
    code: 'out-of-range',
    says: `the position (${longitude}, ${latitude}) is not on the globe: export in degrees (EPSG:4326), not in metres.`,
  };
}

function isClosed(ring: Ring): boolean {
  const same = (a: Position | undefined, b: Position | undefined) => a?.[0] === b?.[0] && a?.[1] === b?.[1];
  return same(ring[0], ring.at(-1));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
