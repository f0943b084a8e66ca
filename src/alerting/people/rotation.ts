import { Temporal } from 'temporal-polyfill';
import { Type, type Static } from 'typebox';
import { ArungError } from '../../domain/errors.ts';
import { momentOf, type Span } from '../../domain/hours.ts';
import type { PersonId } from '../../domain/ids.ts';
import { Duty } from '../../domain/person.ts';
import { isTimeZone } from '../../domain/time-zone.ts';

/** People who take turns. The first one begins on the day `from`. */
export const Rotation = Type.Object(
  {
    personIds: Type.Array(Type.Unsafe<PersonId>(Type.String()), { minItems: 1, maxItems: 50 }),
    from: Type.String({ format: 'date', examples: ['2026-11-30'] }),
    /** How long the whole plan is. */
    weeks: Type.Integer({ minimum: 1, maximum: 104, examples: [12] }),
    /** How long one turn is: 7 when not given. */
    periodDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 28 })),
    handOverAt: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['08:00'] }),
    timeZone: Type.String({ maxLength: 60, examples: ['Asia/Makassar'] }),
    note: Type.Optional(Duty.properties.note),
  },
  { additionalProperties: false },
);
export type Rotation = Static<typeof Rotation>;

export interface Turn extends Span {
  readonly personId: PersonId;
}

/**
 * The turns, without a gap: each ends at the moment at which the next begins, also where a change of the clocks makes it
 * an hour longer or shorter. The last one ends with the plan.
 */
export function turnsOf(rotation: Rotation): readonly Turn[] {
  const { personIds, weeks, periodDays = 7, handOverAt, timeZone } = rotation;
  if (!isTimeZone(timeZone)) {
    const message = `${timeZone} is no time zone of the IANA database: use for instance Asia/Makassar.`;
    throw new ArungError('invalid', message, {
      code: 'duty.bad-time-zone',
      arguments: { value: timeZone },
      details: [{ message, field: 'timeZone' }],
    });
  }
  const first = Temporal.PlainDate.from(rotation.from);
  const handOver = (day: number) => momentOf(first.add({ days: day }), handOverAt, timeZone);
  const days = weeks * 7;
  const turns: Turn[] = [];
  for (let day = 0; day < days; day += periodDays) {
    const personId = personIds[turns.length % personIds.length];
    if (personId === undefined) break;
    turns.push({ personId, from: handOver(day), to: handOver(Math.min(day + periodDays, days)) });
  }
  return turns;
}
