import type { TerritoryInput } from './source.ts';

/** Public geography as the console reads it; see `TerritoryView` in the API's views, whose shape it has. */
export interface Territory {
  readonly version: string;
  readonly source: { readonly kind: 'computed' | 'imported'; readonly text: string };
  readonly bounds: readonly [west: number, south: number, east: number, north: number];
  readonly tiles: string;
  readonly regions: readonly {
    readonly code: string;
    readonly name: string;
    readonly latitude: number;
    readonly longitude: number;
  }[];
  readonly edges: readonly (readonly [left: string, right: string, line: readonly number[]])[];
  readonly neighbours: readonly Neighbour[];
  readonly cornerKm: number;
}

/** The name of what lies around, at its true position. */
export interface Neighbour {
  readonly name: string;
  readonly kind: 'land' | 'sea';
  readonly latitude: number;
  readonly longitude: number;
}

/** What the child process is told. */
export interface BuildJob {
  readonly version: string;
  /** Where the finished version goes: `territory.json` and `tiles/{z}/{x}/{y}.pbf`. */
  readonly folder: string;
  /** Without the boundaries, which lie beside the job, one a line: `{"code":…,"geometry":…}`. */
  readonly input: Omit<TerritoryInput, 'boundaries'>;
  readonly neighbours: readonly Neighbour[];
}

/** Where the boundaries of a job are. */
export const boundariesBeside = (jobPath: string): string => `${jobPath}.boundaries`;
