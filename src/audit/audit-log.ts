import type { Kysely, Transaction } from 'kysely';
import type { Logger } from 'pino';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import { scopeFor, type Access } from '../domain/access.ts';
import { systemClock, type Clock } from '../domain/clock.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { AnchorFile } from './anchors.ts';
import { canonicalJson, withoutSecrets } from './canonical.ts';
import { genesis, hashRow, type AuditRow } from './chain.ts';

/** One change: who, what, to what, before and after, why. Never holds a secret. */
export interface AuditEntry {
  readonly access: Access;
  /** `create`, `update`, `remove`, `import`, `sign-in`… */
  readonly action: string;
  readonly entityKind: string;
  readonly entityId: string | null;
  /** Its name when it happened. */
  readonly entityName: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
  /** Where it lies: who may read the log of this region sees it. Null: only who may read everywhere. */
  readonly regionCode: string | null;
}

export interface AuditFilter {
  readonly entityKind?: string | undefined;
  readonly entityId?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Rows before this sequence: the log is read from its newest row back. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Whether the log is whole: every hash fits, no row is missing, and every anchor is in it. */
export type Verification =
  | { readonly ok: true; readonly rows: number; readonly head: string }
  | { readonly ok: false; readonly rows: number; readonly seq: number; readonly reason: string };

export interface AuditLogOptions {
  readonly db: Kysely<Database>;
  readonly logger: Logger;
  readonly anchors?: AnchorFile;
  readonly clock?: Clock;
}

const anchorEveryMs = 60_000;
const batch = 1000;

/** The audit log: rows in a chain of hashes, each written in the transaction of the change that it tells of. */
export class AuditLog implements LongLived {
  readonly name = 'audit log';
  readonly #db: Kysely<Database>;
  readonly #logger: Logger;
  readonly #anchors: AnchorFile | undefined;
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | null = null;
  #anchored = 0;

  constructor(options: AuditLogOptions) {
    this.#db = options.db;
    this.#logger = options.logger;
    this.#anchors = options.anchors;
    this.#clock = options.clock ?? systemClock;
  }

  async start(): Promise<void> {
    this.#anchored = this.#anchors?.read().at(-1)?.seq ?? 0;
    this.#timer = setInterval(() => {
      this.anchor().catch((error: unknown) => this.#logger.warn(error, 'the audit log could not be anchored'));
    }, anchorEveryMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.anchor();
  }

  /** Appends in the transaction of the change. Append last: the log is locked from here to the end of the transaction. */
  async append(trx: Transaction<Database>, entry: AuditEntry): Promise<void> {
    await this.appendAll(trx, [entry]);
  }

  async appendAll(trx: Transaction<Database>, entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    // The lock on the head puts writers in one line, so that the chain never forks.
    const head = await trx.selectFrom('audit_head').select(['seq', 'hash']).forUpdate().executeTakeFirstOrThrow();
    let { seq, hash } = head;
    const at = this.#clock.now();
    const rows = entries.map((entry) => {
      seq += 1;
      const row = rowOf(entry, seq, at);
      const previous = hash;
      hash = hashRow(previous, row);
      return toTable(row, previous, hash);
    });
    for (let start = 0; start < rows.length; start += batch) {
      await trx
        .insertInto('audit_log')
        .values(rows.slice(start, start + batch))
        .execute();
    }
    await trx.updateTable('audit_head').set({ seq, hash }).execute();
  }

  /** The newest first, as far as the reader's regions go. */
  async list(access: Access, filter: AuditFilter): Promise<AuditRow[]> {
    let query = this.#db
      .selectFrom('audit_log')
      .selectAll()
      .where(withinScope('audit_log.region_code', scopeFor(access, 'audit.read')))
      .orderBy('seq', 'desc')
      .limit(filter.limit);
    if (filter.before !== undefined) query = query.where('seq', '<', filter.before);
    if (filter.entityKind !== undefined) query = query.where('entity_kind', '=', filter.entityKind);
    if (filter.entityId !== undefined) query = query.where('entity_id', '=', filter.entityId);
    if (filter.actor !== undefined) query = query.where('actor_name', '=', filter.actor);
    if (filter.action !== undefined) query = query.where('action', '=', filter.action);
    if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
    if (filter.to !== undefined) query = query.where('at', '<', filter.to);
    return (await query.execute()).map(fromTable);
  }

