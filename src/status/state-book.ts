import type { EntityKind, EntityState, Reachability } from '../domain/reachability.ts';

export interface BookChange {
  readonly from: Reachability;
  readonly to: EntityState;
  /** Nobody is told: it was known to be so before the controller restarted or before planned work, or it is new and fine. */
  readonly quiet: boolean;
  /** When the outage that ends with this began; null when none does. */
  readonly outageSince: number | null;
}

interface Unheard {
  readonly kind: EntityKind;
  readonly id: string;
  readonly since: number;
  /** It was named as overdue. */
  told: boolean;
}

/**
 * The announced state of every entity. What has not been heard of since the start is `unknown`, with a memory of what
 * it was before: that it is still so is no news, and its outage is as old as it was.
 */
export class StateBook {
  readonly #states: Record<EntityKind, Map<string, EntityState>> = {
    device: new Map(),
    site: new Map(),
    link: new Map(),
  };
  readonly #beforeStart: ReadonlyMap<string, EntityState>;
  /** What devices were measured to be, beneath an overlay (maintenance) that may be announced instead. */
  readonly measured = new Map<string, EntityState>();
  /** What was announced before planned work began, of what it still covers. */
  readonly #beforeWork = new Map<string, EntityState>();
  /** Not heard of yet, by when that began. */
  readonly #unheard = new Map<string, Unheard>();

  /** `beforeStart`: what everything was when the controller stopped, by `kind:id`. */
  constructor(beforeStart: ReadonlyMap<string, EntityState> = new Map()) {
    this.#beforeStart = beforeStart;
  }

  get(kind: EntityKind, id: string): EntityState | null {
    return this.#states[kind].get(id) ?? null;
  }

  entries(kind: EntityKind): IterableIterator<[string, EntityState]> {
    return this.#states[kind].entries();
  }

  idsNotUp(kind: EntityKind): string[] {
    const found: string[] = [];
    for (const [id, state] of this.#states[kind]) if (state.state !== 'up') found.push(id);
    return found;
  }

  /** Adds an entity that is not there yet, as unknown. */
  add(kind: EntityKind, id: string, now: number): void {
    if (this.#states[kind].has(id)) return;
    this.#states[kind].set(id, { state: 'unknown', since: now, cause: null });
    this.#unheard.set(`${kind}:${id}`, { kind, id, since: now, told: false });
  }

  /** Removes all but these, and says what was removed. */
  keepOnly(kind: EntityKind, ids: { has(id: string): boolean }): string[] {
    const removed: string[] = [];
    for (const id of this.#states[kind].keys()) {
      if (ids.has(id)) continue;
      this.#states[kind].delete(id);
      this.#unheard.delete(`${kind}:${id}`);
      this.#beforeWork.delete(`${kind}:${id}`);
      removed.push(id);
    }
    return removed;
  }

  /** Null when it is so already. A cause that became a little more or less certain is no change. */
  set(kind: EntityKind, id: string, next: EntityState): BookChange | null {
    const before = this.#states[kind].get(id);
    if (before === undefined || isSame(before, next)) return null;
    const key = `${kind}:${id}`;
    const firstWord = this.#unheard.delete(key);
    const remembered = firstWord ? this.#beforeStart.get(key) : undefined;
    const goesOn = remembered !== undefined && remembered.state === next.state;
    const to = goesOn ? { ...next, since: Math.min(remembered.since, next.since) } : next;
    this.#states[kind].set(id, to);
    if (next.state === 'maintenance') {
      // Of what is not heard of yet, and of what was worked on when we stopped, nothing else is known than that it was fine.
      const known = firstWord ? remembered : before;
      const isTold = known !== undefined && known.state !== 'maintenance';
      this.#beforeWork.set(key, isTold ? known : { ...before, state: 'up' });
      return { from: before.state, to, quiet: true, outageSince: null };
    }
    const beforeWork = this.#beforeWork.get(key);
    this.#beforeWork.delete(key);
    // Of what is new, and of what was worked on when we stopped, nobody was told that it is not up.
    const wasFine = remembered === undefined || remembered.state === 'maintenance';
    return {
      from: before.state,
      to,
      quiet: (beforeWork ?? before).state === next.state || (firstWord && (goesOn || (next.state === 'up' && wasFine))),
      outageSince: next.state === 'up' ? outageOf(beforeWork ?? remembered ?? before) : null,
    };
  }

  /** Those of whom nothing was heard for so long; each is named once. */
  overdue(olderThan: number): { readonly kind: EntityKind; readonly id: string; readonly state: EntityState }[] {
    const found: { kind: EntityKind; id: string; state: EntityState }[] = [];
    for (const unheard of this.#unheard.values()) {
      if (unheard.told || unheard.since > olderThan) continue;
      unheard.told = true;
      const { kind, id } = unheard;
      const state = this.#states[kind].get(id);
      if (state !== undefined) found.push({ kind, id, state });
    }
    return found;
  }

  /** Whether everything was heard of since it was added, or told to be overdue. */
  get settled(): boolean {
    for (const unheard of this.#unheard.values()) if (!unheard.told) return false;
    return true;
  }
}

function outageOf(state: EntityState): number | null {
  return state.state === 'down' || state.state === 'unreachable' ? state.since : null;
}

function isSame(a: EntityState, b: EntityState): boolean {
  if (a.state !== b.state) return false;
  if (a.cause === null || b.cause === null) return a.cause === b.cause;
  return (
    a.cause.kind === b.cause.kind && a.cause.id === b.cause.id && Math.abs(a.cause.certainty - b.cause.certainty) < 0.1
  );
}
