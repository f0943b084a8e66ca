import type { DeviceNetworks } from '../../domain/device-networks.ts';
import { inScope, scopeFor, type Access, type Scope } from '../../domain/access.ts';
import type { CredentialKind, CredentialSecret } from '../../domain/device.ts';
import { ArungError } from '../../domain/errors.ts';
import { secretFrom, type CredentialSecretInput } from '../secrets.ts';
import { checkMeaning, checkReferences } from './checks.ts';
import { checkAddresses, checkLinkEnds } from './claims.ts';
import { listNames, type Fields, type ListName } from './lists.ts';
import { Outcome } from './outcome.ts';
import type { Problems } from './problems.ts';
import type { Row } from './rows.ts';
import type { Kept, Snapshot } from './snapshot.ts';

/** What an import would do with one thing. */
export interface Difference {
  readonly list: ListName;
  readonly key: string;
  readonly action: 'create' | 'change';
  /** Of a change, the fields that differ; of a creation, all that the file says. Secrets are never among them. */
  readonly fields: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;
}

export interface Work extends Difference {
  /** Null for what is to be created. */
  readonly id: string | null;
  /** Every field as it will be. */
  readonly value: Fields;
  readonly secret: CredentialSecret | null;
  /** Where it lies, and of what is new where it will; null for what belongs to no region. */
  readonly regionCode: string | null;
}

export interface Diff {
  readonly work: readonly Work[];
  readonly unchanged: Readonly<Record<ListName, number>>;
}

export type ImportMode = 'merge' | 'create' | 'update';

/**
 * Compares the file with the inventory and finds everything that is wrong with it. Pure: it reads no database and
 * writes none. `merge` creates and changes, `create` leaves alone what is there, `update` leaves out what is not.
 */
export function diffRows(options: {
  readonly rows: readonly Row[];
  readonly snapshot: Snapshot;
  readonly access: Access;
  readonly mode: ImportMode;
  readonly problems: Problems;
  /** The secret that is kept for a credential, to see whether the file's is another. */
  readonly keptSecret: (id: string) => CredentialSecret | null;
  /** Where devices may be. */
  readonly networks: DeviceNetworks;
}): Diff {
  const diff = new Differ(options);
  return diff.run();
}

/** Lists whose order says nothing. */
const unordered = new Set(['tags', 'sharedRisks', 'sites', 'attachedTo', 'holidays']);

class Differ {
  readonly #rows: readonly Row[];
  readonly #snapshot: Snapshot;
  readonly #access: Access;
  readonly #mode: ImportMode;
  readonly #problems: Problems;
  readonly #keptSecret: (id: string) => CredentialSecret | null;
  readonly #networks: DeviceNetworks;
  readonly #writes: Scope;
  constructor(options: Parameters<typeof diffRows>[0]) {
    this.#rows = options.rows;
    this.#snapshot = options.snapshot;
    this.#access = options.access;
    this.#mode = options.mode;
    this.#problems = options.problems;
    this.#keptSecret = options.keptSecret;
    this.#networks = options.networks;
    this.#writes = scopeFor(options.access, 'inventory.write');
  }

