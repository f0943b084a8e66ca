import { sql, type Kysely } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import { currentCause } from '../../domain/alert.ts';
import { incidentName } from '../../domain/incident.ts';
import type { SiteId } from '../../domain/ids.ts';
import type { Reachability } from '../../domain/reachability.ts';
import type { Language } from '../words/figures.ts';
import { moment } from '../words/figures.ts';
import { fill } from '../words/phrases.ts';
import { shownText } from '../words/shown-text.ts';
import { causeSentence } from '../words/words.ts';
import { inboundWords } from './inbound-words.ts';

export interface StatusAnswerOptions {
  readonly db: Kysely<Database>;
  readonly stateOf: (site: SiteId) => Reachability;
  readonly timeZone: string;
}

const mostIncidents = 8;

/** `/status kahu`: the sites of a region and its open incidents, within what this reader may read. */
export async function statusAnswer(
  options: StatusAnswerOptions,
  { access, query, language }: { access: Access; query: string; language: Language },
): Promise<string> {
  const { db, stateOf, timeZone } = options;
  const words = inboundWords[language];
  const scope = scopeFor(access, 'status.read');
  if (scope !== 'everywhere' && scope.regionCodes.length === 0) return words.needsUser;
  const region = await db
    .selectFrom('regions')
    .select(['code', 'name'])
    .where(withinScope('regions.code', scope))
    .where((on) => on.or([on('name', 'ilike', `%${query.replace(/[\\%_]/g, '\\$&')}%`), on('code', '=', query)]))
    .orderBy(sql`lower(name) <> ${query.toLowerCase()}, length(code), code`)
    .limit(1)
    .executeTakeFirst();
  if (region === undefined) return fill(words.nothingFound, { query: shownText(query) });
  const below = withinScope('regions.code', { regionCodes: [region.code] });
  const sites = await db
    .selectFrom('sites')
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select('sites.id')
    .where('sites.rollout_status', '=', 'active')
    .where(below)
    .where(withinScope('regions.code', scope))
    .execute();
  const counts = { up: 0, down: 0, unreachable: 0, unknown: 0, maintenance: 0 };
  for (const { id } of sites) counts[stateOf(id)] += 1;
  const incidents = await db
    .selectFrom('incidents')
    .select(['number', 'causes', 'since', 'region_code'])
    .where('state', 'in', ['open', 'clearing'])
    .where(
      sql<boolean>`exists (select 1 from unnest(region_codes) as touched (code)
      where ${withinScope('touched.code', { regionCodes: [region.code] })} and ${withinScope('touched.code', scope)})`,
    )
    // The cause is named only to who may read where it lies.
    .select(sql<boolean>`coalesce(${withinScope('incidents.region_code', scope)}, false)`.as('isInside'))
    .orderBy('opened_at', 'desc')
    .limit(mostIncidents)
    .execute();
  const line = fill(words.regionLine, {
    region: shownText(region.name),
    all: String(sites.length),
    up: String(counts.up),
    down: String(counts.down),
    unreachable: String(counts.unreachable),
    unknown: String(counts.unknown),
  });
  const told = incidents.map(({ number, causes, since, isInside }) => {
    const cause = currentCause({ causes });
    const what = isInside ? causeSentence(cause, null, language) : shownText(cause.name);
    return `${incidentName(number)} ${what}, ${moment(since.getTime(), language, timeZone)}`;
  });
  return [line, ...(told.length === 0 ? [words.noneOpen] : told)].join('\n');
}
