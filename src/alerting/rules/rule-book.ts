import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import { inScope, scopeFor, type Access } from '../../domain/access.ts';
import { problemOfRule, type AlertRule } from '../../domain/alert-rule.ts';
import { ArungError } from '../../domain/errors.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { builtInRules } from './built-in.ts';
import {
  builtIn,
  eraseRule,
  lockRule,
  managedByFile,
  readRules,
  writeRule,
  type KnownRule,
  type RuleChange,
} from './rule-rows.ts';

export interface RuleWriteOptions {
  readonly reason?: string | undefined;
  readonly version?: number | undefined;
}

/** Audited writes, and who is told of them: those of the inventory. */
export interface RuleChanges {
  run<T>(access: Access, reason: string | undefined, work: (change: RuleChange) => Promise<T>): Promise<T>;
  onCommit(wake: () => void): () => void;
}

/** What an import did, or would do. */
export interface RuleImport {
  readonly dryRun: boolean;
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}

/** Many writes of the inventory in a row make one look at the rules. */
const gatherMs = 100;

/** The rules: those that are built in, those that somebody changed, and those of one's own. */
export class RuleBook implements LongLived {
  readonly name = 'rules';
  readonly #db: Kysely<Database>;
  readonly #changes: RuleChanges;
  readonly #logger: Logger;
  readonly #listeners = new Set<() => void>();
  #known: readonly KnownRule[] = builtInRules.map(builtIn);
  #stopListening: (() => void) | null = null;
  #gather: NodeJS.Timeout | null = null;
  #line: Promise<unknown> = Promise.resolve();

  constructor(options: { readonly db: Kysely<Database>; readonly changes: RuleChanges; readonly logger: Logger }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    await this.#read();
    this.#stopListening = this.#changes.onCommit(() => this.#readSoon());
  }

