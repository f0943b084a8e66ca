import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import type { Changes } from '../database/collection/changes.ts';

/** The geography of all regions, as the map's territories are made from it. Public knowledge, the same for everyone. */
export interface Geography {
  readonly points: readonly {
    readonly code: string;
    readonly name: string;
    readonly latitude: number;
    readonly longitude: number;
  }[];
  /** With the geometry as JSON: nobody in this thread reads it. */
  readonly boundaries: readonly { readonly code: string; readonly geometry: string }[];
  readonly boundariesSource: string | null;
}

/** Hands out the geography, and says when a region's point, name, code or boundary changed. */
export class GeographySource {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #logger: Logger;

  constructor(options: { readonly db: Kysely<Database>; readonly changes: Changes; readonly logger: Logger }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#logger = options.logger;
  }

  async read(): Promise<Geography> {
    const points = await sql<Geography['points'][number]>`
      select code, name, latitude, longitude from regions where latitude is not null
      union all
      select up.code, up.name, avg(village.latitude), avg(village.longitude) from regions up
        join regions village on village.code like up.code || '.%' and village.level = 'village'
        where up.latitude is null and up.level in ('province', 'regency') and village.latitude is not null
        group by up.code, up.name
      order by code`.execute(this.#db);
    const boundaries = await sql<{ code: string; geometry: string; source: string }>`
      select code, geometry::text, source from boundaries join regions on regions.id = region_id order by code`.execute(
      this.#db,
    );
    const sources = [...new Set(boundaries.rows.map((row) => row.source))];
    return {
      points: points.rows,
      boundaries: boundaries.rows.map(({ code, geometry }) => ({ code, geometry })),
      boundariesSource: sources.length === 0 ? null : sources.join('; '),
    };
  }

  onChange(wake: () => void): () => void {
    let signature: string | null = null;
    let stopped = false;
    const look = async () => {
      try {
        const now = await this.#signature();
        const changed = signature !== null && now !== signature;
        signature = now;
        if (changed && !stopped) wake();
      } catch (error) {
        this.#logger.warn(error, 'the geography could not be read');
      }
    };
    void look();
    const stop = this.#changes.onCommit(() => void look());
    return () => {
      stopped = true;
      stop();
    };
  }

  async #signature(): Promise<string> {
    const row = await sql<{ signature: string }>`select concat_ws(' ',
      (select concat(count(*), ' ', sum(version), ' ', sum(hashtext(code || name)::bigint)) from regions),
      (select concat(count(*), ' ', max(imported_at)) from boundaries)) as signature`.execute(this.#db);
    return row.rows[0]?.signature ?? '';
  }
}
