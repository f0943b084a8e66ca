import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { EntryKey } from '../../domain/evidence-keys.ts';
import { isId, newId, type IncidentId, type NoticeId, type PersonId, type SilenceId } from '../../domain/ids.ts';
import { incidentName, type IncidentStage } from '../../domain/incident.ts';
import { peopleWithin } from '../people/scopes.ts';
import { cleanPhoto } from '../photos/clean-photo.ts';
import { tellOfHandOver } from './hand-over.ts';
import { lockIncident, requestIdOf, whenPressed, type LockedIncident, type Request } from './incident-request.ts';
import type { SiteWork } from './site-work.ts';

/** One change as the audit log keeps it. */
interface AuditEntry {
  readonly access: Access;
  readonly action: string;
  readonly entityKind: string;
  readonly entityId: string | null;
  readonly entityName: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
  readonly regionCode: string | null;
}

export interface IncidentActionsOptions {
  readonly db: Kysely<Database>;
  readonly audit: { appendAll(trx: Transaction<Database>, entries: readonly AuditEntry[]): Promise<unknown> };
  readonly clock: Clock;
  readonly siteWork: SiteWork;
  /** Something was written. */
  readonly onWritten: () => void;
  /** An incident was taken, or given to somebody. */
  readonly onTaken?: (incident: LockedIncident) => void;
  /** There is a new silence; resolves when who decides knows it. */
  readonly silencesChanged: () => Promise<void>;
}

interface Entry {
  readonly key: EntryKey;
  readonly arguments?: Readonly<Record<string, string | number | boolean | null>>;
  readonly text?: string;
  readonly photoId?: string;
}

/** A span from now on, and why. */
interface Span {
  readonly minutes: number;
  readonly reason: string;
}

const longestComment = 4_000;
const largestPhoto = 8 * 1024 * 1024;
const mostPhotos = 50;
const photoTypes = ['image/jpeg', 'image/png', 'image/webp'];

/**
 * What people do about an incident, from wherever they do it: console, phone, buttons, chat. Each in one transaction with
 * its line in the shared log and in the audit log; the same request twice is one.
 */
export class IncidentActions {
  readonly #options: IncidentActionsOptions;

  constructor(options: IncidentActionsOptions) {
    this.#options = options;
  }

