import type { Clock } from '../../../domain/clock.ts';
import { deviceError, deviceRefused } from '../device-errors.ts';
import type { DeviceCredential, DeviceTarget, HostKeys } from '../driver.ts';
import { Ways } from '../ways.ts';
import { CliConfiguration } from './configuration.ts';
import type { CliCommand, Dialect } from './dialect.ts';
import { Shell } from './shell.ts';
import { SpokenShell } from './spoken-shell.ts';
import { openSsh } from './ssh.ts';

/** A whole configuration takes a small switch some time to write. */
const readTimeoutMs = 120_000;

/** The command line of one device, opened anew when it is lost: it outlives a session. */
export class CliLine {
  readonly #ways: Ways<SpokenShell>;
  readonly #clock: Clock;
  readonly #readTimeoutMs: number;
  readonly #timeoutMs: number;

  constructor(options: {
    readonly target: DeviceTarget;
    readonly port: number;
    readonly hostKeys: HostKeys;
    readonly timeoutMs: number;
    readonly clock: Clock;
    readonly onClose: () => void;
  }) {
    const { target, port, hostKeys, timeoutMs, clock, onClose } = options;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#readTimeoutMs = Math.max(timeoutMs, Math.min(readTimeoutMs, timeoutMs * 8));
    const isLegacy = target.isLegacy ?? false;
    this.#ways = new Ways<SpokenShell>({
      target,
      port,
      timeoutMs,
      clock,
      onClose,
      open: async ({ address, credential }, deadlineMs) => {
        const stream = await openSsh({ host: address, port, credential, hostKeys, isLegacy }, deadlineMs);
        try {
          const shell = await Shell.open(stream, `${address}:${port}`, deadlineMs);
          return await SpokenShell.of(shell, credential.password, timeoutMs);
        } catch (error) {
          stream.destroy();
          throw error;
        }
      },
    });
  }

  get name(): string {
    return this.#ways.name;
  }

  /** Throws while nothing is open. */
  get dialect(): Dialect {
    return this.#shell.dialect;
  }

  connect(): Promise<void> {
    return this.#ways.connect();
  }

  /** As `Ways.reopen`. */
  reopen(untilMs: number, after: DeviceCredential | null, signal?: AbortSignal): Promise<void> {
    return this.#ways.reopen(untilMs, after, signal);
  }

  /** In exec mode. Throws `device.refused` when the device says no. */
  async run(command: CliCommand | string): Promise<string> {
    await this.#shell.leave();
    return this.#shell.run(command);
  }

  /** What the device's help lists after something that is typed in exec mode and not entered; null where it has none. */
  async help(typed: string): Promise<readonly string[] | null> {
    await this.#shell.leave();
    const help = await this.#shell.help(typed);
    // What could not be erased went with its session.
    if (!this.#shell.isOpen) await this.#ways.reopen(this.#clock.now() + this.#timeoutMs, null);
    return help;
  }

  /** In configuration mode. Throws `device.refused` when the device says no, or would take its rollback away. */
  async configure(line: string): Promise<string> {
    if (this.dialect.cancelsRollback?.test(line) === true) {
      throw deviceRefused(this.name, `${line.split(' ')[0] ?? ''} would take its planned restart away: set it by hand`);
    }
    await this.#shell.configure();
    return this.#shell.run(line);
  }

  async read(): Promise<CliConfiguration> {
    return new CliConfiguration(this.#clock.now(), await this.show('running'), this.dialect);
  }

  /** What a restart would load. */
  async readSaved(): Promise<CliConfiguration> {
    return new CliConfiguration(this.#clock.now(), await this.show('saved'), this.dialect);
  }

  /** As the device writes it. */
  show(which: keyof Dialect['show']): Promise<string> {
    return this.run({ line: this.dialect.show[which], deadlineMs: this.#readTimeoutMs });
  }

  close(): void {
    this.#ways.close();
  }

  get #shell(): SpokenShell {
    const { current } = this.#ways;
    if (current === null) throw deviceError('device.closed', this.name);
    return current;
  }
}
