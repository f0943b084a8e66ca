import type { LogServer } from '../syslog-sender.ts';
import type { CliConfig } from './config.ts';
import type { LineKind } from './lines.ts';

/** What a switch runs on: the simulated device and its time. */
export interface SwitchHost {
  readonly name: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  /** Its physical ports, by the names that the network has for them. */
  readonly ports: readonly string[];
  /** What its clock shows, seconds since 1970 UTC. */
  clockS(): number;
  uptimeS(): number;
  /** Something was set: paths may have changed. */
  changed(): void;
  /** A datagram to a log server, if there is a way to it. */
  tell(to: LogServer, text: string): void;
  /** It goes down now and starts anew. */
  reboot(): void;
}

/** A switch, as its commands use it. */
export interface Box {
  readonly host: SwitchHost;
  readonly name: string;
  readonly running: CliConfig;
  readonly startup: CliConfig;
  /** False where its flash is full. */
  save(): boolean;
  isSaved(): boolean;
  reboot(): void;
  /** Seconds until it restarts; null when none is planned. */
  reloadInS(): number | null;
  reloadIn(seconds: number): void;
  cancelReload(): boolean;
  /** Seconds until the running configuration goes back to the archived one; null when nothing waits. */
  revertInS(): number | null;
  /** Sets the timer; what is there now is archived, unless one waits already. */
  revertIn(seconds: number): void;
  confirmRevert(): boolean;
  revertNow(): boolean;
}

/** What a session shows and asks; commands get it to write and to ask. */
export interface Terminal {
  write(lines: string | readonly string[]): void;
  /** Asks on the cursor's line, and goes on with what is answered. */
  ask(question: string, then: (answer: string) => void): void;
  /** Lines of a page; 0: no paging. */
  pageLines: number;
  readonly user: string;
  /** Into configuration mode. */
  configure(): void;
  /** From where one may only look to where one may configure. */
  enable(): void;
}

/** A command of exec mode. */
export interface ExecCommand {
  readonly pattern: RegExp;
  run(found: RegExpExecArray, box: Box, terminal: Terminal): void;
}

/** What may follow a line that is typed, word by word. */
export interface HelpPage {
  readonly after: string;
  readonly words: readonly (readonly [word: string, meaning: string])[];
}

export type Mode = 'exec' | 'config' | 'section';

/** What is different between the command lines of two makers. */
export interface Maker {
  readonly name: string;
  prompt(device: string, mode: Mode, header: string): string;
  /** Whoever signs in may look alone, at `name>`, until `enable`. */
  readonly isLimitedFirst?: boolean;
  readonly more: string;
  /** Out of configuration mode; one mode up. */
  readonly leave: RegExp;
  readonly up: RegExp;
  /** The word before what is taken away. */
  readonly no: string;
  readonly lines: readonly LineKind[];
  /** The kind of a section, by the line that opens it, with the header as the device writes it; null for none. */
  section(line: string, box: Box): SectionFound | { readonly refusal: string } | null;
  /** Sections that go with `no` before their header. */
  readonly removable: RegExp;
  readonly exec: readonly ExecCommand[];
  /** Commands of configuration mode that set nothing. */
  readonly configuring?: readonly ExecCommand[];
  /** What its help lists in exec mode after each line; one that has no help takes a question mark as text. */
  readonly help?: readonly HelpPage[];
  /** The answer to what it does not know. */
  readonly unknown: readonly string[];
  show(config: CliConfig, box: Box): readonly string[];
  /** The name of the device, as its configuration has it. */
  nameIn(config: CliConfig): string | null;
  /** Users with the secret that lets them in. */
  users(config: CliConfig): ReadonlyMap<string, string>;
}

export interface SectionFound {
  readonly kind: string;
  readonly header: string;
}
