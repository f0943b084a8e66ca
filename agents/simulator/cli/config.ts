import { Type, type Static } from 'typebox';

/** One line of a configuration. */
export interface Entry {
  /** As the device shows it: what was a secret may be a hash by now. */
  readonly text: string;
  /** The secret that was typed, where a user may come in with it. */
  readonly secret?: string;
}

export const HeldConfig = Type.Array(
  Type.Tuple([
    Type.String(),
    Type.Array(Type.Tuple([Type.String(), Type.Object({ text: Type.String(), secret: Type.Optional(Type.String()) })])),
  ]),
);
export type HeldConfig = Static<typeof HeldConfig>;

/** The lines outside of every section. */
export const top = '';

/** A running or saved configuration: sections by the line that opens them, in them lines by what they set. */
export class CliConfig {
  readonly #sections = new Map<string, Map<string, Entry>>([[top, new Map()]]);

  static copyOf(other: CliConfig): CliConfig {
    const copy = new CliConfig();
    for (const [header, entries] of other.#sections) copy.#sections.set(header, new Map(entries));
    return copy;
  }

  /** Sections with their lines, the global ones first. */
  get sections(): Iterable<readonly [string, ReadonlyMap<string, Entry>]> {
    return this.#sections;
  }

  has(header: string): boolean {
    return this.#sections.has(header);
  }

  open(header: string): void {
    if (!this.#sections.has(header)) this.#sections.set(header, new Map());
  }

  drop(header: string): boolean {
    return this.#sections.delete(header);
  }

  /** What a key was set to in a section. */
  entry(header: string, key: string): Entry | undefined {
    return this.#sections.get(header)?.get(key);
  }

  entries(header: string): ReadonlyMap<string, Entry> {
    return this.#sections.get(header) ?? new Map<string, Entry>();
  }

  set(header: string, key: string, entry: Entry): void {
    this.open(header);
    this.#sections.get(header)?.set(key, entry);
  }

  unset(header: string, key: string): boolean {
    return this.#sections.get(header)?.delete(key) ?? false;
  }

  /** As it is written down; in its order. */
  held(): HeldConfig {
    return [...this.#sections].map(([header, entries]) => [header, [...entries]]);
  }

  static of(held: HeldConfig): CliConfig {
    const config = new CliConfig();
    for (const [header, entries] of held) config.#sections.set(header, new Map(entries));
    return config;
  }

  /** Everything that is set, whatever order it was set in: two that are equal are configured alike. */
  asText(): string {
    const sections = [...this.#sections].map(([header, entries]) => [header, [...entries.values()].map(({ text }) => text).sort()]); // prettier-ignore
    return JSON.stringify(sections.sort());
  }
}
