/** Of GeoJSON (RFC 7946, section 3.1) what boundaries are made of; positions are longitude, latitude. */
export interface Polygon {
  readonly type: 'Polygon';
  readonly coordinates: number[][][];
}
export interface MultiPolygon {
  readonly type: 'MultiPolygon';
  readonly coordinates: number[][][][];
}

/** A region as the map needs it: its code says its level, its point where it lies (WGS 84, degrees). */
export interface RegionPoint {
  readonly code: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** An imported boundary: the region's code and its geometry, WGS 84 degrees. */
export interface RegionBoundary {
  readonly code: string;
  readonly geometry: Polygon | MultiPolygon;
}

export interface TerritoryInput {
  readonly points: readonly RegionPoint[];
  /** Empty: territories are computed from the points. */
  readonly boundaries: readonly RegionBoundary[];
  /** Where the boundaries came from, as the importer named it; shown in the layers menu. */
  readonly boundariesSource: string | null;
}

/** The same as the controller handles it: a country's boundaries are 60 MB, which only the child process parses. */
export interface TerritoryTexts extends Omit<TerritoryInput, 'boundaries'> {
  readonly boundaries: readonly {
    readonly code: string;
    /** JSON of its geometry. */
    readonly geometry: string;
  }[];
}

/** Who knows the regions. Read when a change wakes us; the wake carries no data. */
export interface TerritorySource {
  read(): Promise<TerritoryTexts>;
  /** Calls back after every change of a region's point, name or boundary; returns the way to stop. */
  onChange(wake: () => void): () => void;
}
