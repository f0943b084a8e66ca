import { sql, type Insertable, type Kysely } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { EventsTable, StatusIntervalsTable } from '../database/tables/status.ts';
import { newId, type EventId } from '../domain/ids.ts';
import type { Cause } from '../domain/reachability.ts';
import type { PlacedEvent, PlacedTransition, ServiceTransition } from '../domain/status-change.ts';

/** The interval of an entity that has not ended, as it is or will be in the database. */
export interface OpenInterval {
  readonly rowId: string;
  readonly state: string;
  readonly since: number;
}

/** A state that begins, of whatever it is. */
interface Begun extends Omit<ServiceTransition, 'to' | 'siteId' | 'regionCode'> {
  readonly kind: StatusIntervalsTable['entity_kind'];
  readonly to: StatusIntervalsTable['state'] | 'up';
  /** When it was decided. */
  readonly at: number;
  readonly siteId: string | null;
  readonly regionCode: string | null;
  readonly otherRegionCode: string | null;
}

type IntervalRow = Insertable<StatusIntervalsTable> & { until?: Date };

const rowsAtOnce = 1_000;

/** Transitions and events as rows: what one transaction writes. Writing it twice is the same as once. */
export class HistoryBatch {
  readonly #open: Map<string, OpenInterval>;
  readonly #notBefore: number;
  readonly #intervals = new Map<string, IntervalRow>();
  readonly #ended = new Map<string, Date>();
  readonly #causes = new Map<string, { readonly cause: Cause | null; readonly regions: readonly string[] }>();
  readonly #events: Insertable<EventsTable>[] = [];

  /** `open` is brought up to date; no interval begins before `notBefore`, the start of the controller. */
  constructor(open: Map<string, OpenInterval>, notBefore: number) {
    this.#open = open;
    this.#notBefore = notBefore;
  }

  get size(): number {
    return this.#intervals.size + this.#ended.size + this.#causes.size + this.#events.length;
  }

  transition(placed: PlacedTransition): void {
    this.#begin({ ...placed, ...placed.transition });
  }

  service(transition: ServiceTransition): void {
    this.#begin({ ...transition, kind: 'service', at: transition.since, otherRegionCode: null });
  }

  #begin(transition: Begun): void {
    const { causeRegionCodes } = transition;
    const key = `${transition.kind}:${transition.id}`;
    const open = this.#open.get(key);
    if (open?.state === transition.to) {
      // The same state, another cause: what we know now replaces what we thought.
      const row = this.#intervals.get(open.rowId);
      if (row === undefined) this.#causes.set(open.rowId, { cause: transition.cause, regions: causeRegionCodes });
      else Object.assign(row, { cause: json(transition.cause), cause_regions: [...causeRegionCodes] });
      return;
    }
    // What is up as it was before a restart was unknown until now.
    const goesOn = transition.to === 'up' && open !== undefined && transition.since < open.since;
    const began = goesOn ? transition.at : transition.since;
    const since = Math.max(began, this.#notBefore, open?.since ?? 0);
    if (open !== undefined) {
      this.#open.delete(key);
      const row = this.#intervals.get(open.rowId);
      if (row === undefined) this.#ended.set(open.rowId, new Date(since));
      else row.until = new Date(since);
    }
    if (transition.to === 'up') return;
    const id = newId<EventId>();
    this.#open.set(key, { rowId: id, state: transition.to, since });
    this.#intervals.set(id, {
      id,
      entity_kind: transition.kind,
      entity_id: transition.id,
      state: transition.to,
      since: new Date(since),
      cause: json(transition.cause),
      cause_regions: [...causeRegionCodes],
      topology_version: transition.topologyVersion,
      site_id: transition.siteId,
      region_code: transition.regionCode,
      other_region_code: transition.otherRegionCode,
    });
  }

  event({ event, causeRegionCodes }: PlacedEvent): void {
    this.#events.push({
      id: event.id,
      at: new Date(event.at),
      key: event.key,
      entity_kind: event.entityKind,
      entity_id: event.entityId,
      entity_name: storable(event.entityName),
      site_id: event.siteId,
      region_code: event.regionCode,
      cause: json(event.cause),
      cause_regions: [...causeRegionCodes],
      arguments: JSON.stringify(
        Object.fromEntries(
          Object.entries(event.arguments).map(([name, value]) => [
            name,
            typeof value === 'string' ? storable(value) : value,
          ]),
        ),
      ),
    });
  }

  async write(trx: Kysely<Database>): Promise<void> {
    for (const rows of chunks([...this.#intervals.values()])) {
      await trx
        .insertInto('status_intervals')
        .values(rows.map((row) => ({ ...row, until: row.until ?? 'infinity' })))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    }
    if (this.#ended.size > 0) {
      const ids = [...this.#ended.keys()];
      const times = [...this.#ended.values()];
      await sql`
        update status_intervals i set until = greatest(i.since, u.until)
        from unnest(${ids}::uuid[], ${times}::timestamptz[]) as u(id, until)
        where i.id = u.id`.execute(trx);
    }
    for (const [id, { cause, regions }] of this.#causes) {
      await trx
        .updateTable('status_intervals')
        .set({ cause: json(cause), cause_regions: [...regions] })
        .where('id', '=', id)
        .execute();
    }
    for (const rows of chunks(this.#events)) {
      await trx
        .insertInto('events')
        .values(rows)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    }
  }
}

function json(cause: Cause | null): string | null {
  return cause === null ? null : JSON.stringify({ ...cause, name: storable(cause.name) });
}

/** PostgreSQL takes neither U+0000 nor half a surrogate pair; a device may well say either. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

function* chunks<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < rows.length; from += rowsAtOnce) yield rows.slice(from, from + rowsAtOnce);
}
