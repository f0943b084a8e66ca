import { sql, type Kysely, type SqlBool } from 'kysely';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Scope } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import { eventKeys, type EventKey, type NetworkEvent } from '../domain/event.ts';
import { isId } from '../domain/ids.ts';
import type { PlacedEvent } from '../domain/status-change.ts';

export interface EventFilter {
  readonly entityId?: string | undefined;
  readonly entityKind?: string | undefined;
  readonly siteId?: string | undefined;
  /** A region's code: it and all below it. */
  readonly region?: string | undefined;
  readonly keys?: readonly EventKey[] | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Part of the entity's name. */
  readonly q?: string | undefined;
}

export interface EventPage {
  readonly items: readonly PlacedEvent[];
  readonly next: string | null;
}

/** Events as they were recorded, newest first, limited by region in the query. */
export class EventLog {
  readonly #db: Kysely<Database>;

  constructor(options: { readonly db: Kysely<Database> }) {
    this.#db = options.db;
  }

  async list(
    filter: EventFilter,
    page: { readonly limit: number; readonly cursor?: string | undefined },
    scope: Scope,
  ) {
    let query = this.#db.selectFrom('events').selectAll().where(withinScope('region_code', scope));
    if (filter.entityId !== undefined) query = query.where('entity_id', '=', filter.entityId);
    if (filter.entityKind !== undefined) query = query.where('entity_kind', '=', filter.entityKind);
    if (filter.siteId !== undefined) query = query.where('site_id', '=', isId(filter.siteId) ? filter.siteId : null);
    if (filter.region !== undefined) query = query.where(withinScope('region_code', { regionCodes: [filter.region] }));
    if (filter.keys !== undefined && filter.keys.length > 0) query = query.where('key', 'in', [...filter.keys]);
    if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
    if (filter.to !== undefined) query = query.where('at', '<', filter.to);
    if (filter.q !== undefined && filter.q !== '') {
      query = query.where('entity_name', 'ilike', `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`);
    }
    if (page.cursor !== undefined) {
      const { at, id } = openCursor(page.cursor);
      query = query.where(sql<SqlBool>`(at, id) < (${at}::timestamptz, ${id}::uuid)`);
    }
    const rows = await query
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const items = rows.slice(0, page.limit).map((row): PlacedEvent => ({
      event: {
        id: row.id as NetworkEvent['id'],
        at: row.at.getTime(),
        key: row.key as EventKey,
        entityKind: row.entity_kind as NetworkEvent['entityKind'],
        entityId: row.entity_id,
        entityName: row.entity_name,
        siteId: row.site_id,
        regionCode: row.region_code,
        cause: row.cause,
        arguments: row.arguments,
      },
      causeRegionCodes: row.cause_regions,
    }));
    const last = items.at(-1);
    const next = rows.length > page.limit && last !== undefined ? sealCursor(last.event.at, last.event.id) : null;
    return { items, next } satisfies EventPage;
  }
}

export function isEventKey(text: string): text is EventKey {
  return (eventKeys as readonly string[]).includes(text);
}

function sealCursor(at: number, id: string): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

function openCursor(cursor: string): { readonly at: Date; readonly id: string } {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === 2) {
      const [at, id]: unknown[] = parts;
      if (
        typeof at === 'number' &&
        Number.isSafeInteger(at) &&
        Math.abs(at) < 8e15 &&
        typeof id === 'string' &&
        isId(id)
      ) {
        return { at: new Date(at), id };
      }
    }
  } catch {
    // Told below, like any other cursor that is none.
  }
  throw new ArungError('invalid', 'The cursor does not belong to this list: start again without a cursor.', {
    code: 'list.bad-cursor',
  });
}
