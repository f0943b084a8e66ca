import { Type, type Static, type TSchema } from 'typebox';

const maybe = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()]);

/** A piece of a line. `secret`: something secret that is another now; its value is masked on both sides. */
export const DifferencePart = Type.Object({
  text: Type.String(),
  mark: Type.Unsafe<'same' | 'changed' | 'secret'>(Type.Enum(['same', 'changed', 'secret'])),
});
export type DifferencePart = Readonly<Static<typeof DifferencePart>>;

const Side = Type.Object({
  line: Type.Integer({ description: 'From 1.' }),
  parts: Type.Array(DifferencePart),
});

export const DifferenceRow = Type.Object({ before: maybe(Side), after: maybe(Side) });
export type DifferenceRow = Readonly<Static<typeof DifferenceRow>>;

const place = {
  heading: maybe(Type.String({ description: 'The menu or section that it lies in.', examples: ['/ip address'] })),
};
const firstLines = {
  before: Type.Integer({ description: 'Its first line in the text before, from 1.' }),
  after: Type.Integer({ description: 'Its first line in the text after, from 1.' }),
};

/**
 * A stretch of two texts laid side by side. `same`: lines that are in both. `hidden`: lines in both that are left out.
 * `changed`: a line gone has no `after`, one that came no `before`; one that was changed has both.
 */
export const DifferenceBlock = Type.Union([
  Type.Object({ kind: Type.Literal('same'), ...firstLines, lines: Type.Array(Type.String()) }),
  Type.Object({ kind: Type.Literal('hidden'), ...firstLines, ...place, count: Type.Integer() }),
  Type.Object({ kind: Type.Literal('changed'), ...place, rows: Type.Array(DifferenceRow) }),
]);
export type DifferenceBlock = Readonly<Static<typeof DifferenceBlock>>;

/** What a change was, in a line. */
export const DifferenceSummary = Type.Object({
  added: Type.Integer({ description: 'Lines that came.' }),
  removed: Type.Integer({ description: 'Lines that went.' }),
  changed: Type.Integer({ description: 'Lines that are otherwise.' }),
  headings: Type.Array(Type.String({ examples: ['/ip address'] }), { description: 'Where; eight at most.' }),
});
export type DifferenceSummary = Readonly<Static<typeof DifferenceSummary>>;

export const TextDifference = Type.Object({ summary: DifferenceSummary, blocks: Type.Array(DifferenceBlock) });
export type TextDifference = Readonly<Static<typeof TextDifference>>;
