import { Type, type Static } from 'typebox';

/** A property of a step. A secret is never in it: that it changes is all that is told. */
export const PropertyChange = Type.Object({
  property: Type.String(),
  secret: Type.Boolean(),
  before: Type.Union([Type.String(), Type.Null()], {
    description: 'As the device says it; null when it is not set there, and for secrets.',
  }),
  after: Type.Union([Type.String(), Type.Null()], {
    description: 'As the intent says it; null when it goes back to the device’s default, and for secrets.',
  }),
});
export type PropertyChange = Readonly<Static<typeof PropertyChange>>;

/**
 * One difference between an intent and a device, and what is done about it. It can be shown, kept and logged as it is.
 * Texts of it come from a device or a person and are hostile.
 */
export const ConfigurationStep = Type.Object({
  kind: Type.Unsafe<'add' | 'set' | 'move' | 'remove'>(Type.Enum(['add', 'set', 'move', 'remove'])),
  subject: Type.String({ examples: ['/ip/address'] }),
  fragment: Type.Union([Type.String(), Type.Null()], {
    description: 'Key of the fragment; null when what is removed bears none.',
  }),
  name: Type.String({ description: 'What a person knows it by.', examples: ['10.73.8.1/24 on ether1'] }),
  adopts: Type.Boolean({ description: 'It was there already, made by hand, and is managed from this step on.' }),
  changes: Type.Array(PropertyChange),
});
export type ConfigurationStep = Readonly<Omit<Static<typeof ConfigurationStep>, 'changes'>> & {
  readonly changes: readonly PropertyChange[];
};
