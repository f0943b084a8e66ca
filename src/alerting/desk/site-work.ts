import { sql, type Kysely, type SqlBool, type Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import { inScope, scopeFor, type Access } from '../../domain/access.ts';
import type { AlertCause } from '../../domain/alert.ts';
import { ArungError } from '../../domain/errors.ts';
import type { IncidentId, LinkId, PersonId, SiteId, UserId } from '../../domain/ids.ts';
import { isWithin } from '../../domain/region.ts';
import type { Network } from '../../domain/site.ts';
import type { TopologySource } from '../../domain/topology.ts';
import type { Actor } from './incident-request.ts';

/** Planned work as the inventory keeps it (`inventory/maintenance.ts`). */
export interface MaintenanceBook {
  /** In a transaction of the caller's, with its line in the audit log; refuses what the access may not write. */
  createWithin(
    trx: Transaction<Database>,
    access: Access,
    draft: { readonly siteId: SiteId; readonly from: string; readonly to: string; readonly reason: string },
    options: { readonly reason: string },
  ): Promise<unknown>;
}

export interface SiteWorkOptions {
  readonly maintenance: MaintenanceBook;
  readonly topology: TopologySource;
  /** What a user may now; null for one who is not there or was turned off. */
  readonly accessOfUser: (db: Kysely<Database>, id: UserId) => Promise<Access | null>;
  /** Planned work was written: others look again. */
  readonly onCommit: () => void;
}

export interface WorkSite {
  readonly id: SiteId;
  readonly name: string;
  readonly regionCode: string;
  readonly network: Network;
}

/** Longer work is planned by who plans work. */
const longestMinutes = 1_440;

/**
 * Planned work that begins with a message ("2 jam kerja di sini"): at the site to which the message sends its reader. A
 * person may begin it where the user who they are may write planned work, and where their own areas and networks are:
 * whoever gave them those may write there.
 */
export class SiteWork {
  readonly #options: SiteWorkOptions;

  constructor(options: SiteWorkOptions) {
    this.#options = options;
  }

  /** Where this person may begin work of this incident; null: nowhere. Reads only. */
  async siteFor(db: Kysely<Database>, incidentId: IncidentId, personId: PersonId): Promise<WorkSite | null> {
    const site = await siteOf(db, incidentId);
    if (site === null) return null;
    return (await this.#accessOfPerson(db, personId, site)) === null ? null : site;
  }

  /**
   * Begins it now, in the transaction of the caller, who calls `committed` after it. `isCovered`: what broke lies at the
   * site, so that nobody is told of it while the work lasts.
   */
  async begin(
    trx: Transaction<Database>,
    incident: { readonly id: IncidentId; readonly name: string },
    work: { readonly minutes: number; readonly reason: string; readonly from: number },
    actor: Actor,
  ): Promise<{ readonly site: WorkSite; readonly isCovered: boolean }> {
    const { minutes, from } = work;
    if (minutes > longestMinutes) throw tooLong();
    const site = await siteOf(trx, incident.id);
    if (site === null) throw noSite(incident.name);
    const access =
      actor.personId === null ? actor.access : await this.#accessOfPerson(trx, actor.personId, site, actor.via);
    if (access === null) throw outside(site.name, incident.name);
    const reason = `${incident.name}: ${work.reason}`.slice(0, 400);
    const span = { from: new Date(from).toISOString(), to: new Date(from + minutes * 60_000).toISOString() };
    const { maintenance, topology } = this.#options;
    await maintenance.createWithin(trx, access, { siteId: site.id, ...span, reason }, { reason: incident.name });
    const cause = await causeOf(trx, incident.id);
    const link = cause?.kind === 'link' ? topology.current().links.get(cause.id as LinkId) : undefined;
    const device = cause?.kind === 'device' ? topology.current().devices.get(cause.id as never) : undefined;
    const places = [link?.a.siteId, link?.b.siteId, device?.siteId, cause?.kind === 'site' ? cause.id : undefined];
    return { site, isCovered: places.includes(site.id) };
  }

  committed(): void {
    this.#options.onCommit();
  }

  /** Null: this person may not begin work there. The access says in the audit log who it was. */
  async #accessOfPerson(db: Kysely<Database>, id: PersonId, site: WorkSite, via = ''): Promise<Access | null> {
    const person = await db
      .selectFrom('people')
      .select(['name', 'user_id', 'region_codes', 'networks'])
      .where('id', '=', id)
      .where('active', '=', true)
      .executeTakeFirst();
    if (person === undefined) return null;
    const user = person.user_id === null ? null : await this.#options.accessOfUser(db, person.user_id);
    if (user !== null && inScope(scopeFor(user, 'inventory.write'), site.regionCode)) return user;
    const areas: readonly (string | null)[] = person.region_codes.length === 0 ? [null] : person.region_codes;
    const isTheirs = areas.some((area) => area === null || isWithin(site.regionCode, area));
    const isOfNetwork = person.networks.length === 0 || person.networks.includes(site.network);
    if (!isTheirs || !isOfNetwork) return null;
    const name = via === '' ? person.name : `${person.name} (${via})`;
    const grants = areas.map((regionCode) => ({ role: 'operator' as const, regionCode }));
    return user === null ? { kind: 'system', id: null, name, grants } : { ...user, grants };
  }
}

/** The site that the incident sends people to; null when that is none, or is gone. */
async function siteOf(db: Kysely<Database>, incidentId: IncidentId): Promise<WorkSite | null> {
  const rows = await db
    .selectFrom('incidents')
    // An incident of before its place had an id is found by the name, where one site alone has it.
    .innerJoin('sites', (join) =>
      join.on(
        sql<SqlBool>`(case when incidents.place ? 'siteId' then sites.id::text = incidents.place->>'siteId'
          else sites.name = incidents.place->>'name' end)`,
      ),
    )
    .innerJoin('regions', 'regions.id', 'sites.region_id')
    .select(['sites.id', 'sites.name', 'sites.network', 'regions.code as regionCode'])
    .where('incidents.id', '=', incidentId)
    .limit(2)
    .execute();
  return rows.length === 1 ? (rows[0] ?? null) : null;
}

async function causeOf(db: Kysely<Database>, incidentId: IncidentId): Promise<AlertCause | null> {
  const row = await db.selectFrom('incidents').select('causes').where('id', '=', incidentId).executeTakeFirst();
  return row?.causes.at(-1)?.cause ?? null;
}

function tooLong(): ArungError {
  const hours = longestMinutes / 60;
  const message = `Work that begins with a message lasts at most ${hours} hours: longer work is planned in the console.`;
  return new ArungError('invalid', message, { code: 'incident.work-too-long', arguments: { hours } });
}

function noSite(name: string): ArungError {
  return new ArungError('conflict', `${name} is at no site where work could be planned: mute it instead (/mute 2h).`, {
    code: 'incident.no-site',
    arguments: { name },
  });
}

function outside(site: string, name: string): ArungError {
  const message = `You may plan no work at ${site}: it lies outside your areas. Mute ${name} instead (/mute 2h).`;
  return new ArungError('forbidden', message, { code: 'incident.work-outside', arguments: { site, name } });
}
