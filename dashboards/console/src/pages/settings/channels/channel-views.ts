import type { ChannelRecord } from '../../../../../../src/alerting/channels/channel-repository.ts';
import { age, moment } from '../../../lib/format.ts';
import { t, textOf } from '../../../lib/i18n.svelte.ts';
import { problemText } from '../../../lib/problem.ts';

export type { ChannelRecord };

/** `GET /api/v1/channel-kinds`. */
export interface ChannelKindView {
  readonly kind: string;
  /** JSON Schema. */
  readonly settings: unknown;
  readonly secrets: unknown;
  readonly address: { readonly pattern: string; readonly example: string };
  /** Of a channel without a rate of its own. */
  readonly perMinute: number;
  readonly audience: 'person' | 'program';
  /** Its server calls Arung. */
  readonly inbound: boolean;
}

/** `POST /api/v1/channels/:key/test`. */
export interface ChannelTestView {
  readonly ok: boolean;
  /** In English; null: it went. By code and arguments the catalogues say the same. */
  readonly problem: string | null;
  readonly problemCode: string | null;
  readonly problemArguments: Readonly<Record<string, string | number>> | null;
  readonly tookMs: number;
}

export interface ChannelStateView {
  readonly glyph: 'up' | 'down' | 'unknown' | 'off';
  readonly text: string;
}

/** Why a test message did not go; null when it went. */
export function testProblem({ problem, problemCode, problemArguments }: ChannelTestView): string | null {
  if (problem === null) return null;
  return problemText({ code: problemCode, arguments: problemArguments, message: problem });
}

/** Why the channel takes nothing; null while it is well. */
export function failureOf({ lastError, lastErrorCode, lastErrorArguments }: ChannelRecord): string | null {
  if (lastError === null) return null;
  return problemText({ code: lastErrorCode, arguments: lastErrorArguments, message: lastError });
}

/** Whether it works; why not says `failureOf`. */
export function stateOf(channel: ChannelRecord): ChannelStateView {
  if (!channel.enabled) return { glyph: 'off', text: t('channels.off') };
  if (channel.failingSince !== null) {
    return { glyph: 'down', text: t('channels.failing', { time: moment(Date.parse(channel.failingSince)) }) };
  }
  if (channel.lastSentAt === null) return { glyph: 'unknown', text: t('channels.unused') };
  return { glyph: 'up', text: t('channels.well', { age: age(Date.parse(channel.lastSentAt)) }) };
}

export const kindName = (kind: string): string => textOf(`channel.kind.${kind}`) ?? kind;
export const fieldName = (kind: string, path: string): string =>
  textOf(`channel.field.${kind}.${path}`) ?? textOf(`channel.field.${path}`) ?? path;
export const fieldHint = (kind: string, path: string): string =>
  textOf(`channel.hint.${kind}.${path}`) ?? textOf(`channel.hint.${path}`) ?? '';
