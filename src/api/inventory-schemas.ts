import { Type, type Static, type TSchema } from 'typebox';
import { ArungError } from '../domain/errors.ts';
import { reachabilities, type Reachability } from '../domain/reachability.ts';

/** Shapes that the routes of the inventory share. */
export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: '100 when not given.' })),
  cursor: Type.Optional(Type.String({ maxLength: 600, description: '`next` of the page before.' })),
};

export const Text = Type.Optional(Type.String({ maxLength: 120, pattern: '^[^\\u0000]*$' }));

/** Several values in one parameter, separated by commas. */
export function Words(allowed: readonly string[]) {
  return Type.Optional(
    Type.String({
      maxLength: 200,
      pattern: `^(${allowed.join('|')})(,(${allowed.join('|')}))*$`,
      description: `One or several of ${allowed.join(', ')}, separated by commas.`,
      examples: [allowed.slice(0, 2).join(',')],
    }),
  );
}

export function wordsOf<T extends string>(text: string | undefined, allowed: readonly T[]): T[] | undefined {
  if (text === undefined) return undefined;
  const words = text.split(',');
  return allowed.filter((word) => words.includes(word));
}

export function Sort(names: readonly string[]) {
  return Type.Optional(
    Type.String({
      pattern: `^-?(${names.join('|')})$`,
      description: `One of ${names.join(', ')}; with \`-\` in front from the end.`,
      examples: [names[0]],
    }),
  );
}

export function PageOf<T extends TSchema>(items: T) {
  return Type.Object({ items: Type.Array(items), next: Type.Union([Type.String(), Type.Null()]) });
}

export const KeyParameter = Type.Object({
  key: Type.String({ minLength: 1, maxLength: 130, pattern: '^[^\\u0000]*$' }),
});

/** What a writer says beside the change itself. */
export const WriteQuery = Type.Object({
  reason: Type.Optional(
    Type.String({ maxLength: 400, pattern: '^[^\\u0000]*$', description: 'Why; kept in the audit log.' }),
  ),
});

export const WriteHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({ maxLength: 40, description: 'The ETag that was read: a newer version stops the write.' }),
  ),
});

export function etagOf(version: number): string {
  return `"${version}"`;
}

/** The version that a writer saw, from `If-Match`. */
export function versionOf(header: string | undefined): number | undefined {
  if (header === undefined || header === '*') return undefined;
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header)?.[1];
  if (version === undefined) {
    throw new ArungError('invalid', 'If-Match must be the ETag of the thing as it was read, for instance "3".', {
      code: 'request.bad-if-match',
    });
  }
  return Number(version);
}

const nullable = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()]);

export const StateName = Type.Unsafe<Reachability>(Type.Enum([...reachabilities]));
export const MaybeNumber = nullable(Type.Number());
export const MaybeText = nullable(Type.String());

export const CauseShape = nullable(
  Type.Object({
    name: Type.String({ examples: ['palattae--kahu'] }),
    since: Type.String({ format: 'date-time' }),
    kind: nullable(
      Type.Unsafe<'device' | 'link' | 'agent' | 'controller'>(Type.Enum(['device', 'link', 'agent', 'controller'])),
    ),
    id: MaybeText,
    certainty: MaybeNumber,
  }),
);

export const StateShape = {
  state: StateName,
  since: nullable(Type.String({ format: 'date-time' })),
  cause: CauseShape,
};

export const CountsShape = Type.Object({
  up: Type.Integer(),
  down: Type.Integer(),
  unreachable: Type.Integer(),
  unknown: Type.Integer(),
  maintenance: Type.Integer(),
});
export type CountsShape = Static<typeof CountsShape>;
