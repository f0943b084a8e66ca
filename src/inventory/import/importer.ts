import { sql, type Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { DeviceNetworks } from '../../domain/device-networks.ts';
import type { CredentialSecret } from '../../domain/device.ts';
import type { ErrorDetail } from '../../domain/errors.ts';
import type { Changes } from '../../database/collection/changes.ts';
import type { SecretSealer } from '../collaborators.ts';
import { applyDiff, type Progress } from './apply.ts';
import { diffRows, type Diff, type Difference, type ImportMode } from './diff.ts';
import { listNames, type ListName } from './lists.ts';
import { Problems } from './problems.ts';
import { readCsv } from './read-csv.ts';
import { readJson } from './read-json.ts';
import type { Row } from './rows.ts';
import { readSnapshot } from './snapshot.ts';

/** What is to be imported: a whole document, or one list as CSV. */
export type ImportSource =
  | { readonly format: 'json'; readonly text: string }
  | { readonly format: 'csv'; readonly text: string; readonly list: ListName };

export interface ListCounts {
  readonly list: ListName;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
}

/** What an import did, or as a dry run would do. */
export interface ImportResult {
  readonly dryRun: boolean;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly lists: readonly ListCounts[];
  /** The first of them; the counts say how many there are. */
  readonly changes: readonly Difference[];
  /** Why nothing could be imported; empty for an import that happened. At most 200, `errorCount` says how many. */
  readonly errors: readonly ErrorDetail[];
  readonly errorCount: number;
}

export interface ImportOptions {
  readonly mode?: ImportMode | undefined;
  readonly reason?: string | undefined;
  readonly progress?: Progress | undefined;
}

/** Told after an import was committed, for the journal of events. */
export interface Imported {
  readonly at: number;
  readonly by: string;
  readonly created: number;
  readonly changed: number;
}

const mostChangesShown = 1_000;

/** Brings documents into the inventory: all of it or nothing, and nothing twice. */
export class Importer {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #sealer: SecretSealer;
  readonly #networks: DeviceNetworks;
  readonly #clock: Clock;
  readonly #listeners = new Set<(imported: Imported) => void>();

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly sealer: SecretSealer;
    readonly networks: DeviceNetworks;
    readonly clock: Clock;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#sealer = options.sealer;
    this.#networks = options.networks;
    this.#clock = options.clock;
  }

  onImported(listener: (imported: Imported) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A dry run: what would change, and everything that is wrong. Writes nothing. */
  async plan(access: Access, source: ImportSource, options: ImportOptions = {}): Promise<ImportResult> {
    const problems = new Problems();
    const rows = readRows(source, problems, options.progress ?? silent);
    const { diff } = await this.#compare(this.#db, access, rows, options, problems);
    return resultOf(diff, problems, true);
  }

  /** Imports, or throws an ArungError with every error of the file and imports nothing. */
  async apply(access: Access, source: ImportSource, options: ImportOptions = {}): Promise<ImportResult> {
    const problems = new Problems();
    const progress = options.progress ?? silent;
    const rows = readRows(source, problems, progress);
    const result = await this.#changes.run(access, options.reason, async (change) => {
      // Nobody else writes between our look and our write.
      await sql`select version from inventory_version for update`.execute(change.trx);
      const { diff, snapshot } = await this.#compare(change.trx, access, rows, options, problems);
      if (!problems.none) throw problems.refusal();
      await applyDiff(change, diff, snapshot, { sealer: this.#sealer, now: new Date(this.#clock.now()), progress });
      progress('commit', 0, 1);
      return resultOf(diff, problems, false);
    });
    progress('commit', 1, 1);
    if (result.created + result.changed > 0) {
      const { created, changed } = result;
      if (created > 1_000) await this.#analyze();
      for (const listener of this.#listeners) listener({ at: this.#clock.now(), by: access.name, created, changed });
    }
    return result;
  }

  /** Lets the planner know how large the tables have become; autovacuum would a minute later. */
  async #analyze(): Promise<void> {
    await sql`analyze regions, sites, devices, interfaces, links, link_ends`.execute(this.#db).catch(() => undefined);
  }

  async #compare(
    db: Kysely<Database>,
    access: Access,
    rows: readonly Row[],
    options: ImportOptions,
    problems: Problems,
  ) {
    const snapshot = await readSnapshot(db, access, { onlyVisible: false });
    const secrets = await this.#keptSecrets(db, rows);
    options.progress?.('check', 0, rows.length);
    const keptSecret = (id: string) => secrets.get(id) ?? null;
    const mode = options.mode ?? 'merge';
    const diff = diffRows({ rows, snapshot, access, mode, problems, keptSecret, networks: this.#networks });
    options.progress?.('check', rows.length, rows.length);
    return { diff, snapshot };
  }

  /** The kept secrets of the credentials that the file names with one: needed only to see whether they differ. */
  async #keptSecrets(db: Kysely<Database>, rows: readonly Row[]): Promise<Map<string, CredentialSecret>> {
    const names = rows
      .filter((row) => row.list === 'credentials' && row.value['secret'] !== undefined)
      .map((row) => row.key);
    const secrets = new Map<string, CredentialSecret>();
    if (names.length === 0) return secrets;
    const kept = await sql<{ id: string; secret: Buffer }>`select id::text as id, secret from credentials
      where secret is not null and name = any(${names}::text[])`.execute(db);
    // What we sealed ourselves, from a checked secret.
    for (const row of kept.rows) {
      secrets.set(row.id, JSON.parse(this.#sealer.open(row.secret, row.id)) as CredentialSecret);
    }
    return secrets;
  }
}

const silent: Progress = () => undefined;

function readRows(source: ImportSource, problems: Problems, progress: Progress): Row[] {
  progress('read', 0, 1);
  const rows = source.format === 'json' ? readJson(source.text, problems) : readCsv(source.text, source.list, problems);
  progress('read', 1, 1);
  return rows;
}

function resultOf(diff: Diff, problems: Problems, dryRun: boolean): ImportResult {
  const counts = listNames
    .map((list) => {
      const work = diff.work.filter((one) => one.list === list);
      const created = work.filter((one) => one.action === 'create').length;
      return { list, created, changed: work.length - created, unchanged: diff.unchanged[list] };
    })
    .filter((one) => one.created + one.changed + one.unchanged > 0);
  const total = (field: 'created' | 'changed' | 'unchanged') => counts.reduce((sum, one) => sum + one[field], 0);
  return {
    dryRun,
    created: total('created'),
    changed: total('changed'),
    unchanged: total('unchanged'),
    lists: counts,
    changes: diff.work
      .slice(0, mostChangesShown)
      .map(({ list, key, action, fields }) => ({ list, key, action, fields })),
    errors: problems.told,
    errorCount: problems.count,
  };
}
