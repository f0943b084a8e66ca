import { Type, type Static } from 'typebox';
import { Check } from 'typebox/value';
import type { TSchema } from 'typebox';
import { printable } from '../domain/printable.ts';

/** What a terminal may say of itself; all of it is its own text and hostile until it passed here. */
const text = Type.String({ maxLength: 200 });
const count = Type.Integer({ minimum: 0, maximum: 1e9 });
/** RFC 3339 with an offset: a time without one would be read in the controller's zone. */
const time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$' });

const fields = {
  serial: Type.Optional(Type.String({ maxLength: 120 })),
  model: Type.Optional(text),
  firmware: Type.Optional(text),
  time: Type.Optional(time),
  users: Type.Optional(count),
  records: Type.Optional(count),
  capacity: Type.Optional(count),
  lastPunch: Type.Optional(Type.Union([time, Type.Null()])),
  uptimeS: Type.Optional(Type.Number({ minimum: 0, maximum: 1e10 })),
};

/** `…/status`: sent by itself, at its start and every minute; the last will says `online: false`. */
const StatusMessage = Type.Object({ ...fields, online: Type.Optional(Type.Boolean()) });
/** `…/response`: the answer to a request, with its id. To `ping` the serial number is enough. */
const ResponseMessage = Type.Object({ ...fields, id: Type.String({ minLength: 1, maxLength: 64 }) });

export type TerminalStatus = Static<typeof StatusMessage>;
export type TerminalResponse = Static<typeof ResponseMessage>;

/** Bytes of a message that is read at all. */
export const maxMessageBytes = 16_384;

export type Reading<T> =
  | { readonly ok: true; readonly message: T }
  | { readonly ok: false; readonly reason: 'too-large' | 'not-json' | 'malformed' | 'foreign-serial' };

export function readStatus(payload: Buffer, serial: string): Reading<TerminalStatus> {
  return read(payload, serial, StatusMessage);
}

export function readResponse(payload: Buffer, serial: string): Reading<TerminalResponse> {
  return read(payload, serial, ResponseMessage);
}

function read<Schema extends TSchema>(payload: Buffer, serial: string, schema: Schema): Reading<Static<Schema>> {
  if (payload.length > maxMessageBytes) return { ok: false, reason: 'too-large' };
  let message: unknown;
  try {
    message = JSON.parse(payload.toString('utf8'));
  } catch {
    return { ok: false, reason: 'not-json' };
  }
  if (!Check(schema, message)) return { ok: false, reason: 'malformed' };
  const said = typeof message === 'object' && message !== null && 'serial' in message ? message.serial : undefined;
  if (said !== undefined && said !== serial) return { ok: false, reason: 'foreign-serial' };
  return { ok: true, message };
}

/** Columns of the measurement `terminal`; NaN where the terminal did not say. */
export interface TerminalFigures {
  readonly users: number;
  readonly records: number;
  readonly capacityRecords: number;
  readonly clockDriftS: number;
  readonly lastPunchAgeS: number;
  readonly uptimeS: number;
}

/**
 * What a status means, received at `receivedMs` after a way there and back of `rttMs` (0 where unknown). The drift is
 * the terminal's clock less ours at the moment it spoke: half a round trip before it was received.
 */
export function figuresOf(message: TerminalStatus, receivedMs: number, rttMs: number): TerminalFigures {
  const spoken = message.time === undefined ? NaN : Date.parse(message.time);
  const driftS = (spoken - receivedMs + rttMs / 2) / 1000;
  const punched = typeof message.lastPunch === 'string' ? Date.parse(message.lastPunch) : NaN;
  // Both are times of the terminal's own clock, so that its drift does not count; without one, ours must do.
  const age = ((Number.isNaN(spoken) ? receivedMs : spoken) - punched) / 1000;
  return {
    users: message.users ?? NaN,
    records: message.records ?? NaN,
    capacityRecords: message.capacity ?? NaN,
    // Milliseconds are noise of the way; a tenth of a second is what a person can act on.
    clockDriftS: Math.round(driftS * 10) / 10,
    lastPunchAgeS: Math.max(0, Math.round(age)),
    uptimeS: message.uptimeS === undefined ? NaN : Math.floor(message.uptimeS),
  };
}

/** Text of a device as it may be kept and shown: no control characters, no ends of white space, not too long. */
export function plainText(value: string): string {
  return printable(value).trim().slice(0, 120);
}
