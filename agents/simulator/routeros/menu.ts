import type { MenuKind } from './menu-kind.ts';
import { trap } from './trap.ts';
import { BadValue, readValue, type ValueContext } from './values.ts';

/** One entry: its number, and what was set. What nobody set is the default of its menu. */
export interface Entry {
  readonly id: number;
  readonly values: Map<string, string>;
}

export type Row = Record<string, string>;

/** As it is kept in a backup. */
export interface MenuState {
  readonly path: string;
  readonly entries: readonly { readonly id: number; readonly values: readonly (readonly [string, string])[] }[];
}

export const idText = (id: number): string => `*${id.toString(16).toUpperCase()}`;

/** The entries of one menu. Ids are never used again, as on the device. */
export class Menu {
  readonly kind: MenuKind;
  readonly #context: ValueContext;
  readonly #nextId: () => number;
  #entries: Entry[] = [];

  constructor(kind: MenuKind, context: ValueContext, nextId: () => number) {
    this.kind = kind;
    this.#context = context;
    this.#nextId = nextId;
    if (kind.single === true) this.#entries = [{ id: 0, values: new Map() }];
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** What an entry holds, set or by default; without its id. */
  rowOf(entry: Entry): Row {
    const row: Row = {};
    for (const [name, property] of Object.entries(this.kind.properties)) {
      const value = entry.values.get(name) ?? property.default;
      if (value !== undefined) row[name] = value;
    }
    return row;
  }

  value(entry: Entry, name: string): string | undefined {
    return entry.values.get(name) ?? this.kind.properties[name]?.default;
  }

  /** An entry of the device itself: nothing is checked. */
  plant(values: Readonly<Record<string, string>>): Entry {
    const entry = { id: this.#nextId(), values: new Map(Object.entries(values)) };
    this.#entries = [...this.#entries, entry];
    return entry;
  }

  add(given: ReadonlyMap<string, string>): Entry {
    this.#mayChange();
    if (this.kind.single === true || this.kind.fixed === true) throw trap('no such command', 'missing');
    const before = given.get('place-before');
    const wanted = new Map(given);
    if (this.kind.ordered === true) wanted.delete('place-before');
    const values = this.#read(wanted);
    const missing = Object.entries(this.kind.properties).find(
      ([name, property]) => property.required === true && !values.has(name),
    );
    if (missing !== undefined) throw trap(`missing value(s) of argument(s) ${missing[0]}`, 'argument');
    const entry = { id: this.#nextId(), values };
    this.#mustBeUnique(entry);
    const place = before === undefined ? this.#entries.length : this.#entries.indexOf(this.find(before));
    this.#entries = this.#entries.toSpliced(place, 0, entry);
    return entry;
  }

  set(entry: Entry, given: ReadonlyMap<string, string>): void {
    this.#mayChange();
    const values = this.#read(given);
    this.#mustBeUnique({ id: entry.id, values: new Map([...entry.values, ...values]) });
    for (const [name, value] of values) entry.values.set(name, value);
  }

  unset(entry: Entry, name: string): void {
    this.#mayChange();
    if (this.kind.properties[name] === undefined) throw trap(`unknown parameter ${name}`, 'argument');
    entry.values.delete(name);
  }

  remove(entry: Entry): void {
    this.#mayChange();
    if (this.kind.single === true || (this.kind.fixed === true && this.kind.path !== '/file')) {
      throw trap('no such command', 'missing');
    }
    this.#entries = this.#entries.filter((one) => one !== entry);
  }

  /** Puts entries in front of another, or at the end. */
  move(entries: readonly Entry[], before: Entry | null): void {
    if (this.kind.ordered !== true) throw trap('no such command', 'missing');
    const rest = this.#entries.filter((entry) => !entries.includes(entry));
    const place = before === null ? rest.length : rest.indexOf(before);
    this.#entries = [...rest.slice(0, place), ...entries, ...rest.slice(place)];
  }

  /** An entry by its id or, as RouterOS takes it, by its name. Throws a Trap. */
  find(text: string): Entry {
    const found = text.startsWith('*')
      ? this.#entries.find((entry) => idText(entry.id) === text.toUpperCase())
      : this.#entries.find((entry) => this.value(entry, 'name') === text);
    if (found === undefined) throw trap('no such item', 'missing');
    return found;
  }

  /** Somewhere an interface has another name now, or none. */
  renamed(from: string, to: string): void {
    for (const [name, { kind }] of Object.entries(this.kind.properties)) {
      for (const { values } of this.#entries) {
        const value = values.get(name);
        if (value === undefined) continue;
        if (kind.is === 'interface' && value === from) values.set(name, to);
        if (kind.is === 'list' && kind.of.is === 'interface') {
          values.set(name, value.split(',').map((one) => (one === from ? to : one)).join(',')); // prettier-ignore
        }
      }
    }
  }

  state(): MenuState {
    return {
      path: this.kind.path,
      entries: this.#entries.map(({ id, values }) => ({ id, values: [...values] })),
    };
  }

  restore(state: MenuState): void {
    this.#entries = state.entries.map(({ id, values }) => ({ id, values: new Map(values) }));
  }

  #read(given: ReadonlyMap<string, string>): Map<string, string> {
    const values = new Map<string, string>();
    for (const [name, text] of given) {
      const property = this.kind.properties[name];
      if (property === undefined) throw trap(`unknown parameter ${name}`, 'argument');
      try {
        values.set(name, readValue(name, property.kind, text, this.#context));
      } catch (error) {
        if (error instanceof BadValue) throw trap(error.message, 'argument');
        throw error;
      }
    }
    return values;
  }

  #mayChange(): void {
    if (this.kind.readOnly === true) throw trap('no such command', 'missing');
  }

  #mustBeUnique(candidate: Entry): void {
    const { unique } = this.kind;
    if (unique === undefined) return;
    const keyOf = (entry: Entry): string => unique.by.map((name) => this.value(entry, name) ?? '').join('\n');
    const key = keyOf(candidate);
    const taken = this.#entries.some((entry) => entry.id !== candidate.id && keyOf(entry) === key);
    if (taken) throw trap(unique.says);
  }
}
