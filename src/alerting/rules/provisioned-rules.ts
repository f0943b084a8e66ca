import { readFile, stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { systemAccess } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { RuleBook } from './rule-book.ts';
import { managedByFile } from './rule-rows.ts';
import { longestFile, readRuleFile, wrongFile } from './rule-file.ts';

const lookEveryMs = 10_000;
const access = systemAccess('rules file');

/**
 * Keeps the rules as a file says them (`ARUNG_RULES_FILE`): at the start, and whenever it has changed. A file that is wrong
 * changes nothing and is told in the log; without the setting, what an earlier file provided goes.
 */
export class ProvisionedRules implements LongLived {
  readonly name = 'rules file';
  readonly #path: string | null;
  readonly #book: RuleBook;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | null = null;
  #line: Promise<void> = Promise.resolve();
  #seen = '';

  constructor(options: { readonly path: string | null; readonly book: RuleBook; readonly logger: Logger }) {
    this.#path = options.path;
    this.#book = options.book;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    if (this.#path === null) {
      await this.#book.import(access, [], { managedBy: managedByFile });
      return;
    }
    await this.look();
    this.#timer = setInterval(() => void this.look(), lookEveryMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#line;
  }

  /** Takes the file when it is another than before. Never rejects: what is wrong is in the log. */
  look(): Promise<void> {
    this.#line = this.#line.then(() => this.#look()).catch((error: unknown) => this.#say(error));
    return this.#line;
  }

  async #look(): Promise<void> {
    const path = this.#path ?? '';
    const { mtimeMs, size } = await stat(path);
    const seen = `${mtimeMs} ${size}`;
    if (seen === this.#seen) return;
    if (size > longestFile) throw wrongFile([{ message: `It is longer than ${longestFile} bytes.` }]);
    const { rules, errors } = readRuleFile(await readFile(path, 'utf8'));
    this.#seen = seen;
    if (errors.length > 0) throw wrongFile(errors);
    const { created, changed, removed } = await this.#book.import(access, rules, {
      managedBy: managedByFile,
      reason: path,
    });
    this.#logger.info({ path, rules: rules.length, created, changed, removed }, 'the rules are as their file says');
  }

  #say(error: unknown): void {
    const details = error instanceof ArungError ? error.details : [];
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#seen === reason) return;
    // A file that cannot be read is told once, not every ten seconds.
    if (details.length === 0) this.#seen = reason;
    this.#logger.error(
      { path: this.#path, reason, places: details.slice(0, 10) },
      'the file of rules (ARUNG_RULES_FILE) could not be taken; the rules stay as they were: mend the file',
    );
  }
}
