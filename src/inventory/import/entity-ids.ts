import { newId } from '../../domain/ids.ts';
import type { Diff } from './diff.ts';
import { listNames, type ListName } from './lists.ts';
import type { Snapshot } from './snapshot.ts';

/** The ids behind the names: of what is there, and of what this import makes. */
export class EntityIds {
  readonly #byList = new Map<ListName, Map<string, string>>();

  constructor(snapshot: Snapshot, diff: Diff) {
    for (const name of listNames) {
      this.#byList.set(name, new Map([...snapshot[name]].map(([key, kept]) => [key, kept.id])));
    }
    for (const one of diff.work) if (one.id === null) this.#byList.get(one.list)?.set(one.key, newId());
  }

  of(list: ListName, key: unknown): string {
    const id = this.#byList.get(list)?.get(String(key));
    if (id === undefined) throw new Error(`${list} ${String(key)} passed the check of references but has no id`);
    return id;
  }

  /** Null for the empty name. */
  orNull(list: ListName, key: unknown): string | null {
    return key === undefined || key === null || key === '' ? null : this.of(list, key);
  }
}
