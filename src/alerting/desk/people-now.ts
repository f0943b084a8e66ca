import type { PeopleSource } from '../../domain/people-book.ts';
import type { Silence } from '../../domain/silence.ts';
import { recipientsOf } from '../people/routing.ts';
import { nextSilenceEdge, silenceOf } from '../people/silences.ts';
import type { Waking } from './alert-desk.ts';
import type { PeopleNow } from './recipients.ts';

/** Who has the silences: those that are not over. */
export interface SilenceSource extends Waking {
  current(): readonly Silence[];
}

/** The people's part of alerting for the desk: who is told, and what is not. */
export class PeopleOfDesk implements Waking {
  readonly #people: PeopleSource;
  readonly #silences: SilenceSource;

  constructor(options: { readonly people: PeopleSource; readonly silences: SilenceSource }) {
    this.#people = options.people;
    this.#silences = options.silences;
  }

  onChange(wake: () => void): () => void {
    const stops = [this.#people.onChange(wake), this.#silences.onChange(wake)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  now(): PeopleNow {
    const book = this.#people.current();
    const silences = this.#silences.current();
    return {
      recipientsOf: (facts, at) => recipientsOf(facts, book, at),
      addresseeOf: (id) => {
        const person = book.people.find((one) => one.id === id);
        return person === undefined ? null : { person, channels: person.channels };
      },
      silenceOf: (facts, at) => silenceOf(facts, silences, at),
      nextSilenceEdge: (at) => nextSilenceEdge(silences, at),
    };
  }
}