  /** Takes it: from now on the actor works on it, and nobody else is woken. What another has, is taken over. */
  async take(key: string, request: Request): Promise<void> {
    await this.#act(key, request, async (trx, row) => {
      const { actor } = request;
      if (actor.personId === null) throw noPerson();
      if (row.takenBy === actor.personId) return null;
      await this.#set(trx, row, {
        taken_by: actor.personId,
        taken_at: sql<Date>`coalesce(taken_at, ${new Date(this.#options.clock.now())}::timestamptz)`,
        stage: row.stage === 'new' ? 'taken' : row.stage,
      });
      await cancelWaiting(trx, row.id);
      return { key: 'taken', arguments: { person: actor.name } };
    });
  }

  async setStage(key: string, stage: IncidentStage, request: Request): Promise<void> {
    await this.#act(key, request, async (trx, row) => {
      const { personId } = request.actor;
      const takes = row.takenBy === null && stage !== 'new' && personId !== null;
      if (row.stage === stage && !takes) return null;
      // Handed back: it is nobody's, and anybody may take it.
      const isBack = stage === 'new';
      const taken = isBack
        ? { taken_by: null, taken_at: null }
        : takes
          ? { taken_by: personId, taken_at: new Date(this.#options.clock.now()) }
          : {};
      await this.#set(trx, row, { stage, ...taken });
      // Whoever is on the way has taken it.
      if (stage !== 'new') await cancelWaiting(trx, row.id);
      return { key: 'stage', arguments: { stage } };
    });
  }

  /** Gives it to another, who gets a message of it. */
  async handOver(key: string, personId: PersonId, request: Request): Promise<void> {
    await this.#act(key, request, async (trx, row) => {
      const to = await trx
        .selectFrom('people')
        .select(['id', 'name'])
        .where('id', '=', isId(personId) ? personId : null)
        .where('active', '=', true)
        // One whom the actor may not know is as one who is not there.
        .where(peopleWithin({ scope: request.actor.scope, writing: false, creator: '' }))
        .executeTakeFirst();
      if (to === undefined) {
        throw new ArungError('invalid', `There is no person ${personId}: choose one of the people.`, {
          code: 'incident.no-such-person',
          arguments: { id: personId },
        });
      }
      if (row.takenBy === to.id) return null;
      const now = new Date(this.#options.clock.now());
      await this.#set(trx, row, {
        taken_by: to.id,
        taken_at: sql<Date>`coalesce(taken_at, ${now}::timestamptz)`,
        stage: row.stage === 'new' ? 'taken' : row.stage,
      });
      await cancelWaiting(trx, row.id);
      const entry = { key: 'handed-over', arguments: { from: row.takenByName, to: to.name } } as const;
      await tellOfHandOver(trx, row, to, now);
      return entry;
    });
  }

  async comment(key: string, text: string, request: Request): Promise<void> {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed.length > longestComment) {
      throw new ArungError('invalid', `A comment has 1 to ${longestComment} characters.`, {
        code: 'incident.bad-comment',
        arguments: { most: longestComment },
      });
    }
    await this.#act(key, request, async () => ({ key: 'comment', text: trimmed }), { afterwards: true });
  }

  /** A photo; what a camera adds to it (place, time, owner) is taken out before it is kept. Returns its id. */
  async addPhoto(key: string, photo: { mediaType: string; bytes: Buffer }, request: Request): Promise<string> {
    const { mediaType, bytes } = photo;
    if (!photoTypes.includes(mediaType) || bytes.length === 0 || bytes.length > largestPhoto) {
      throw new ArungError('invalid', `A photo is a JPEG, PNG or WebP of at most ${largestPhoto / 1024 / 1024} MB.`, {
        code: 'incident.bad-photo',
        arguments: { megabytes: largestPhoto / 1024 / 1024 },
      });
    }
    const clean = cleanPhoto(bytes);
    const id = newId<NoticeId>() as string;
    const before = await this.#act(
      key,
      request,
      async (trx, row) => {
        const { count } = await trx
          .selectFrom('incident_photos')
          .select(sql<number>`count(*)::int`.as('count'))
          .where('incident_id', '=', row.id)
          .executeTakeFirstOrThrow();
        if (count >= mostPhotos) {
          throw new ArungError('conflict', `This incident has ${mostPhotos} photos already: it takes no more.`, {
            code: 'incident.too-many-photos',
            arguments: { most: mostPhotos },
          });
        }
        const at = new Date(this.#options.clock.now());
        await trx
          .insertInto('incident_photos')
          .values({ id, incident_id: row.id, at, media_type: clean.mediaType, bytes: clean.bytes })
          .execute();
        return { key: 'photo', photoId: id };
      },
      { afterwards: true },
    );
    return before?.photoId ?? id;
  }

  /** Nobody is told of it for a while. */
  async mute(key: string, { minutes, reason }: Span, request: Request): Promise<void> {
    const work = async (trx: Transaction<Database>, row: LockedIncident): Promise<Entry> => {
      await this.#silence(trx, row, { minutes, reason }, request.actor);
      return { key: 'muted', arguments: { minutes, reason } };
    };
    await this.#act(key, request, work, { isSilence: true });
  }

  /**
   * "2 jam kerja di sini": planned work at the site that the incident sends people to, from now on. Where what broke lies
   * elsewhere, nobody is told of the incident meanwhile, too.
   */
  async workHere(key: string, { minutes, reason }: Span, request: Request): Promise<void> {
    const { siteWork, clock } = this.#options;
    const work = async (trx: Transaction<Database>, row: LockedIncident): Promise<Entry> => {
      const incident = { id: row.id, name: incidentName(row.number) };
      const from = clock.now();
      const { site, isCovered } = await siteWork.begin(trx, incident, { minutes, reason, from }, request.actor);
      if (isCovered) await this.#set(trx, row, {});
      else await this.#silence(trx, row, { minutes, reason }, request.actor);
      return { key: 'work-begun', arguments: { site: site.name, minutes, reason } };
    };
    const done = await this.#act(key, request, work, { isSilence: true });
    if (done === null) siteWork.committed();
  }

  async #silence(
    trx: Transaction<Database>,
    row: LockedIncident,
    { minutes, reason }: Span,
    actor: Request['actor'],
  ): Promise<void> {
    const from = this.#options.clock.now();
    await trx
      .insertInto('silences')
      .values({
        id: newId<SilenceId>(),
        matchers: JSON.stringify([{ field: 'incident', values: [incidentName(row.number)] }]),
        reason: reason.trim() === '' ? incidentName(row.number) : reason.trim(),
        created_by: actor.name,
        region_code: actor.scope === 'everywhere' ? null : row.regionCode,
        starts_at: new Date(from),
        ends_at: new Date(from + minutes * 60_000),
      })
      .execute();
    // What waits for its time is taken back by the desk, as for every silence.
    await this.#set(trx, row, {});
  }

  /**
   * One change of one incident: checked, done once, written in both logs. `work` returns null when it is so already.
   * Returns what the same request had done before; null when it is the first.
   */
  async #act(
    key: string,
    { actor, requestId, pressedAt = null }: Request,
    work: (trx: Transaction<Database>, row: LockedIncident) => Promise<Entry | null>,
    { afterwards = false, isSilence = false } = {},
  ): Promise<{ readonly photoId: string | null } | null> {
    const { db, audit, clock, onWritten } = this.#options;
    let before: { readonly photoId: string | null } | null = null;
    let takenNow: LockedIncident | null = null;
    const isDone = await db.transaction().execute(async (trx) => {
      const row = await lockIncident(trx, key, actor.scope);
      const ownRequestId = requestId === undefined ? null : requestIdOf(requestId, actor, row.id);
      if (ownRequestId !== null) {
        const done = await trx
          .selectFrom('incident_entries')
          .select('photo_id as photoId')
          .where('request_id', '=', ownRequestId)
          .executeTakeFirst();
        if (done !== undefined) {
          before = done;
          return false;
        }
      }
      if (!afterwards && row.state !== 'open' && row.state !== 'clearing') throw isOver(row.number);
      const entry = await work(trx, row);
      if (entry === null) return false;
      if (entry.key === 'taken' || entry.key === 'handed-over') takenNow = row;
      const { text = '', photoId = null, arguments: given = {} } = entry;
      await trx
        .insertInto('incident_entries')
        .values({
          id: newId<NoticeId>() as string,
          incident_id: row.id,
          at: new Date(whenPressed(pressedAt, row.openedAt.getTime(), clock.now())),
          key: entry.key,
          arguments: JSON.stringify(given),
          person_id: actor.personId,
          actor: actor.name,
          via: actor.via,
          body: text,
          photo_id: photoId,
          request_id: ownRequestId,
        })
        .execute();
      if (afterwards) await this.#set(trx, row, {});
      const name = incidentName(row.number);
      await audit.appendAll(trx, [
        {
          access: actor.access,
          action: entry.key,
          entityKind: 'incident',
          entityId: row.id,
          entityName: name,
          before: null,
          after: { ...given, via: actor.via, ...(photoId !== null && { photoId }) },
          reason: null,
          regionCode: row.regionCode,
        },
      ]);
      return true;
    });
    // Who decides must know of a silence before it looks.
    if (isDone && isSilence) await this.#options.silencesChanged();
    if (isDone) onWritten();
    if (isDone && takenNow !== null) this.#options.onTaken?.(takenNow);
    return before;
  }

  async #set(trx: Transaction<Database>, { id }: LockedIncident, fields: object): Promise<void> {
    await trx
      .updateTable('incidents')
      .set({ ...fields, revision: sql<number>`revision + 1` })
      .where('id', '=', id)
      .execute();
  }
}

/** Nobody else is woken: what waits for its time is not sent. */
async function cancelWaiting(trx: Transaction<Database>, id: IncidentId): Promise<void> {
  await trx
    .updateTable('notices')
    .set({ state: 'cancelled' })
    .where('incident_id', '=', id)
    .where('state', '=', 'scheduled')
    .execute();
}

function isOver(number: number): ArungError {
  return new ArungError('conflict', `${incidentName(number)} is over: there is nothing to be done about it any more.`, {
    code: 'incident.over',
    arguments: { name: incidentName(number) },
  });
}

function noPerson(): ArungError {
  return new ArungError(
    'conflict',
    'Only a person can take an incident, and your user is none: ask an operator to join your user to a person under People.',
    { code: 'incident.no-person' },
  );
}
