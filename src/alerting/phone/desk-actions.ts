import { systemAccess, type Access, type Scope } from '../../domain/access.ts';
import type { IncidentId } from '../../domain/ids.ts';
import type { IncidentStage } from '../../domain/incident.ts';
import type { PhoneActions, PhoneActor } from './phone-desk.ts';
import type { PhonePress } from './phone-view.ts';

interface Actor extends PhoneActor {
  readonly scope: Scope;
  readonly access: Access;
}

interface Request {
  readonly actor: Actor;
  readonly requestId?: string;
  readonly pressedAt?: number | null;
}

/** What is used of `desk/incident-actions.ts`. */
export interface IncidentDesk {
  take(key: string, request: Request): Promise<void>;
  setStage(key: string, stage: IncidentStage, request: Request): Promise<void>;
  comment(key: string, text: string, request: Request): Promise<void>;
  addPhoto(key: string, photo: { mediaType: string; bytes: Buffer }, request: Request): Promise<unknown>;
  mute(key: string, span: { minutes: number; reason: string }, request: Request): Promise<void>;
  workHere(key: string, work: { minutes: number; reason: string }, request: Request): Promise<void>;
}

const usualMinutes = 120;

/** Presses of a phone as what people do about an incident; the link leads to one, so its scope is everywhere. */
export function deskActions(desk: IncidentDesk): PhoneActions {
  const requestOf = (actor: PhoneActor, requestId: string, at: string | null): Request => ({
    actor: { ...actor, scope: 'everywhere', access: systemAccess(actor.name) },
    requestId,
    pressedAt: at === null ? null : Date.parse(at),
  });
  return {
    press: (id: IncidentId, actor: PhoneActor, press: PhonePress): Promise<void> => {
      const request = requestOf(actor, press.requestId, press.at ?? null);
      const { action, text = '', minutes = usualMinutes } = press;
      if (action === 'take') return desk.take(id, request);
      if (action === 'comment') return desk.comment(id, text, request);
      if (action === 'mute') return desk.mute(id, { minutes, reason: text }, request);
      if (action === 'work') return desk.workHere(id, { minutes, reason: text }, request);
      return desk.setStage(id, action === 'hand-back' ? 'new' : action, request);
    },
    photo: async (id, actor, { requestId, mediaType, bytes, at }) => {
      await desk.addPhoto(id, { mediaType, bytes }, requestOf(actor, requestId, at));
    },
  };
}
