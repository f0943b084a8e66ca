import type { LinkListView, Page, SeriesQueryView } from '../../../../src/api/views.ts';
import { api } from '../lib/api.ts';
import { querySeries } from '../lib/series.ts';

export interface PastLoad {
  /** Bits per second from A to B and back; null where nothing was measured. */
  readonly abBps: number | null;
  readonly baBps: number | null;
  /** Of the busier direction, percent of the capacity. */
  readonly loadPercent: number | null;
}

type End = Pick<LinkListView, 'id' | 'capacityBps' | 'a' | 'b'>;
/** A value this much older than the moment still tells of it (seconds); raw points come each 10 s. */
const windowS = 120;
/** As many ids as one query of series takes. */
const mostIds = 500;

/** What the links carried at a moment of the past. The ends of the links are read once, the series for each moment. */
export class PastLoads {
  #ends: Promise<readonly End[]> | null = null;

  /** By link; links of which nothing is stored are left out. */
  async at(moment: number, signal: AbortSignal): Promise<ReadonlyMap<string, PastLoad>> {
    this.#ends ??= readEnds().catch((error: unknown) => {
      this.#ends = null;
      throw error;
    });
    const ends = await this.#ends;
    const ids = ends.flatMap(({ a, b }) => [a.interfaceId, b.interfaceId]);
    const to = Math.floor(moment / 1000);
    const answers: SeriesQueryView[] = [];
    for (let first = 0; first < ids.length; first += mostIds) {
      const query = {
        measurement: 'interface',
        fields: ['in_bps', 'out_bps'],
        filter: { interface: ids.slice(first, first + mostIds) },
        from: to - windowS,
        to,
        maxPoints: 12,
        aggregate: 'last',
        groupBy: ['interface'],
      } as const;
      answers.push(await querySeries(query, { signal }));
    }
    return loadsOf(ends, answers);
  }
}

async function readEnds(): Promise<readonly End[]> {
  const found: End[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<LinkListView> = await api.get('/links', { query: { between: 'sites', limit: 500, cursor } });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && found.length < 20_000);
  return found;
}

/** What leaves A goes to B; where A's port is silent or out of sight, what B's port received tells the same. */
export function loadsOf(
  ends: readonly End[],
  answers: readonly Pick<SeriesQueryView, 'series'>[],
): ReadonlyMap<string, PastLoad> {
  const last = new Map<string, number>();
  for (const { series } of answers) {
    for (const { tags, field, values } of series) {
      const value = values.findLast((one) => one !== null);
      if (value !== undefined && value !== null) last.set(`${tags['interface']} ${field}`, value);
    }
  }
  const loads = new Map<string, PastLoad>();
  for (const { id, capacityBps, a, b } of ends) {
    const read = (port: string, field: string) => last.get(`${port} ${field}`) ?? null;
    const abBps = read(a.interfaceId, 'out_bps') ?? read(b.interfaceId, 'in_bps');
    const baBps = read(a.interfaceId, 'in_bps') ?? read(b.interfaceId, 'out_bps');
    const known = [abBps, baBps].filter((bps) => bps !== null);
    if (known.length === 0) continue;
    loads.set(id, { abBps, baBps, loadPercent: Math.round((Math.max(...known) / capacityBps) * 1000) / 10 });
  }
  return loads;
}
