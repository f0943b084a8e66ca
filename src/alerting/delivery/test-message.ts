import type { Clock } from '../../domain/clock.ts';
import { newId, type ChannelId, type NoticeId } from '../../domain/ids.ts';
import type { NoticeContent } from '../../domain/notice.ts';
import { ChannelError, type ChannelProblem, type OutgoingMessage } from '../channels/channel.ts';
import type { Language } from '../words/figures.ts';
import { wordsOf } from '../words/words.ts';
import type { ChannelBook } from './channel-book.ts';

export interface TestResult {
  readonly ok: boolean;
  /** Why not, and what to do; null when it went. */
  readonly problem: string | null;
  /** What `problem` is in every language. */
  readonly problemCode: string | null;
  readonly problemArguments: ChannelProblem['arguments'] | null;
  readonly tookMs: number;
  readonly externalId: string | null;
}

const timeoutMs = 20_000;

/** Sends a real message over a channel, at once and past the queue, and says what came of it. */
export async function sendTest(
  { book, clock, timeZone }: { book: ChannelBook; clock: Clock; timeZone: string },
  { channelId, address, name, language }: { channelId: ChannelId; address: string; name: string; language: Language },
): Promise<TestResult> {
  const began = clock.monotonic();
  const took = () => Math.round(clock.monotonic() - began);
  try {
    const { channel } = await book.get(channelId);
    const content = contentAt(clock.now());
    const { title, text } = wordsOf(content, 'test', language, { timeZone });
    const message: OutgoingMessage = {
      id: newId<NoticeId>(),
      kind: 'test',
      address,
      personName: name,
      language,
      title,
      text,
      content,
      decidedAt: clock.now(),
      link: null,
      mapLink: null,
      actions: [],
      thread: null,
      maybeTwice: false,
    };
    const { externalId } = await channel.send(message, AbortSignal.timeout(timeoutMs));
    return { ok: true, ...told(null), tookMs: took(), externalId };
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return { ok: false, ...told(error.problem), tookMs: took(), externalId: null };
  }
}

function told(problem: ChannelProblem | null): Pick<TestResult, 'problem' | 'problemCode' | 'problemArguments'> {
  return {
    problem: problem?.message ?? null,
    problemCode: problem?.code ?? null,
    problemArguments: problem?.arguments ?? null,
  };
}

/** Of nothing that happened. */
export function contentAt(now: number): NoticeContent {
  return {
    incidentId: null,
    incidentNumber: null,
    severity: 'info',
    cause: { kind: 'controller', id: '', name: 'Arung', reason: 'rule', since: now, certainty: 1 },
    rule: null,
    since: now,
    place: null,
    evidence: [],
    impact: {
      sites: { village: 0, district: 0, agency: 0, pop: 0 },
      devices: 0,
      terminals: 0,
      services: [],
      siteIds: [],
    },
    before: null,
    lastedS: null,
    flaps: null,
    digest: [],
  };
}
