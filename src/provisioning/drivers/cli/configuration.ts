import type { DeviceConfiguration } from '../driver.ts';
import type { Dialect } from './dialect.ts';
import { globalSection, parseSections, type Sections } from './sections.ts';

/** The driver's kind, also in documents. */
export const cliKind = 'cli';

/** What a device runs, section by section. Private, so that no log and no JSON shows its secrets. */
export class CliConfiguration implements DeviceConfiguration {
  readonly driver = cliKind;
  readonly readAt: number;
  readonly #dialect: Dialect;
  readonly #sections: Sections;
  /** The run whose mark stands in it; null when none does. */
  readonly #run: string | null;
  /** A mark is there, or the begin of one whose writer was cut off. */
  readonly isMarked: boolean;

  constructor(readAt: number, text: string, dialect: Dialect) {
    this.readAt = readAt;
    this.#dialect = dialect;
    const sections = parseSections(text, dialect);
    this.#run = dialect.mark.find(sections);
    this.isMarked = [...sections].some(([subject, lines]) => dialect.mark.owns(subject, null) || lines.some((line) => dialect.mark.owns(subject, line))); // prettier-ignore
    // The mark is the rollback's business; whatever a document says, it is not there for it.
    this.#sections = new Map(
      [...sections].flatMap(
        ([subject, lines]) =>
        dialect.mark.owns(subject, null) ? [] : [[subject, lines.filter((line) => !dialect.mark.owns(subject, line))] as const], // prettier-ignore
      ),
    );
  }

  get dialect(): Dialect {
    return this.#dialect;
  }

  get run(): string | null {
    return this.#run;
  }

  get sections(): Sections {
    return this.#sections;
  }

  /** The lines of a section; null where the device has no such section. */
  lines(subject: string): readonly string[] | null {
    return this.#sections.get(subject) ?? (subject === globalSection ? [] : null);
  }

  /** Whether another one says the same, in whatever order. */
  isSame(other: CliConfiguration): boolean {
    return this.#asText() === other.#asText();
  }

  #asText(): string {
    return JSON.stringify([...this.#sections].map(([subject, lines]) => [subject, [...lines].sort()]).sort());
  }
}
