import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../tables.ts';
import { type Access, type Permission } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import { isId, newId } from '../../domain/ids.ts';
import type { Change, Changes } from './changes.ts';
import { everywhere, reachOf, type Reach } from './reach.ts';

/** What a writer says beside the change itself. */
export interface WriteOptions {
  /** Why, in the writer's words; kept in the audit log. */
  readonly reason?: string | undefined;
  /** The version that the writer saw; a newer one stops the write. */
  readonly version?: number | undefined;
}

/** A thing that was known by an id before it came into the inventory keeps it. */
export interface CreateOptions extends WriteOptions {
  readonly id?: string | undefined;
  /** Who keeps its record: `console` without. */
  readonly managedBy?: string | undefined;
}

/** Who keeps the record of what a person has made. */
export const usualKeeper = 'console';

/** A thing as it is kept: with the name a person calls it by, where it lies, and the version of its row. */
export interface Kept<Entity> {
  readonly entity: Entity;
  readonly name: string;
  readonly regionCode: string | null;
  readonly version: number;
}

/** What a person calls one thing of a collection; with dashes it begins the codes of its problems. */
export type Noun =
  | 'agent'
  | 'calendar'
  | 'contact'
  | 'credential'
  | 'device'
  | 'duty'
  | 'interface'
  | 'link'
  | 'maintenance window'
  | 'person'
  | 'service'
  | 'shared risk'
  | 'silence'
  | 'site'
  | 'team';

/**
 * One kind of thing that people keep, of the inventory or of alerting: read and written within the regions of who asks, audited, guarded by versions.
 * The rule for writing: the thing must be in the writer's reach before the write and after it, so that nothing can be
 * taken from or put into somebody else's region.
 */
export abstract class Collection<Entity extends { readonly id: string }, Draft extends object> {
  protected abstract readonly noun: Noun;
  protected readonly readPermission: Permission = 'inventory.read';
  protected readonly writePermission: Permission = 'inventory.write';
  protected readonly db: Kysely<Database>;
  protected readonly changes: Changes;

  constructor(options: { readonly db: Kysely<Database>; readonly changes: Changes }) {
    this.db = options.db;
    this.changes = options.changes;
  }

  /** By its id or by the name or code that is unique to it; null when there is none within reach. */
  protected abstract find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<Entity> | null>;
  /** @param managedBy who keeps its record, where the collection says so of its things. */
  protected abstract insert(change: Change, id: Entity['id'], draft: Draft, managedBy: string): Promise<void>;
  protected abstract write(change: Change, before: Entity, patch: Partial<Draft>): Promise<void>;
  protected abstract erase(change: Change, entity: Entity): Promise<void>;
  /** Locks the row until the end of the transaction. */
  protected abstract lock(change: Change, id: string): Promise<void>;
  /** What is wrong with a draft that the schema cannot say; throws. */
  protected async check(_change: Change, _draft: Partial<Draft>, _before: Entity | null): Promise<void> {}

  async get(access: Access, key: string): Promise<Kept<Entity>> {
    const kept = await this.find(this.db, key, reachOf(access, this.readPermission));
    if (kept === null) throw this.notFound(key);
    return kept;
  }

