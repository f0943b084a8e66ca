import { sql, type Kysely } from 'kysely';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import { scopeFor, type Access } from '../domain/access.ts';
import { likeLiteral } from '../database/collection/reach.ts';

/** Something found: what it is and what tells it from others of its name. */
export interface SearchHit {
  readonly kind: 'region' | 'site' | 'device' | 'link';
  /** Id; of a region its code. */
  readonly id: string;
  readonly name: string;
  readonly detail: string;
}

/**
 * Finds places, devices (by name, address, MAC, model or serial number) and links, within the reader's regions. All
 * words must match; names that begin with them come first.
 */
export class Search {
  readonly #db: Kysely<Database>;

  constructor(options: { readonly db: Kysely<Database> }) {
    this.#db = options.db;
  }

  async find(access: Access, query: string, limit = 20): Promise<SearchHit[]> {
    const words = query
      .split(/\s+/)
      .filter((word) => word !== '')
      .slice(0, 6);
    if (words.length === 0) return [];
    const scope = scopeFor(access, 'inventory.read');
    const patterns = words.map((word) => `%${likeLiteral(word)}%`);
    const begins = `${likeLiteral(query.trim())}%`;
    // As MACs are written on labels: 48A98A112233, 48-A9-8A-11-22-33, 48a9.8a11.2233.
    const digits = words.length === 1 ? (words[0] ?? '').toLowerCase().replace(/[:.-]/g, '') : '';
    const mac = /^[0-9a-f]{4,12}$/.test(digits) ? `%${(digits.match(/../g) ?? []).join(':')}%` : null;
    const all = (text: string) =>
      sql.join(
        patterns.map((pattern) => sql`${sql.raw(text)} ilike ${pattern}`),
        sql` and `,
      );
    const device = `(devices.name || ' ' || devices.address || ' ' || devices.vendor || ' ' || devices.model || ' '
      || devices.serial || ' ' || sites.name)`;
    const found = await sql<SearchHit>`
      select kind, id, name, detail from (
        (select 'region' as kind, regions.code as id, regions.name as name,
          concat_ws(', ', regions.code, above.name) as detail, 2 as weight
        from regions left join regions above on above.code = regexp_replace(regions.code, '\\.[0-9]+$', '')
          and above.code <> regions.code
        where ${withinScope('regions.code', scope)} and ${all("(regions.name || ' ' || regions.code)")}
        order by regions.name not ilike ${begins}, regions.code limit ${limit})
        union all
        (select 'site', sites.id::text, sites.name, concat_ws(', ', sites.code, regions.name), 0
        from sites join regions on regions.id = sites.region_id
        where ${withinScope('regions.code', scope)}
          and ${all("(sites.name || ' ' || sites.code || ' ' || regions.name)")}
        order by sites.name not ilike ${begins}, sites.name limit ${limit})
        union all
        (select 'device', devices.id::text, devices.name,
          concat_ws(', ', nullif(devices.address, ''), nullif(devices.model, ''), sites.name), 1
        from devices join sites on sites.id = devices.site_id join regions on regions.id = sites.region_id
        where ${withinScope('regions.code', scope)} and (${all(device)}
          or exists (select 1 from interfaces where interfaces.device_id = devices.id and mac like ${mac}))
        order by devices.name not ilike ${begins}, devices.name limit ${limit})
        union all
        (select 'link', links.id::text, links.name, links.medium, 3
        from links
        join link_ends a on a.link_id = links.id and a.side = 'a' join interfaces ai on ai.id = a.interface_id
        join devices ad on ad.id = ai.device_id join sites asite on asite.id = ad.site_id
        join regions ar on ar.id = asite.region_id
        join link_ends b on b.link_id = links.id and b.side = 'b' join interfaces bi on bi.id = b.interface_id
        join devices bd on bd.id = bi.device_id join sites bsite on bsite.id = bd.site_id
        join regions br on br.id = bsite.region_id
        where ${withinScope('ar.code', scope)} and ${withinScope('br.code', scope)} and ${all('links.name')}
        order by links.name not ilike ${begins}, links.name limit ${limit})
      ) hits
      order by name not ilike ${begins}, weight, name, id limit ${limit}`.execute(this.#db);
    return found.rows;
  }
}
