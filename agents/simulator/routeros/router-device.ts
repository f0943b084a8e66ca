import { Type } from 'typebox';
import { Commands, type Answer, type Command } from './commands.ts';
import { RouterConfiguration } from './configuration.ts';
import { ManagementPath, type OtherPaths, type Surroundings } from './management.ts';
import type { MenuState } from './menu.ts';
import type { RouterHost } from './router.ts';
import { changeMessage, RemoteLog } from './remote-log.ts';
import { Scheduler } from './scheduler.ts';
import { scriptRun } from './script.ts';
import { fileTypes, Storage, type StoredFile } from './storage.ts';
import { Trap } from './trap.ts';

const mostLogLines = 1_000;

export const heldRouter = Type.Object({
  lastId: Type.Integer(),
  menus: Type.Array(
    Type.Object({
      path: Type.String(),
      entries: Type.Array(
        Type.Object({ id: Type.Integer(), values: Type.Array(Type.Tuple([Type.String(), Type.String()])) }),
      ),
    }),
  ),
  files: Type.Array(Type.Object({ name: Type.String(), type: Type.Enum([...fileTypes]), content: Type.String() })),
});
/** A router without power: configuration and flash, the content of files in base64. */
export interface HeldRouter {
  readonly lastId: number;
  readonly menus: readonly MenuState[];
  readonly files: readonly (Omit<StoredFile, 'content'> & { readonly content: string })[];
}

/** Time as the router's scheduler and scripts use it; a test may drive it. */
export interface RouterTimers {
  /** Calls after so many seconds; gives the way to stop. */
  after(seconds: number, run: () => void): () => void;
  /** How far a driven time is ahead of the machine's, in seconds. */
  aheadS(): number;
}

/** One router: its configuration, its flash, its log, and what runs on it by itself. */
export class RouterDevice {
  readonly configuration = new RouterConfiguration();
  readonly storage: Storage;
  readonly path: ManagementPath;
  readonly #host: RouterHost;
  readonly #commands: Commands;
  readonly #scheduler: Scheduler;
  readonly #remoteLog: RemoteLog;
  readonly #timers: RouterTimers;
  readonly #waits = new Set<() => void>();
  #isOn = true;

