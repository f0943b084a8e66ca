import type { Access, Scope } from '../../domain/access.ts';
import type { IncidentId, PersonId, UserId } from '../../domain/ids.ts';
import type { IncidentStage } from '../../domain/incident.ts';

/** Who acts on an incident, and over what. */
export interface Actor {
  readonly personId: PersonId | null;
  readonly userId: UserId | null;
  readonly name: string;
  /** Kind of the channel. */
  readonly via: string;
  readonly scope: Scope;
  /** For the audit log. */
  readonly access: Access;
}

export interface ActingRequest {
  readonly actor: Actor;
  /** The same twice is done once. */
  readonly requestId?: string | undefined;
}

/** From now on, and why. */
export interface ActingSpan {
  readonly minutes: number;
  readonly reason: string;
}

/** What may be done about an incident, as the desk of incidents does it. */
export interface IncidentActing {
  take(id: IncidentId, request: ActingRequest): Promise<unknown>;
  setStage(id: IncidentId, stage: IncidentStage, request: ActingRequest): Promise<unknown>;
  comment(id: IncidentId, text: string, request: ActingRequest): Promise<unknown>;
  mute(id: IncidentId, mute: ActingSpan, request: ActingRequest): Promise<unknown>;
  /** Planned work at the site that the incident sends people to. */
  workHere(id: IncidentId, work: ActingSpan, request: ActingRequest): Promise<unknown>;
}