  run(): Diff {
    const wanted = new Set(this.#rows.filter((row) => this.#wants(row)));
    const outcome = new Outcome(this.#snapshot, wanted);
    const work: Work[] = [];
    const unchanged = Object.fromEntries(listNames.map((name) => [name, 0])) as Record<ListName, number>;
    for (const row of this.#rows) {
      if (!wanted.has(row)) unchanged[row.list]++;
    }
    for (const row of wanted) {
      const one = this.#differenceOf(row, outcome);
      if (one === null) unchanged[row.list]++;
      else if (one !== 'wrong') work.push(one);
    }
    const context = { snapshot: this.#snapshot, outcome, problems: this.#problems };
    checkAddresses([...wanted], context);
    checkLinkEnds([...wanted], context);
    return { work, unchanged };
  }

  #wants(row: Row): boolean {
    const exists = this.#snapshot[row.list].has(row.key);
    return this.#mode === 'merge' || (this.#mode === 'update') === exists;
  }

  #differenceOf(row: Row, outcome: Outcome): Work | 'wrong' | null {
    const before = this.#problems.count;
    const kept = this.#snapshot[row.list].get(row.key);
    if (kept?.visible === false) {
      this.#tellOutside(row, row.key);
      return 'wrong';
    }
    const value = outcome.get(row.list, row.key);
    checkReferences(row, value, outcome, this.#problems);
    const isThere = kept !== undefined && kept.value['address'] === value['address'];
    const about = { isNew: kept === undefined, outcome, problems: this.#problems };
    checkMeaning(row, value, { ...about, networks: isThere ? null : this.#networks });
    // Whether a typed secret is the kept one is for who may write it.
    if (row.list === 'credentials' && (row.value['secret'] ?? '') !== '' && !this.#mayWrite(row, kept, outcome)) {
      this.#tellOutside(row, row.key);
      return 'wrong';
    }
    const secret = this.#secretOf(row, value, kept);
    const regionCode = kept === undefined ? outcome.regionOf(row.list, value) : kept.regionCode;
    if (this.#problems.count > before) return 'wrong';

    const fields = differingFields(row, value, kept);
    if (secret !== null) fields['secret'] = { before: kept === undefined ? null : 'sealed', after: 'sealed' };
    if (kept !== undefined && Object.keys(fields).length === 0) return null;
    if (!this.#mayWrite(row, kept, outcome)) {
      this.#tellOutside(row, row.key);
      return 'wrong';
    }
    const action = kept === undefined ? 'create' : 'change';
    return { list: row.list, key: row.key, action, fields, id: kept?.id ?? null, value, secret, regionCode };
  }

  #mayWrite(row: Row, kept: Kept | undefined, outcome: Outcome): boolean {
    const value = outcome.get(row.list, row.key);
    const within = (code: string | null) => code !== null && inScope(this.#writes, code);
    if (kept !== undefined && !kept.writable) return false;
    switch (row.list) {
      case 'credentials': {
        const scope = scopeFor(this.#access, 'credential.manage');
        return scope === 'everywhere' || scope.regionCodes.length > 0;
      }
      case 'calendars':
      case 'contacts':
      case 'sharedRisks':
        return this.#writes === 'everywhere' || this.#writes.regionCodes.length > 0;
      case 'agents':
        return this.#writes === 'everywhere';
      case 'links':
        return within(outcome.regionOfEnd(value['a'])) && within(outcome.regionOfEnd(value['b']));
      default:
        return within(outcome.regionOf(row.list, value));
    }
  }

  #secretOf(row: Row, value: Fields, kept: Kept | undefined): CredentialSecret | null {
    if (row.list !== 'credentials') return null;
    const typed = row.value['secret'];
    if (typed === undefined || typed === '') return null;
    try {
      // The schema has seen kind and secret.
      const kind = value['kind'] as CredentialKind;
      const secret = secretFrom(kind, String(value['user'] ?? ''), typed as CredentialSecretInput);
      const before = kept === undefined ? null : this.#keptSecret(kept.id);
      return JSON.stringify(before) === JSON.stringify(secret) ? null : secret;
    } catch (error) {
      if (!(error instanceof ArungError)) throw error;
      this.#problems.add({
        code: 'bad-secret',
        list: row.list,
        place: row.place('secret'),
        field: 'secret',
        says: error.message,
      });
      return null;
    }
  }

  #tellOutside(row: Row, key: string): void {
    this.#problems.add({
      code: 'outside-regions',
      list: row.list,
      place: row.place(),
      arguments: { value: key },
      says: `${key} lies, or would lie, outside what you may write.`,
    });
  }
}

function differingFields(
  row: Row,
  value: Fields,
  kept: Kept | undefined,
): Record<string, { before: unknown; after: unknown }> {
  const fields: Record<string, { before: unknown; after: unknown }> = {};
  for (const field of Object.keys(row.value)) {
    if (field === 'secret') continue;
    const before = kept?.value[field] ?? null;
    const after = value[field] ?? null;
    if (kept !== undefined && comparable(field, before) === comparable(field, after)) continue;
    fields[field] = { before, after };
  }
  return fields;
}

function comparable(field: string, value: unknown): string {
  if (Array.isArray(value) && unordered.has(field)) return JSON.stringify(value.map(String).sort());
  if (Array.isArray(value)) return JSON.stringify(value.map((one: unknown) => sortedKeys(one)));
  return JSON.stringify(value);
}

function sortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