  constructor(options: {
    readonly host: RouterHost;
    readonly around: Surroundings;
    readonly others: OtherPaths;
    readonly timers: RouterTimers;
  }) {
    const { host } = options;
    this.#host = host;
    this.storage = new Storage(host.model, () => host.written());
    this.#timers = options.timers;
    this.#commands = new Commands({
      configuration: this.configuration,
      host: { ...host, changed: () => this.#changed() },
      storage: this.storage,
      runScript: (source, by) => this.#runScript('import', source, by),
      reboot: (meanwhile) => this.#reboot(meanwhile),
    });
    this.path = new ManagementPath({
      configuration: this.configuration,
      facts: this.#commands.facts,
      around: options.around,
      others: options.others,
    });
    this.#remoteLog = new RemoteLog(this.configuration, host);
    this.#scheduler = new Scheduler({
      menu: this.configuration.menu('/system/scheduler'),
      host: {
        clockS: () => host.clockS(),
        bootedS: () => host.clockS() - host.uptimeS(),
        isOn: () => this.#isOn,
        after: (seconds, run) => options.timers.after(seconds, run),
      },
      fire: (name, source) => this.#fire(name, source),
    });
  }

  /**
   * Runs a command of a session; throws a Trap. What it changed is told to log servers, and not kept in `/log`: hundreds of
   * routers with all that a rollout does to each would fill the memory with lines that nobody reads.
   */
  run(command: Command): Answer {
    const answer = this.#commands.run(command);
    const message = command.by === undefined ? null : changeMessage(command.path, command.by);
    if (message !== null) this.#remoteLog.tell('system,info', message);
    return answer;
  }

  rows(path: string): ReturnType<Commands['rows']> {
    return this.#commands.rows(this.configuration.menu(path));
  }

  /** Whether a user with this password may come in. */
  knows(name: string, password: string): boolean {
    const menu = this.configuration.menu('/user');
    return menu.entries.some(
      (entry) =>
        menu.value(entry, 'name') === name &&
        (menu.value(entry, 'password') ?? '') === password &&
        menu.value(entry, 'disabled') !== 'true',
    );
  }

  /** The port of an enabled service of /ip/service; null when it is off. */
  servicePort(name: string): number | null {
    const menu = this.configuration.menu('/ip/service');
    const found = menu.entries.find((entry) => menu.value(entry, 'name') === name);
    if (found === undefined || menu.value(found, 'disabled') === 'true') return null;
    return Number(menu.value(found, 'port') ?? '0');
  }

  log(topics: string, message: string): void {
    const menu = this.configuration.menu('/log');
    this.#remoteLog.tell(topics, message);
    const time = new Date(this.#host.clockS() * 1_000).toISOString().slice(0, 19).replace('T', ' ');
    menu.plant({ time, topics, message });
    const [oldest] = menu.entries;
    if (menu.entries.length > mostLogLines && oldest !== undefined) {
      menu.restore({
        path: '/log',
        entries: menu.entries.slice(1).map(({ id, values }) => ({ id, values: [...values] })),
      });
    }
  }

  /** It lost its power, or a restart began: nothing runs on it any more. */
  switchedOff(): void {
    this.#isOn = false;
    this.#scheduler.stop();
    for (const stop of this.#waits) stop();
    this.#waits.clear();
  }

  /** It has started: the log is empty, what startup brings is due soon. */
  switchedOn(): void {
    this.#isOn = true;
    this.storage.restarted();
    this.configuration.menu('/log').restore({ path: '/log', entries: [] });
    this.log('system,info', 'router rebooted');
    this.#scheduler.booted();
  }

  stop(): void {
    this.switchedOff();
  }

  /** What it holds while it has no power. */
  held(): HeldRouter {
    const files = [...this.storage.files].map(({ content, ...file }) => ({ ...file, content: content.toString('base64') })); // prettier-ignore
    return { ...this.configuration.held(), files };
  }

  /** It has power again, with what it held. */
  resume({ files, ...configuration }: HeldRouter): void {
    this.configuration.resume(configuration);
    this.#remoteLog.configurationChanged();
    for (const file of files) this.storage.put({ ...file, content: Buffer.from(file.content, 'base64') });
    this.switchedOn();
  }

  #changed(): void {
    this.#remoteLog.configurationChanged();
    this.#scheduler.renew();
    this.#host.changed();
  }

  #reboot(meanwhile: () => void): void {
    this.switchedOff();
    meanwhile();
    this.#remoteLog.configurationChanged();
    this.#host.changed();
    this.#host.reboot();
  }

  #fire(name: string, source: string): void {
    try {
      // A name of a script, or a script itself.
      const menu = this.configuration.menu('/system/script');
      const script = menu.entries.find((entry) => menu.value(entry, 'name') === source);
      this.#runScript(name, script === undefined ? source : (menu.value(script, 'source') ?? ''));
    } catch (error) {
      this.#scriptFailed(name, error);
    }
  }

  /** Runs until its first delay; what comes after runs by itself. Throws a Trap. */
  #runScript(name: string, source: string, by?: string): void {
    const run = scriptRun(source, {
      run: (command) => this.run(by === undefined ? command : { ...command, by }),
      rows: (path) => this.rows(path),
      log: (topics, message) => this.log(topics, message),
    });
    this.#goOn(name, run);
  }

  #goOn(name: string, run: Generator<number, void>): void {
    const next = run.next();
    if (next.done === true || !this.#isOn) return;
    const stop = this.#timers.after(next.value, () => {
      this.#waits.delete(stop);
      try {
        this.#goOn(name, run);
      } catch (error) {
        this.#scriptFailed(name, error);
      }
    });
    this.#waits.add(stop);
  }

  #scriptFailed(name: string, error: unknown): void {
    if (!(error instanceof Trap)) throw error;
    this.log('script,error', `executing script ${name} failed: ${error.message}`);
  }
}
