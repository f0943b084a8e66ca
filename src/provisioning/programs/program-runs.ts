import { sql, type Kysely, type Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { Changes } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access, type Permission } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { newId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { isProgramRunOver, type ProgramOperation, type ProgramRollout } from '../../domain/program-run.ts';
import { ActiveRun, type Expected } from './active-run.ts';
import { opensStack } from './passphrase-check.ts';
import type { Passphrases, PassphraseSource } from './passphrases.ts';
import {
  findProgram,
  type FoundProgram,
  type Missing,
  type ProgramPlace,
  type ProgramSettings,
} from './program-folder.ts';
import { programHash } from './program-hash.ts';
import { textCleaner } from './program-text.ts';
import * as reasons from './reasons.ts';
import type { PlacedEntry } from './run-entries.ts';
import type { ProgramRun, RunStore } from './run-store.ts';
import type { RunTokens } from './run-tokens.ts';
import { killLeftover, RunnerProcess } from './runner/runner-process.ts';

export interface ProgramRunsOptions {
  readonly db: Kysely<Database>;
  readonly changes: Changes;
  readonly store: RunStore;
  readonly passphrases: Passphrases;
  readonly tokens: RunTokens;
  readonly settings: ProgramSettings;
  /** A folder of ours for what Pulumi keeps for itself. */
  readonly home: string;
  /** Where a program on this machine reaches the API, and how it trusts it: read when a run begins. */
  readonly reach: () => Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SeenStack {
  readonly name: string;
  readonly passphrase: PassphraseSource | null;
  readonly lastRun: ProgramRun | null;
  /** What `up` may be started by: the preview that was looked at, while it holds; null when there is none. */
  readonly preview: { readonly number: number; readonly untilMs: number } | null;
}

export interface SeenPrograms {
  readonly missing: Missing | null;
  readonly folder: string | null;
  readonly project: string | null;
  readonly stacks: readonly SeenStack[];
}

export interface RunRequest {
  readonly stack: string;
  readonly operation: ProgramOperation;
}

const previewHoldsMs = 3_600_000;
const longestHours = 8;
const longestMs = longestHours * 3_600_000;
const endWithinMs = 10_000;
const tokenLeft = 'the token of a run that did not begin could not be revoked';

/** Runs of Pulumi programs that people start here: one at a time for each stack. */
export class ProgramRuns implements LongLived {
  readonly name = 'programs';
  readonly #options: ProgramRunsOptions;
  readonly #active = new Map<string, ActiveRun>();
  #unsubscribe = (): void => undefined;

  constructor(options: ProgramRunsOptions) {
    this.#options = options;
  }

  /** Ends what the controller before us has left. */
  async start(): Promise<void> {
    const { store, tokens, clock } = this.#options;
    for (const { id, pid, tokenId } of await store.left()) {
      if (pid !== null) killLeftover(pid, id);
      if (tokenId !== null) await tokens.revoke(tokenId);
      const end = { tokenId: null, pid: null, endedAt: clock.now() };
      await store.write(id, { state: 'broken-off', problem: reasons.brokenOff(), holdsLock: true, ...end });
    }
    this.#unsubscribe = tokens.onWithdrawn(() => void this.#checkRights());
  }

  /** Runs that go on are told to end, and get the time to. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    const runs = [...this.#active.values()];
    await Promise.all(runs.map((run) => run.cancel(reasons.brokenOff()).catch(() => undefined)));
    const timer = setTimeout(() => runs.forEach((run) => run.kill()), endWithinMs);
    await Promise.all(runs.map((run) => run.ended));
    clearTimeout(timer);
  }

  /** What is there, and what was last done with it. */
  async list(access: Access): Promise<SeenPrograms> {
    whole(access, 'provisioning.read');
    const { settings, store, passphrases } = this.#options;
    const found = await findProgram(settings);
    if (found.missing !== null) return { ...found, project: null, stacks: [] };
    const [latest, sources] = await Promise.all([store.latest(), passphrases.sources(found.stacks)]);
    const stacks = await Promise.all(
      found.stacks.map(async (name): Promise<SeenStack> => {
        const lastRun = latest.get(name) ?? null;
        const preview = await this.#previewOf(found.place, name, lastRun).catch(() => null);
        return { name, passphrase: sources.get(name) ?? null, lastRun, preview };
      }),
    );
    return { missing: null, folder: found.place.folder, project: found.place.project, stacks };
  }

  async runs(access: Access, stack: string, limit: number): Promise<readonly ProgramRun[]> {
    whole(access, 'provisioning.read');
    return this.#options.store.list(stack, limit);
  }

  /** By its number or id. Throws `program.no-run`. */
  async get(access: Access, key: string): Promise<ProgramRun & { readonly killableAt: number | null }> {
    whole(access, 'provisioning.read');
    const run = await this.#options.store.find(key);
    if (run === null) throw reasons.noRun(key);
    const active = this.#active.get(run.stack);
    return { ...run, killableAt: active?.run.id === run.id ? active.killableAt : null };
  }

  /** Those that came or changed after a revision, and the revision that they are of. Throws `program.no-run`. */
  async entries(
    access: Access,
    key: string,
    after: number,
  ): Promise<{ readonly revision: number; readonly items: readonly PlacedEntry[] }> {
    // The revision first: what comes between is told twice, and not left out.
    const { id, revision } = await this.get(access, key);
    return { revision, items: revision <= after ? [] : await this.#options.store.entries(id, after) };
  }

  revisionOf(id: string): Promise<number> {
    return this.#options.store.revisionOf(id);
  }

  /**
   * Starts one. Throws `program.whole-network`, `program.not-ready`, `program.no-stack`, `program.no-passphrase`,
   * `program.under-way`; for `up` also `program.not-previewed`, `program.preview-too-old`, `program.changed-since-preview`.
   */
  async begin(access: Access, request: RunRequest): Promise<ProgramRun> {
    whole(access, 'provisioning.write');
    const { stack, operation } = request;
    const { changes, store, passphrases, settings, clock } = this.#options;
    const found = await findProgram(settings);
    if (found.missing !== null) throw reasons.notReady(found.missing);
    const passphrase = await this.#passphraseOf(found, stack, passphrases);
    const hash = await programHash(found.place.folder, stack);
    const { run, expected } = await changes.run(access, undefined, async (change) => {
      // Two that ask at once: the second finds what the first has begun.
      await sql`select pg_advisory_xact_lock(hashtext('arung programs'))`.execute(change.trx);
      const expected = await this.#allowed(change.trx, { ...request, hash });
      const begun = {
        id: newId<never>() as string,
        stack,
        operation,
        requestedBy: access.name,
        createdAt: clock.now(),
      };
      const run = await store.insert(change.trx, begun);
      change.record({
        action: operation,
        entityKind: 'program',
        entityId: run.id,
        entityName: stack,
        before: null,
        after: { run: run.number, programHash: hash, ...(expected === null ? {} : { preview: expected.preview }) },
        regionCode: null,
      });
      return { run, expected };
    });
    await this.#launch(access, { run, expected, place: found.place, passphrase });
    return run;
  }

  /**
   * Ends one as Ctrl-C does; once more, some seconds later, at once. Throws `program.no-run`, `program.over`,
   * `program.ending`.
   */
  async cancel(access: Access, key: string): Promise<void> {
    whole(access, 'provisioning.write');
    const run = await this.get(access, key);
    const active = this.#active.get(run.stack);
    if (active === undefined || active.run.id !== run.id) throw reasons.notUnderWay(run.number);
    await active.cancel();
    await this.#options.changes.run(access, undefined, async (change) => {
      change.record({
        action: 'cancel',
        entityKind: 'program',
        entityId: run.id,
        entityName: run.stack,
        before: null,
        after: { run: run.number },
        regionCode: null,
      });
    });
  }

  /** Throws `program.wrong-passphrase` where the stack was made with another. */
  async putPassphrase(access: Access, stack: string, passphrase: string): Promise<void> {
    whole(access, 'credential.manage');
    const { folder } = await this.#known(stack);
    if ((await opensStack(folder, stack, passphrase)) === false) throw reasons.wrongPassphrase(stack);
    await this.#options.passphrases.put(access, stack, passphrase);
  }

  async removePassphrase(access: Access, stack: string): Promise<void> {
    whole(access, 'credential.manage');
    await this.#options.passphrases.remove(access, stack);
  }

  /** A program that is run here has asked in which waves it would go. */
  previewed(access: Access, waves: ProgramRollout): void {
    this.#speaking(access)?.previewed(waves);
  }

  /** A program that is run here has started or joined a rollout. */
  started(access: Access, rollout: number): void {
    this.#speaking(access)?.started(rollout);
  }

  #speaking(access: Access): ActiveRun | undefined {
    if (access.kind !== 'token') return undefined;
    return [...this.#active.values()].find(({ tokenId }) => tokenId === access.id);
  }

  async #known(stack: string): Promise<ProgramPlace> {
    const found = await findProgram(this.#options.settings);
    if (found.missing !== null) throw reasons.notReady(found.missing);
    if (!found.stacks.includes(stack)) throw reasons.noStack(stack);
    return found.place;
  }

  async #passphraseOf(found: FoundProgram & { readonly missing: null }, stack: string, passphrases: Passphrases) {
    if (!found.stacks.includes(stack)) throw reasons.noStack(stack);
    const passphrase = await passphrases.of(stack);
    if (passphrase === null) throw reasons.noPassphrase(stack);
    return passphrase;
  }

  /** Throws why it may not begin now; says what it must find the program to be. */
  async #allowed(
    trx: Transaction<Database>,
    { stack, operation, hash }: RunRequest & { readonly hash: string },
  ): Promise<Expected | null> {
    const last = await this.#options.store.lastOf(trx, stack);
    if (last !== null && !isProgramRunOver(last.state)) throw reasons.underWay(stack, last.number);
    if (operation !== 'up') return null;
    const preview = good(last);
    if (preview === null) throw reasons.notPreviewed(stack);
    if (this.#options.clock.now() > preview.endedAt + previewHoldsMs) throw reasons.previewTooOld(preview.number);
    if (preview.programHash !== hash) throw reasons.changedSincePreview(preview.number);
    return { programHash: hash, preview: preview.number };
  }

  async #previewOf(place: ProgramPlace, stack: string, last: ProgramRun | null): Promise<SeenStack['preview']> {
    const preview = good(last);
    if (preview === null) return null;
    const untilMs = preview.endedAt + previewHoldsMs;
    if (this.#options.clock.now() > untilMs) return null;
    return preview.programHash === (await programHash(place.folder, stack))
      ? { number: preview.number, untilMs }
      : null;
  }

  async #launch(
    access: Access,
    given: {
      readonly run: ProgramRun;
      readonly expected: Expected | null;
      readonly place: ProgramPlace;
      readonly passphrase: string;
    },
  ): Promise<void> {
    const { store, tokens, home, reach, clock, logger } = this.#options;
    const { run, expected, place, passphrase } = given;
    const { folder, automation, cliFolder } = place;
    let made: { readonly id: string; readonly token: string } | null = null;
    try {
      const breakLock = await store.holdsLock(run.stack);
      const name = `pulumi ${run.stack} #${run.number} (${access.name})`;
      made = await tokens.make(access, { name, untilMs: clock.now() + longestMs });
      const { id: tokenId, token } = made;
      const secretEnv = { ...reach(), ARUNG_TOKEN: token, PULUMI_CONFIG_PASSPHRASE: passphrase };
      const { stack, operation } = run;
      await store.write(run.id, { tokenId });
      let tooLong: NodeJS.Timeout | undefined;
      const active = new ActiveRun({
        run,
        askedBy: access,
        tokenId,
        expected,
        store,
        clean: textCleaner([token, passphrase]),
        hash: () => programHash(folder, stack),
        start: (told) => {
          const order = { operation, stack, folder, automation, cliFolder, breakLock, secretEnv };
          return RunnerProcess.start({ runId: run.id, home, order, ...told });
        },
        over: async () => {
          clearTimeout(tooLong);
          this.#active.delete(stack);
          await tokens.revoke(tokenId);
        },
        clock,
        logger,
      });
      this.#active.set(stack, active);
      // Whoever told it to end a moment ago has it ending already.
      const end = () => active.cancel(reasons.tookTooLong(longestHours)).catch(() => undefined);
      tooLong = setTimeout(() => void end(), longestMs);
    } catch (error) {
      if (made !== null) await tokens.revoke(made.id).catch((failed: unknown) => logger.error(failed, tokenLeft));
      await store.write(run.id, { state: 'failed', tokenId: null, endedAt: clock.now() });
      throw error;
    }
  }

  /** A run may no more than who started it: it ends when they may not any more. */
  async #checkRights(): Promise<void> {
    const { tokens, logger } = this.#options;
    for (const active of this.#active.values()) {
      const { askedBy, tokenId } = active;
      try {
        const now = await tokens.accessNow(askedBy);
        if (now !== null && scopeFor(now, 'provisioning.write') === 'everywhere') continue;
        await tokens.revoke(tokenId);
        await active.cancel(reasons.rightsGone(askedBy.name)).catch(() => undefined);
      } catch (error) {
        logger.error(error, 'whether a run of a program may go on could not be found out');
      }
    }
  }
}

/** Throws `program.whole-network`. */
function whole(access: Access, permission: Permission): void {
  if (scopeFor(access, permission) !== 'everywhere') throw reasons.notWhole();
}

/** The last run, where it is a preview that `up` may rely on. */
function good(last: ProgramRun | null): { number: number; endedAt: number; programHash: string } | null {
  if (last === null || last.operation !== 'preview' || last.state !== 'done') return null;
  const { number, endedAt, programHash: hash } = last;
  return endedAt === null || hash === null ? null : { number, endedAt, programHash: hash };
}