  async stop(): Promise<void> {
    this.#stopListening?.();
    if (this.#gather !== null) clearTimeout(this.#gather);
    await this.#line;
  }

  /** All that there are, also those that are switched off. */
  current(): readonly AlertRule[] {
    return this.#known.map(({ rule }) => rule);
  }

  /** Calls back after every change, without data; returns the way to stop. */
  onChange(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** Those that hold somewhere in the reader's regions, by key. */
  async list(access: Access): Promise<readonly KnownRule[]> {
    return readRules(this.#db, scopeFor(access, 'status.read'));
  }

  async get(access: Access, key: string): Promise<KnownRule> {
    const found = (await this.list(access)).find(({ rule }) => rule.key === key);
    if (found === undefined) throw notFound(key);
    return found;
  }

  /** Throws where a rule cannot be evaluated. */
  check(rule: AlertRule): void {
    checkRule(rule);
  }

  /** Creates a rule, or replaces the one of this key. */
  async put(
    access: Access,
    rule: AlertRule,
    options: RuleWriteOptions & { readonly managedBy?: string | undefined } = {},
  ): Promise<KnownRule> {
    checkRule(rule);
    return this.#changes.run(access, options.reason, async (change) => {
      const before = await lockRule(change.trx, rule.key);
      mustBeEditable(before, options.version);
      requireReach(access, [rule, ...(before === null ? [] : [before.rule])]);
      await writeRule(change, before, rule, options.managedBy ?? 'console', access);
      const after = await lockRule(change.trx, rule.key);
      if (after === null) throw notFound(rule.key);
      return after;
    });
  }

  /** Removes a rule of one's own, or takes a built-in one back to what it was. */
  async remove(access: Access, key: string, options: RuleWriteOptions = {}): Promise<void> {
    await this.#changes.run(access, options.reason, async (change) => {
      const before = await lockRule(change.trx, key);
      if (before === null || !isVisible(access, before.rule)) throw notFound(key);
      mustBeEditable(before, options.version);
      if (before.origin === 'built-in') {
        throw new ArungError('conflict', `The rule ${key} is built in: switch it off instead of removing it.`, {
          code: 'rule.built-in',
          arguments: { key },
        });
      }
      requireReach(access, [before.rule]);
      await eraseRule(change, before);
    });
  }

  /**
   * Takes rules of a file: all of them or none. `managedBy` file: also removes what an earlier file had and this one has
   * not; what people have made stays.
   */
  async import(
    access: Access,
    rules: readonly AlertRule[],
    options: { readonly dryRun?: boolean; readonly reason?: string | undefined; readonly managedBy?: string } = {},
  ): Promise<RuleImport> {
    const { dryRun = false, managedBy = 'import' } = options;
    const result = { dryRun, created: [] as string[], changed: [] as string[], removed: [] as string[], unchanged: 0 };
    const work = async (change: RuleChange): Promise<void> => {
      for (const rule of rules) {
        checkRule(rule);
        const before = await lockRule(change.trx, rule.key);
        if (managedBy !== managedByFile) mustBeEditable(before, undefined);
        requireReach(access, [rule, ...(before === null ? [] : [before.rule])]);
        const isSame = before !== null && isEqual(before.rule, rule);
        const isTheirs =
          before?.managedBy === managedBy || before?.origin === 'built-in' || managedBy !== managedByFile;
        if (isSame && isTheirs) result.unchanged += 1;
        else {
          (before === null ? result.created : result.changed).push(rule.key);
          if (!dryRun) await writeRule(change, before, rule, managedBy, access);
        }
      }
      if (managedBy !== managedByFile) return;
      const given = new Set(rules.map(({ key }) => key));
      for (const known of await readRules(change.trx, 'everywhere')) {
        if (known.managedBy !== managedByFile || given.has(known.rule.key)) continue;
        result.removed.push(known.rule.key);
        if (!dryRun) await eraseRule(change, known);
      }
    };
    if (dryRun) await this.#db.transaction().execute((trx) => work({ trx, record: () => undefined }));
    else await this.#changes.run(access, options.reason, work);
    return result;
  }

  #readSoon(): void {
    if (this.#gather !== null) return;
    this.#gather = setTimeout(() => {
      this.#gather = null;
      this.#readNow();
    }, gatherMs);
    this.#gather.unref();
  }

  #readNow(): void {
    this.#line = this.#line
      .then(() => this.#read())
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'the rules could not be read; the last ones stay'));
  }

  async #read(): Promise<void> {
    const known = await readRules(this.#db, 'everywhere');
    if (isEqual(known, this.#known)) return;
    this.#known = known;
    for (const wake of this.#listeners) wake();
  }
}

function checkRule(rule: AlertRule): void {
  const problem = problemOfRule(rule);
  if (problem === null) return;
  throw new ArungError('invalid', `The rule ${rule.key} cannot be evaluated: ${problem.message}`, {
    code: 'rule.invalid',
    arguments: { key: rule.key, problem: problem.message },
    details: [problem],
  });
}

function mustBeEditable(before: KnownRule | null, version: number | undefined): void {
  const key = before?.rule.key ?? '';
  if (before?.managedBy === managedByFile) {
    throw new ArungError(
      'conflict',
      `The rule ${key} is kept in the file of ARUNG_RULES_FILE on the controller’s machine: change it there.`,
      { code: 'rule.in-file', arguments: { key } },
    );
  }
  if (version === undefined || version === (before?.version ?? 0)) return;
  throw new ArungError(
    'stale',
    `The rule ${key} was changed since you read it: read it again, then repeat your change.`,
    { code: 'rule.stale-version', arguments: { key } },
  );
}

/** Who writes in some regions only writes rules of these regions only. */
function requireReach(access: Access, rules: readonly AlertRule[]): void {
  const scope = scopeFor(access, 'alerting.write');
  if (scope === 'everywhere') return;
  const isOutside = rules.some(
    ({ scope: { regions = [] } }) => regions.length === 0 || !regions.every((code) => inScope(scope, code)),
  );
  if (!isOutside) return;
  throw new ArungError(
    'forbidden',
    'You may write rules of your regions only: name in scope.regions the regions that the rule is for, all of them yours.',
    { code: 'rule.outside-regions' },
  );
}

function isVisible(access: Access, { scope: { regions = [] } }: AlertRule): boolean {
  const scope = scopeFor(access, 'status.read');
  if (scope === 'everywhere' || regions.length === 0) return true;
  return regions.some((code) => inScope(scope, code) || scope.regionCodes.some((own) => own.startsWith(code + '.')));
}

function notFound(key: string): ArungError {
  return new ArungError('not-found', `There is no rule ${key} in your regions.`, {
    code: 'rule.not-found',
    arguments: { key },
  });
}

/** Equal as JSON, whatever the order of fields: jsonb has one of its own. */
export function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
