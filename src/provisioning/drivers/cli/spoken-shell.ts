import { ArungError } from '../../../domain/errors.ts';
import type { Connection } from '../ways.ts';
import type { CliCommand, Dialect } from './dialect.ts';
import { dialects } from './dialects/dialects.ts';
import type { Shell } from './shell.ts';

/** Characters in which a device says who made it. */
const longestVersion = 10_000;

/** A shell whose dialect is known, with paging off, at the level that may configure. */
export class SpokenShell implements Connection {
  readonly dialect: Dialect;
  readonly #shell: Shell;
  readonly #timeoutMs: number;
  #isConfiguring = false;

  private constructor(shell: Shell, dialect: Dialect, timeoutMs: number) {
    this.#shell = shell;
    this.dialect = dialect;
    this.#timeoutMs = timeoutMs;
    shell.notices = dialect.notice;
  }

  /** @param password of the user: some want it again before they let one configure. */
  static async of(shell: Shell, password: string, timeoutMs: number): Promise<SpokenShell> {
    const asked = { deadlineMs: timeoutMs };
    if (shell.prompt.isLimited) {
      await shell.run({ line: 'enable', answers: [{ to: /password: ?$/i, say: password }] }, asked);
      if (shell.prompt.isLimited) throw notPrivileged(shell.name);
    }
    const { style } = shell.prompt;
    const shown = await shell.run({ line: style === 'angle' ? 'display version' : 'show version' }, asked);
    // TP-Link's have no such command, and tell it otherwise.
    const told = /^ {0,4}Error ?:/m.test(shown.slice(0, longestVersion)) ? await shell.run({ line: 'show system-info' }, asked) : shown; // prettier-ignore
    const version = told.slice(0, longestVersion);
    const dialect = dialects.find((one) => one.prompts === style && one.isSpokenBy(version));
    if (dialect === undefined) throw unknownDialect(shell.name);
    for (const line of dialect.prepare) await shell.run({ line }, asked);
    return new SpokenShell(shell, dialect, timeoutMs);
  }

  get isOpen(): boolean {
    return this.#shell.isOpen;
  }

  /** Says one line; throws `device.refused` when the device says no. */
  async run(command: CliCommand | string): Promise<string> {
    const one = typeof command === 'string' ? { line: command } : command;
    return this.#shell.run(one, { deadlineMs: this.#timeoutMs, refusal: this.dialect.refusal });
  }

  /** As `Shell.help`, in the mode where it stands. */
  help(typed: string): Promise<readonly string[] | null> {
    return this.#shell.help(typed, this.#timeoutMs);
  }

  /** Into configuration mode, where a line counts at once. */
  async configure(): Promise<void> {
    if (this.#isConfiguring) return;
    await this.run(this.dialect.enter);
    if (this.#shell.prompt.isStaged) {
      await this.run(this.dialect.up);
      await this.run(`${this.dialect.enter} immediately`);
    }
    this.#isConfiguring = true;
  }

  async leave(): Promise<void> {
    if (!this.#isConfiguring) return;
    await this.run(this.dialect.leave);
    this.#isConfiguring = false;
  }

  close(): void {
    this.#shell.close();
  }
}

function notPrivileged(address: string): ArungError {
  return new ArungError(
    'unavailable',
    `The user of ${address} may look, but not configure: give it the highest level there, or let enable take its password.`,
    { code: 'cli.not-privileged', arguments: { address } },
  );
}

function unknownDialect(address: string): ArungError {
  return new ArungError('unavailable', `${address} has a command line that no dialect of Arung knows.`, {
    code: 'cli.unknown-dialect',
    arguments: { address },
  });
}
