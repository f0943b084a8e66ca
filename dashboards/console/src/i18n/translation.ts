/** Names of the placeholders in a text: `{name} di {place}` gives `'name' | 'place'`. */
export type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** What a text takes: nothing, or exactly its placeholders. Numbers are written in the reader's way. */
export type Arguments<Text extends string> = [Placeholders<Text>] extends [never]
  ? readonly []
  : readonly [args: Readonly<Record<Placeholders<Text>, string | number>>];

/** Checked one key at a time: the same key and the same placeholders, in any order; anything else is an error. */
type SameAs<Own, Other> = Own extends string
  ? Other extends string
    ? [Placeholders<Own>] extends [Placeholders<Other>]
      ? [Placeholders<Other>] extends [Placeholders<Own>]
        ? string
        : never
      : never
    : never
  : never;

/** A catalogue in another language: exactly the keys of the first. Same placeholders are held by `complete`. */
export type Translation<Source extends Readonly<Record<string, string>>> = { readonly [Key in keyof Source]: string };

/** Fails to compile when a text of `Other` has not exactly the placeholders of the same text in `Source`. */
export type Mismatches<
  Source extends Readonly<Record<string, string>>,
  Other extends Readonly<Record<string, string>>,
> = {
  [Key in keyof Source & keyof Other]: SameAs<Source[Key], Other[Key]> extends never ? Key : never;
}[keyof Source & keyof Other];