  /** Reads the whole log once, in batches and in one snapshot, and names the first row that does not fit. */
  async verify(): Promise<Verification> {
    const anchors = new Map((this.#anchors?.read() ?? []).map((anchor) => [anchor.seq, anchor.hash]));
    return this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => {
        const head = await trx.selectFrom('audit_head').select(['seq', 'hash']).executeTakeFirst();
        let previous: Buffer = genesis;
        let seq = 0;
        const broken = (at: number, reason: string) => ({ ok: false as const, rows: seq, seq: at, reason });
        for (let after = Number.MIN_SAFE_INTEGER; ; after = seq) {
          const rows = await trx
            .selectFrom('audit_log')
            .selectAll()
            .where('seq', '>', after)
            .orderBy('seq')
            .limit(batch)
            .execute();
          for (const row of rows) {
            if (row.seq < 1) return broken(row.seq, 'the row was put in before the first');
            if (row.seq !== seq + 1) return broken(seq + 1, 'the row is missing');
            if (!row.previous_hash.equals(previous)) return broken(row.seq, 'it does not follow the row before it');
            const hash = hashRow(previous, fromTable(row));
            if (!hash.equals(row.hash)) return broken(row.seq, 'the row was changed');
            const anchor = anchors.get(row.seq);
            if (anchor !== undefined && anchor !== hash.toString('hex')) {
              return broken(row.seq, 'it is not the row that was anchored outside the database');
            }
            previous = hash;
            seq = row.seq;
          }
          if (rows.length < batch) break;
        }
        if (head === undefined || head.seq > seq) return broken(seq + 1, 'the end of the log was cut off');
        if (!head.hash.equals(previous) || head.seq !== seq) return broken(seq, 'it is not what the head says');
        const last = Math.max(0, ...anchors.keys());
        if (last > seq)
          return broken(seq + 1, `the end of the log was cut off: row ${last} was anchored outside the database`);
        return { ok: true as const, rows: seq, head: previous.toString('hex') };
      });
  }

  /** Writes the head to the anchors and to the program's log, when it moved. */
  async anchor(): Promise<void> {
    const head = await this.#db.selectFrom('audit_head').select(['seq', 'hash']).executeTakeFirst();
    if (head === undefined || head.seq === this.#anchored) return;
    const anchor = { seq: head.seq, hash: head.hash.toString('hex'), at: new Date(this.#clock.now()).toISOString() };
    this.#anchors?.append(anchor);
    this.#anchored = head.seq;
    this.#logger.info({ audit: anchor }, 'head of the audit log');
  }
}

function rowOf(entry: AuditEntry, seq: number, at: number): AuditRow {
  return {
    seq,
    at,
    actorKind: entry.access.kind,
    actorId: entry.access.id,
    actorName: storable(entry.access.name),
    action: entry.action,
    entityKind: entry.entityKind,
    entityId: entry.entityId,
    entityName: storable(entry.entityName),
    before: withoutSecrets(entry.before) ?? null,
    after: withoutSecrets(entry.after) ?? null,
    reason: entry.reason === null ? null : storable(entry.reason),
    regionCode: entry.regionCode,
  };
}

/** PostgreSQL's text holds neither NUL nor half of a surrogate pair; what is hashed must be what comes back. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

function toTable(row: AuditRow, previousHash: Buffer, hash: Buffer) {
  return {
    seq: row.seq,
    at: new Date(row.at),
    actor_kind: row.actorKind,
    actor_id: row.actorId,
    actor_name: row.actorName,
    action: row.action,
    entity_kind: row.entityKind,
    entity_id: row.entityId,
    entity_name: row.entityName,
    before: row.before === null ? null : canonicalJson(row.before),
    after: row.after === null ? null : canonicalJson(row.after),
    reason: row.reason,
    region_code: row.regionCode,
    previous_hash: previousHash,
    hash,
  };
}

function fromTable(row: {
  seq: number;
  at: Date;
  actor_kind: AuditRow['actorKind'];
  actor_id: string | null;
  actor_name: string;
  action: string;
  entity_kind: string;
  entity_id: string | null;
  entity_name: string;
  before: unknown;
  after: unknown;
  reason: string | null;
  region_code: string | null;
}): AuditRow {
  return {
    seq: row.seq,
    at: row.at.getTime(),
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    actorName: row.actor_name,
    action: row.action,
    entityKind: row.entity_kind,
    entityId: row.entity_id,
    entityName: row.entity_name,
    before: row.before,
    after: row.after,
    reason: row.reason,
    regionCode: row.region_code,
  };
}
