import type { Duty, Person, Team } from './person.ts';

/** Everybody who may be told of something: what routing decides with. Immutable; a change makes a new one. */
export interface PeopleBook {
  readonly people: readonly Person[];
  readonly teams: readonly Team[];
  /** Those that are not over; also those that begin later. */
  readonly duties: readonly Duty[];
}

/** Who has the book: read it when you need it, be woken when it changed. */
export interface PeopleSource {
  current(): PeopleBook;
  /** Calls back after every change, without data; returns the way to stop. */
  onChange(wake: () => void): () => void;
}
