import type { AlertCause, Severity } from '../../domain/alert.ts';
import type { ChannelId, PersonId } from '../../domain/ids.ts';
import type { Silence } from '../../domain/silence.ts';
import type { Network } from '../../domain/site.ts';

/** What of an incident decides who is told of it; see `people/routing.ts`. */
export interface RoutingFacts {
  readonly severity: Severity;
  /** Where its cause lies, then where it hurts; empty: nowhere. */
  readonly regionCodes: readonly string[];
  readonly networks: readonly Network[];
  readonly isOwnFault: boolean;
}

/** Somebody who is to be told, and when at the earliest. */
export interface Addressee {
  readonly person: { readonly id: PersonId; readonly name: string };
  readonly why: string;
  readonly level: number;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  /** The first one is tried first. */
  readonly channels: readonly { readonly channelId: ChannelId; readonly address: string }[];
}

/** What a silence looks at; see `people/silences.ts`. */
export interface SilenceFacts {
  readonly rule: string;
  readonly severity: Severity;
  readonly regionCode: string | null;
  readonly siteCode: string | null;
  readonly deviceName: string | null;
  readonly linkName: string | null;
  readonly role: string | null;
  readonly network: string | null;
  readonly tags: readonly string[];
  readonly incidentName: string | null;
}

/** Who is told, and what is not: the people's part of alerting as the desk asks it. Pure at a moment. */
export interface PeopleNow {
  /** The first one is told; the others when nobody takes it. */
  recipientsOf(facts: RoutingFacts, at: number): readonly Addressee[];
  /** How a person can be told; null for who is no longer there. */
  addresseeOf(id: PersonId): Pick<Addressee, 'person' | 'channels'> | null;
  silenceOf(facts: SilenceFacts, at: number): Silence | null;
  /** When a silence begins or ends next; null when none does. */
  nextSilenceEdge(at: number): number | null;
}

export const nobody: PeopleNow = {
  recipientsOf: () => [],
  addresseeOf: () => null,
  silenceOf: () => null,
  nextSilenceEdge: () => null,
};

/** Whether Arung itself is what broke. */
export function isOwnCause(cause: AlertCause): boolean {
  return cause.kind === 'controller';
}
