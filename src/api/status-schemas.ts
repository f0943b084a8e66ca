import { Type } from 'typebox';
import { reachabilities, type Reachability } from '../domain/reachability.ts';
import type { RestCause } from './views.ts';

/** Shapes that states and events share. */
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const State = Type.Unsafe<Reachability>(Type.Enum([...reachabilities]));

export const CauseSchema = Type.Unsafe<RestCause | null>(
  Type.Union([
    Type.Null(),
    Type.Object(
      {
        name: Type.String(),
        since: Type.String({ format: 'date-time' }),
        kind: orNull(Type.Enum(['device', 'link', 'agent', 'controller'])),
        id: orNull(Type.String()),
        certainty: orNull(Type.Number({ minimum: 0, maximum: 1 })),
      },
      { description: 'What broke. Of a cause outside your regions you get its name and time; the rest is null.' },
    ),
  ]),
);

export const Moment = Type.String({
  maxLength: 40,
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
  examples: ['2026-11-24T02:10:00Z'],
});
/** The first of two moments. */
export const Earlier = Type.String({
  maxLength: 40,
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
  examples: ['2026-11-23T02:10:00Z'],
});

export const Id = Type.String({ maxLength: 80, pattern: '^[^\\u0000]*$' });
