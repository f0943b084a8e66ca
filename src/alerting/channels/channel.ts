import type { Logger } from 'pino';
import type { TObject } from 'typebox';
import type { Severity } from '../../domain/alert.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ChannelId, IncidentId, NoticeId } from '../../domain/ids.ts';
import type { NoticeContent, NoticeKind } from '../../domain/notice.ts';

/** What a person may do about an incident with one press. */
export const actions = ['take', 'on-the-way', 'fixed', 'mute'] as const;
export type Action = (typeof actions)[number];

/** A message as a channel gets it: words are made, the form is the channel's. */
export interface OutgoingMessage {
  /** Also the idempotency key, wherever the channel takes one. */
  readonly id: NoticeId;
  readonly kind: NoticeKind;
  /** As the channel names the person. */
  readonly address: string;
  readonly personName: string;
  readonly language: 'id' | 'en';
  /** One line. */
  readonly title: string;
  /** Plain text of a few lines; hostile text in it is text. */
  readonly text: string;
  /** What it was made of, for channels that hand on facts and not words. */
  readonly content: NoticeContent;
  /** Milliseconds since the epoch: when it was decided. */
  readonly decidedAt: number;
  /** The page of this incident for this person; null when there is nothing to do. */
  readonly link: string | null;
  /** Where it is, for a map: `https://…`; null when nobody knows. */
  readonly mapLink: string | null;
  /** What to offer as buttons. */
  readonly actions: readonly { readonly action: Action; readonly label: string }[];
  /** All messages to this person about one incident belong together; the external id of the first one, when there is one. */
  readonly thread: { readonly incidentId: IncidentId; readonly externalId: string | null } | null;
  /** It was tried before and the answer was lost: the channel may have it. */
  readonly maybeTwice: boolean;
}

export interface Receipt {
  /** The channel's own name of the message, to be found again in what it tells later; null when it gives none. */
  readonly externalId: string | null;
}

/** Why a message was not taken, and what to do: a sentence in English, and what it is in other languages. */
export interface ChannelProblem {
  readonly message: string;
  /** Stable name of the sentence; the console has it as `error.{code}`, with `arguments`. */
  readonly code: string;
  /** Texts of a server in them are hostile; none holds a secret. */
  readonly arguments: Readonly<Record<string, string | number>>;
}

/** A message failed. `permanent`: trying again is of no use (a wrong number). */
export class ChannelError extends Error {
  readonly problem: ChannelProblem;
  readonly permanent: boolean;
  /** The channel itself is at fault (a refused token, no answer), not this message or its address. */
  readonly ofChannel: boolean;
  /** The channel asks to wait so long, milliseconds. */
  readonly retryAfterMs: number | null;
  /** The channel may have taken it: the answer was lost, not the request. */
  readonly maybeTaken: boolean;

  constructor(
    problem: ChannelProblem,
    options: {
      permanent?: boolean;
      ofChannel?: boolean;
      retryAfterMs?: number | null;
      maybeTaken?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(problem.message, { cause: options.cause });
    this.name = 'ChannelError';
    this.problem = problem;
    this.permanent = options.permanent ?? false;
    this.ofChannel = options.ofChannel ?? !this.permanent;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.maybeTaken = options.maybeTaken ?? false;
  }
}

/** An alert of another program, as that one says it. */
export interface ForeignAlert {
  /** The same for the same alert as long as it lives. */
  readonly fingerprint: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly severity: Severity;
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
  /** Null while it holds. */
  readonly endsAt: number | null;
}

/** What comes back over a channel. The `address` is whom the channel says it is from, and is checked by who listens. */
export type Inbound =
  | {
      readonly kind: 'receipt';
      readonly externalId: string;
      readonly state: 'delivered' | 'read' | 'failed';
      /** Why it failed, as the channel says. */
      readonly reason?: string;
    }
  | {
      readonly kind: 'action';
      readonly address: string;
      /** The message of ours whose button was pressed. */
      readonly noticeId: NoticeId;
      readonly action: Action;
      /** Tells who pressed what came of it. */
      readonly answer: Answer;
    }
  | {
      readonly kind: 'text';
      readonly address: string;
      readonly text: string;
      /** The same however often the channel tells of this message. */
      readonly messageId: string;
      /** External id of the message of ours that it answers; null when it answers none. */
      readonly answersTo: string | null;
      readonly answer: Answer;
    }
  | { readonly kind: 'alert'; readonly alert: ForeignAlert };

export type Answer = (text: string) => Promise<void>;

/** An open channel: what has a connection or a secret. */
export interface Channel {
  /** Resolves when the channel has taken the message; rejects with a `ChannelError`. Ends by the signal. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<Receipt>;
  /**
   * Hands on what comes back, until the signal; for channels that ask for it. One controller at a time listens. Those
   * that are called use `receive`.
   */
  listen?(on: (inbound: Inbound) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** A call of the channel's server at `/api/v1/channels/{id}/inbound`: checked, and what was in it. */
  receive?(request: InboundRequest): Promise<InboundAnswer>;
  close(): Promise<void>;
}

export interface InboundRequest {
  readonly method: 'GET' | 'POST';
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** What to answer with. A call that cannot prove from whom it is gets 401 and nothing of it is taken. */
export interface InboundAnswer {
  readonly status: 200 | 400 | 401;
  readonly body: string;
  readonly inbound: readonly Inbound[];
}

export interface ChannelContext {
  readonly id: ChannelId;
  readonly name: string;
  readonly logger: Logger;
  /** Where people reach Arung. */
  readonly publicUrl: string;
  readonly clock: Clock;
}

/** One kind of channel: a member of the family, registered in `channels.ts` in one line. */
export interface ChannelKind {
  /** Stable name in settings and API: `telegram`. */
  readonly kind: string;
  /** Settings that are no secret, and those that are: never returned by any API. JSON Schema by TypeBox. */
  readonly settings: TObject;
  readonly secrets: TObject;
  /** What an address must look like, as a regular expression, and an example. */
  readonly address: { readonly pattern: string; readonly example: string };
  /** At most so many messages a minute, by the channel's own rules, where a channel has no rate of its own. */
  readonly perMinute: number;
  /** Whether it tells people, or only hands facts on to another program. */
  readonly audience: 'person' | 'program';
  /** The same message twice is one: it takes the message's id as a key, so that a repeat does no harm. */
  readonly takesKey: boolean;
  /** People write back over it, and are known by their address: no two people of one channel can have the same. */
  readonly answered?: true;
  /** Its messages are read in the console, of no use where that may be dead. */
  readonly isInside?: true;
  /** What comes back must be asked for: its channels have `listen`. */
  readonly listens: boolean;
  /** What is sent leaves to another company's servers: it gets no more than a technician needs to start. */
  readonly leaves: boolean;
  /** `settings` and `secrets` have been checked by their schemas. */
  open(settings: unknown, secrets: unknown, context: ChannelContext): Channel;
}
