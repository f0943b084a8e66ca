import type { SeriesQueryView } from '../../../../src/api/views.ts';
import { api, type RequestOptions } from './api.ts';

/** `POST /api/v1/series/query`: times in seconds since the epoch. */
export interface SeriesQuery {
  readonly measurement: string;
  readonly fields: readonly string[];
  readonly filter: {
    readonly device?: readonly string[];
    readonly interface?: readonly string[];
    readonly sensor?: readonly string[];
    readonly service?: readonly string[];
    readonly check?: readonly string[];
  };
  readonly from: number;
  readonly to: number;
  readonly maxPoints?: number;
  readonly stepS?: number;
  readonly aggregate?: 'mean' | 'min' | 'max' | 'last' | 'sum' | 'count';
  readonly groupBy?: readonly string[];
}

export async function querySeries(query: SeriesQuery, options?: RequestOptions): Promise<SeriesQueryView> {
  return api.post<SeriesQueryView>('/series/query', query, options);
}
