import type { PeopleSource } from '../../domain/people-book.ts';
import type { Silence } from '../../domain/silence.ts';
import { recipientsOf } from '../people/routing.ts';
import { nextSilenceEdge, silenceOf } from '../people/silences.ts';
import type { Waking } from './alert-desk.ts';
import type { PeopleNow } from './recipients.ts';

/** Who has people, duties and silences. */
export interface BookOfPeople extends PeopleSource {
  /** Those that are not over, also those that begin later. */
  silences(): readonly Silence[];
}

/** The people's part of alerting for the desk: who is told, and what is not. */
export class PeopleOfDesk implements Waking {
  readonly #book: BookOfPeople;

  constructor(book: BookOfPeople) {
    this.#book = book;
  }

  onChange(wake: () => void): () => void {
    return this.#book.onChange(wake);
  }

  now(): PeopleNow {
    const book = this.#book.current();
    const silences = this.#book.silences();
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
