import type { Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { Access, Scope } from '../../domain/access.ts';
import type { PlacedCause, Severity } from '../../domain/alert.ts';
import { idFrom } from '../../domain/id-from.ts';
import { isId, type IncidentId, type PersonId, type UserId } from '../../domain/ids.ts';
import type { IncidentStage } from '../../domain/incident.ts';
import { notFound } from './incident-reader.ts';
import { causeWithin, touches } from './incident-rows.ts';

/** Who acts, and over what: a person by a signed link or a chat, a user in the console, or both at once. */
export interface Actor {
  readonly personId: PersonId | null;
  readonly userId: UserId | null;
  readonly name: string;
  /** `console`, `phone`, or the kind of a channel. */
  readonly via: string;
  /** Where the actor may act; a person with a signed link may where the link leads. */
  readonly scope: Scope;
  /** For the audit log; of a person without a user: Arung's own, named after the person. */
  readonly access: Access;
}

export interface Request {
  readonly actor: Actor;
  /** Of a phone that was offline, or a press that was sent twice: the same is done once. */
  readonly requestId?: string | undefined;
  /** When it was pressed, milliseconds since the epoch, where that is not now: without signal. */
  readonly pressedAt?: number | null | undefined;
}

/** An incident that is about to be changed, locked until the transaction ends. */
export interface LockedIncident {
  readonly id: IncidentId;
  readonly number: number;
  readonly state: string;
  readonly stage: IncidentStage;
  readonly takenBy: PersonId | null;
  readonly takenByName: string | null;
  readonly regionCode: string | null;
  readonly openedAt: Date;
  readonly severity: Severity;
  /** What it is told to be now. */
  readonly cause: PlacedCause;
}

/** By id or number; what the actor may not know is as if it were not there. */
export async function lockIncident(trx: Transaction<Database>, key: string, scope: Scope): Promise<LockedIncident> {
  const number = /^(?:INS-)?(\d{1,9})$/i.exec(key)?.[1];
  if (number === undefined && !isId(key)) throw notFound(key);
  const row = await trx
    .selectFrom('incidents')
    .leftJoin('people', 'people.id', 'incidents.taken_by')
    .select([
      'incidents.id',
      'incidents.number',
      'incidents.state',
      'incidents.stage',
      'incidents.taken_by as takenBy',
      'people.name as takenByName',
      'incidents.region_code as regionCode',
      'incidents.opened_at as openedAt',
      'incidents.severity',
      'incidents.causes',
    ])
    .where((eb) =>
      number === undefined ? eb('incidents.id', '=', key as IncidentId) : eb('incidents.number', '=', Number(number)),
    )
    .where(touches(scope))
    .where(causeWithin(scope))
    .forUpdate('incidents')
    .executeTakeFirst();
  const cause = row?.causes.at(-1);
  if (row === undefined || cause === undefined) throw notFound(key);
  return { ...row, cause };
}

/**
 * A request is the same only of the same person about the same incident: who learns or guesses the id of another's request
 * cannot use it up.
 */
export function requestIdOf(requestId: string, { personId, userId, access }: Actor, incidentId: IncidentId): string {
  const who = personId ?? userId ?? access.id ?? access.name;
  return idFrom(requestId, who, incidentId);
}

/** A phone's clock is believed within the incident's own time: nothing was pressed before it, or later than now. */
export function whenPressed(pressedAt: number | null, openedAt: number, now: number): number {
  return pressedAt === null || Number.isNaN(pressedAt) ? now : Math.min(now, Math.max(openedAt, pressedAt));
}
