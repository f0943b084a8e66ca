import type { Language } from './numbers.ts';

const mark = 'language-unsaved';

/**
 * Keeps the language that a person chose with the controller: one request at a time, so that of two quick choices the last
 * one stays; and where none arrived, the choice holds in this browser and is sent at the next start.
 */
export class LanguageKeeper {
  readonly #save: (language: Language) => Promise<unknown>;
  readonly #remembered: (name: string) => string | null;
  readonly #remember: (name: string, value: string) => void;
  #chosen: Language | null = null;

  constructor(options: {
    readonly save: (language: Language) => Promise<unknown>;
    readonly remembered: (name: string) => string | null;
    readonly remember: (name: string, value: string) => void;
  }) {
    this.#save = options.save;
    this.#remembered = options.remembered;
    this.#remember = options.remember;
  }

  /** Whether the controller does not know yet what this person chose here. */
  isUnsaved(person: string): boolean {
    return this.#remembered(mark) === person;
  }

  /** Never fails: what could not be sent waits for the next choice or the next start. */
  async keep(person: string, language: Language): Promise<void> {
    const isSending = this.#chosen !== null;
    this.#chosen = language;
    this.#remember(mark, person);
    if (isSending) return;
    try {
      let sent;
      do {
        sent = this.#chosen;
        await this.#save(sent);
      } while (sent !== this.#chosen);
      this.#remember(mark, '');
    } catch {
      // It holds here all the same.
    } finally {
      this.#chosen = null;
    }
  }
}
