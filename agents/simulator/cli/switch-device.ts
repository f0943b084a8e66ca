import type { RouterTimers } from '../routeros/router-device.ts';
import { ChangeLog } from './change-log.ts';
import { CliConfig } from './config.ts';
import type { Box, Maker, SwitchHost } from './maker.ts';

interface Timer {
  readonly atS: number;
  stop(): void;
}

/** Seconds before a restart at which everybody who is signed in is told. */
const warnings = [300, 60] as const;

/** One switch: what it runs, what it saved, and what runs on it by itself. */
export class SwitchDevice implements Box {
  readonly maker: Maker;
  readonly host: SwitchHost;
  readonly changes: ChangeLog;
  running: CliConfig;
  startup: CliConfig;
  /** No room is left for what is to be saved. */
  flashIsFull = false;
  readonly #timers: RouterTimers;
  readonly #saved: () => void;
  readonly #told = new Set<(text: string) => void>();
  #reload: (Timer & { readonly warnings: readonly Timer[] }) | null = null;
  #revert: (Timer & { readonly to: CliConfig }) | null = null;

  constructor(options: {
    readonly maker: Maker;
    readonly host: SwitchHost;
    readonly timers: RouterTimers;
    readonly first: CliConfig;
    /** What it starts with is another now. */
    readonly saved: () => void;
  }) {
    this.maker = options.maker;
    this.host = options.host;
    this.changes = new ChangeLog(options.maker, options.host, () => this);
    this.#timers = options.timers;
    this.#saved = options.saved;
    this.running = CliConfig.copyOf(options.first);
    this.startup = CliConfig.copyOf(options.first);
  }

  get name(): string {
    return this.maker.nameIn(this.running) ?? this.host.name;
  }

  /** Hears what the device tells everybody who is signed in. */
  onTold(listener: (text: string) => void): () => void {
    this.#told.add(listener);
    return () => this.#told.delete(listener);
  }

  save(): boolean {
    if (this.flashIsFull) return false;
    this.startup = CliConfig.copyOf(this.running);
    this.#saved();
    return true;
  }

  isSaved(): boolean {
    return this.startup.asText() === this.running.asText();
  }

  reloadInS(): number | null {
    return this.#reload === null ? null : Math.max(0, this.#reload.atS - this.#nowS());
  }

  reloadIn(seconds: number): void {
    this.cancelReload();
    const { after } = this.#timers;
    const stop = after(seconds, () => this.reboot());
    const due = warnings.filter((before) => before <= seconds);
    this.#reload = {
      atS: this.#nowS() + seconds,
      stop,
      warnings: due.map((before) => ({ atS: 0, stop: after(seconds - before, () => this.#warn(before)) })),
    };
  }

  cancelReload(): boolean {
    const reload = this.#reload;
    this.#reload = null;
    reload?.stop();
    for (const warning of reload?.warnings ?? []) warning.stop();
    return reload !== null;
  }

  revertInS(): number | null {
    return this.#revert === null ? null : Math.max(0, this.#revert.atS - this.#nowS());
  }

  revertIn(seconds: number): void {
    const to = this.#revert?.to ?? CliConfig.copyOf(this.running);
    this.#revert?.stop();
    this.#revert = { to, atS: this.#nowS() + seconds, stop: this.#timers.after(seconds, () => this.revertNow()) };
  }

  confirmRevert(): boolean {
    const waits = this.#revert !== null;
    this.#revert?.stop();
    this.#revert = null;
    return waits;
  }

  revertNow(): boolean {
    const revert = this.#revert;
    if (revert === null) return false;
    this.confirmRevert();
    this.running = revert.to;
    this.host.changed();
    return true;
  }

  reboot(): void {
    this.switchedOff();
    this.host.reboot();
  }

  switchedOff(): void {
    this.cancelReload();
    this.confirmRevert();
    this.#told.clear();
  }

  /** It has started, with what it saved. */
  switchedOn(): void {
    this.running = CliConfig.copyOf(this.startup);
    this.changes.restarted();
    this.host.changed();
  }

  stop(): void {
    this.switchedOff();
  }

  #warn(before: number): void {
    const text = `***\n*** --- SHUTDOWN in 0:0${Math.floor(before / 60)}:00 ---\n***`;
    for (const tell of this.#told) tell(text);
  }

  #nowS(): number {
    return this.host.clockS();
  }
}
