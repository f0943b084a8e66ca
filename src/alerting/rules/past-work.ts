import type { Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import { spansIn, type RecurringSpan } from '../../domain/recurrence.ts';
import { isWithin } from '../../domain/region.ts';

/** What planned work covers: exactly one of the three. */
export interface PlannedWork extends RecurringSpan {
  readonly deviceId: string | null;
  readonly siteId: string | null;
  readonly regionCode: string | null;
}

/** Where something fired; `deviceId` null for what is no device's. */
export interface WorkPlace {
  readonly deviceId: string | null;
  readonly siteId: string;
  readonly regionCode: string;
}

/** Planned work of the past, as far as it is still kept. Seconds since the epoch. */
export async function readPastWork(
  db: Kysely<Database>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<PastWork> {
  const rows = await db
    .selectFrom('maintenance')
    .leftJoin('regions', 'regions.id', 'maintenance.region_id')
    .select([
      'maintenance.device_id as deviceId',
      'maintenance.site_id as siteId',
      'regions.code as regionCode',
      'starts_at',
      'ends_at',
      'recurrence',
    ])
    .where('starts_at', '<', new Date(to * 1_000))
    .where((eb) => eb.or([eb('ends_at', '>', new Date(from * 1_000)), eb('recurrence', 'is not', null)]))
    .execute();
  const work = rows.map(({ starts_at, ends_at, ...row }) => {
    return { ...row, from: starts_at.getTime(), to: ends_at.getTime() };
  });
  return new PastWork(work);
}

/** Says of a span in the past whether planned work covered all of it: then nobody would have been told. */
export class PastWork {
  readonly #work: readonly PlannedWork[];

  constructor(work: readonly PlannedWork[]) {
    this.#work = work;
  }

  /** `from` and `to` in seconds since the epoch. */
  covers(place: WorkPlace, from: number, to: number): boolean {
    const [begin, end] = [from * 1_000, to * 1_000];
    const spans = this.#work
      .filter((work) => isAt(work, place))
      .flatMap((work) => spansIn(work, begin, end))
      .sort((a, b) => a.from - b.from);
    let coveredTo = begin;
    for (const span of spans) {
      if (span.from > coveredTo) return false;
      coveredTo = Math.max(coveredTo, span.to);
    }
    return spans.length > 0 && coveredTo >= end;
  }
}

function isAt(work: PlannedWork, { deviceId, siteId, regionCode }: WorkPlace): boolean {
  if (work.deviceId !== null) return work.deviceId === deviceId;
  if (work.siteId !== null) return work.siteId === siteId;
  return work.regionCode !== null && isWithin(regionCode, work.regionCode);
}