  async create(access: Access, draft: Draft, options: CreateOptions = {}): Promise<Kept<Entity>> {
    return this.changes.run(access, options.reason, (change) => this.#createIn(change, draft, options));
  }

  /** The same in a transaction of the caller's, who tells `changes.wakeAll` after its commit. */
  async createWithin(
    trx: Transaction<Database>,
    access: Access,
    draft: Draft,
    options: CreateOptions = {},
  ): Promise<Kept<Entity>> {
    const work = (change: Change): Promise<Kept<Entity>> => this.#createIn(change, draft, options);
    return (await this.changes.within(trx, access, { reason: options.reason, work })).result;
  }

  /** All of them, or none. */
  protected async createAll(
    access: Access,
    drafts: readonly Draft[],
    options: WriteOptions = {},
  ): Promise<readonly Kept<Entity>[]> {
    return this.changes.run(access, options.reason, async (change) => {
      const all: Kept<Entity>[] = [];
      for (const draft of drafts) all.push(await this.#createIn(change, draft, {}));
      return all;
    });
  }

  async #createIn(change: Change, draft: Draft, options: CreateOptions): Promise<Kept<Entity>> {
    const { id = newId(), managedBy = usualKeeper } = options;
    await this.check(change, draft, null);
    await this.insert(change, id, draft, managedBy);
    const kept = await this.afterWrite(change, id);
    change.record({ ...this.audited(kept), action: 'create', before: null, after: kept.entity });
    return kept;
  }

  /** Changes the given fields and leaves the rest; what is equal already is no change and makes no audit entry. */
  async update(access: Access, key: string, patch: Partial<Draft>, options: WriteOptions = {}): Promise<Kept<Entity>> {
    return this.changes.run(access, options.reason, async (change) => {
      const before = await this.forWriting(change, key, options);
      await this.check(change, patch, before.entity);
      await this.write(change, before.entity, patch);
      const after = await this.afterWrite(change, before.entity.id);
      const difference = differenceOf(before.entity, after.entity);
      if (difference === null) return after;
      change.record({ ...this.audited(after), action: 'update', ...difference });
      return after;
    });
  }

  async remove(access: Access, key: string, options: WriteOptions = {}): Promise<void> {
    await this.changes.run(access, options.reason, async (change) => {
      const before = await this.forWriting(change, key, options);
      await this.erase(change, before.entity);
      change.record({ ...this.audited(before), action: 'remove', before: before.entity, after: null });
    });
  }

  protected notFound(key: string): ArungError {
    return new ArungError('not-found', `There is no ${this.noun} ${key} in your regions.`, {
      code: `${this.noun.replaceAll(' ', '-')}.not-found`,
      arguments: { key },
    });
  }

  private async forWriting(change: Change, key: string, options: WriteOptions): Promise<Kept<Entity>> {
    const readable = await this.find(change.trx, key, reachOf(change.access, this.readPermission));
    if (readable === null) throw this.notFound(key);
    await this.lock(change, readable.entity.id);
    const writable = await this.find(change.trx, readable.entity.id, reachOf(change.access, this.writePermission));
    if (writable === null) throw this.outside(readable.name);
    if (options.version !== undefined && options.version !== writable.version) {
      throw new ArungError(
        'stale',
        `The ${this.noun} ${writable.name} was changed since you read it: read it again, then repeat your change.`,
        { code: 'inventory.stale-version', arguments: { expected: options.version, actual: writable.version } },
      );
    }
    return writable;
  }

  private async afterWrite(change: Change, id: string): Promise<Kept<Entity>> {
    const kept = await this.find(change.trx, id, everywhere);
    if (kept === null) throw this.notFound(id);
    const reachable = await this.find(change.trx, id, reachOf(change.access, this.writePermission));
    if (reachable === null) {
      // A name may hold that of what it hangs on (`device:interface`), which is not the writer's to read.
      const readable = await this.find(change.trx, id, reachOf(change.access, this.readPermission));
      throw this.outside(readable?.name ?? null);
    }
    return reachable;
  }

  private outside(name: string | null): ArungError {
    return new ArungError(
      'forbidden',
      `You may not write ${name === null ? `this ${this.noun}` : `the ${this.noun} ${name}`}: it lies, or would lie, outside the regions in which you may write.`,
      { code: 'inventory.outside-regions', arguments: { name: name ?? '' } },
    );
  }

  private audited(kept: Kept<Entity>) {
    return {
      entityKind: this.noun.replaceAll(' ', '-'),
      entityId: kept.entity.id,
      entityName: kept.name,
      regionCode: kept.regionCode,
    };
  }
}

/** Whether a key is to be looked up as an id or as a name. */
export function keyKind(key: string): 'id' | 'name' {
  return isId(key) ? 'id' : 'name';
}

/** The fields that differ, as they were and as they are; null when none does. */
export function differenceOf<T extends object>(
  before: T,
  after: T,
): { before: Record<string, unknown>; after: Record<string, unknown> } | null {
  const was: Record<string, unknown> = {};
  const is: Record<string, unknown> = {};
  const old = new Map(Object.entries(before));
  for (const [field, value] of Object.entries(after)) {
    const previous: unknown = old.get(field);
    if (JSON.stringify(previous) === JSON.stringify(value)) continue;
    was[field] = previous ?? null;
    is[field] = value ?? null;
  }
  return Object.keys(is).length === 0 ? null : { before: was, after: is };
}

/** The given fields only: Kysely leaves out what is undefined, this also says whether anything is left. */
export function givenFields<T extends object>(fields: T): Partial<T> | null {
  const given: Partial<T> = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
  return Object.keys(given).length === 0 ? null : given;
}
