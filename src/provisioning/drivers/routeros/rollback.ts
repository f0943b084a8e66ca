import { systemTimers, type Clock, type Timers } from '../../../domain/clock.ts';
import { ArungError } from '../../../domain/errors.ts';
import { isLoss } from '../device-errors.ts';
import type { DeviceRollback } from '../driver.ts';
import { notKept, otherRun } from '../endings.ts';
import type { ApiRow } from './api-client.ts';
import { readClock, startAt, wallTime } from './device-clock.ts';
import { isRollbackName, rollbackNames, runOf } from './rollback-names.ts';
import type { Transport } from './transport.ts';
import { canonical } from './values.ts';

/** What one run left on a device. */
interface Pieces {
  timer: ApiRow | null;
  atStart: ApiRow | null;
  file: ApiRow | null;
}

/** A clock that is further off jumps by so much when NTP finds it, and what waits for an hour comes late, or too soon. */
const mostOffMs = 120_000;
/** A list of files may be a moment behind what was written. */
const mostLooks = 8;
const lookEveryMs = 250;
/** A clock shows whole seconds: the timer is set one later, so that it never fires before it was said to. */
const clockStepMs = 1_000;
/**
 * What is to run at a start runs 3 s after the console's (help.mikrotik.com, "Scheduler"), be it written before that
 * start or after it. Who answers has a console; 3 s more, one for whole seconds and one to spare, and it is past.
 */
const startMs = 5_000;
/** One that is up for so long is surely past it; no wait then. */
const longUpMs = 120_000;

/**
 * The rollback on a router: a backup in its flash, and two timers that load it. One waits for a time of day of the
 * device's clock and tries again every minute; one waits for the next start, since a router that lost its power may
 * have lost the time with it. The backup is made first, so that loading it takes both timers away. No name and no timer
 * holds a secret; the backup itself does, and stays on the device.
 */
export class Rollback {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #timers: Pick<Timers, 'after'>;

  constructor(transport: Transport, clock: Clock, timers: Pick<Timers, 'after'> = systemTimers) {
    this.#transport = transport;
    this.#clock = clock;
    this.#timers = timers;
  }

  async list(): Promise<readonly DeviceRollback[]> {
    const askedAt = this.#clock.now();
    const [pieces, time] = await Promise.all([this.#pieces(), readClock(this.#transport)]);
    return [...pieces].map(([run, { timer, file }]): DeviceRollback => {
      const at =
        timer === null || file === null ? null : wallTime(timer['start-date'] ?? '', timer['start-time'] ?? '');
      return at === null
        ? { state: 'spent', run }
        : { state: 'armed', run, until: askedAt + at - time.wallMs - clockStepMs };
    });
  }

  /** The run whose rollback waits on the device; null when none does. */
  async armedRun(): Promise<string | null> {
    const pieces = await this.#pieces();
    return [...pieces].find(([, { timer, file }]) => timer !== null && file !== null)?.[0] ?? null;
  }

  /** `isNew`: the copy was made now; it is not one that waits from before. */
  async arm(run: string, withinS: number): Promise<{ readonly until: number; readonly isNew: boolean }> {
    await this.#refuseClockOff();
    await this.#pastStart();
    const pieces = await this.#pieces();
    for (const [other, { timer, file }] of pieces) {
      if (other === run) continue;
      if (timer !== null && file !== null) throw otherRun(this.#transport.name, other);
      await this.disarm(other);
    }
    const own = pieces.get(run);
    if (own?.timer && own.file && own.atStart) {
      return { ...(await this.#renewed(own.timer, withinS)), isNew: false };
    }
    await this.disarm(run);
    await this.#save(run);
    try {
      return { ...(await this.#setTimers(run, withinS)), isNew: true };
    } catch (error) {
      // Nothing was changed yet: what is half there may go.
      if (!isLoss(error)) await this.disarm(run);
      throw error;
    }
  }

  /** The device's clock may have moved: the timer is set by it anew, for the same moment. */
  async retime(run: string, until: number): Promise<void> {
    const timer = (await this.#pieces()).get(run)?.timer;
    if (timer) await this.#renewed(timer, Math.max(1, Math.ceil((until - this.#clock.now()) / 1_000)));
  }

  /**
   * Takes away what a run left, the timers first and both in one command: whoever is stopped in between leaves a device
   * that is confirmed, never one that goes back at its next start.
   */
  async disarm(run: string): Promise<void> {
    const { timer = null, atStart = null } = (await this.#pieces()).get(run) ?? {};
    const ids = [timer, atStart].flatMap((row) => row?.['.id'] ?? []);
    if (ids.length > 0)
      await this.#transport.run({ path: '/system/scheduler/remove', values: { '.id': ids.join(',') } });
    // Ids of files are places in a list: asked for again, just before.
    const file = (await this.#pieces()).get(run)?.file;
    if (file) await this.#transport.run({ path: '/file/remove', values: { '.id': file['.id'] ?? '' } });
  }

  /** Whether a run's backup is there; what it would be loaded from. */
  async file(run: string): Promise<string | null> {
    return (await this.#pieces()).get(run)?.file?.['name'] ?? null;
  }

  /** Loads the backup: the device starts anew, and the session is at an end. */
  async load(file: string, waitMs: number): Promise<void> {
    try {
      await this.#transport.run({ path: '/system/backup/load', values: { name: file, password: '' } }, waitMs);
    } catch (error) {
      // Who starts anew may take the answer along.
      if (!isLoss(error)) throw error;
    }
  }

  async #pieces(): Promise<Map<string, Pieces>> {
    const [timers, files] = await Promise.all([
      this.#transport.run({ path: '/system/scheduler/print' }),
      this.#transport.run({ path: '/file/print', values: { '.proplist': '.id,name,type,size' } }),
    ]);
    const found = new Map<string, Pieces>();
    const piecesOf = (run: string): Pieces => {
      const pieces = found.get(run) ?? { timer: null, atStart: null, file: null };
      found.set(run, pieces);
      return pieces;
    };
    for (const row of timers.rows) {
      const name = row['name'] ?? '';
      const run = isRollbackName(name) ? runOf(name) : null;
      if (run === null) continue;
      if (name === rollbackNames(run).atStart) piecesOf(run).atStart = row;
      else piecesOf(run).timer = row;
    }
    for (const row of files.rows) {
      const name = row['name'] ?? '';
      const run = name.endsWith('.backup') ? runOf(name) : null;
      if (run !== null) piecesOf(run).file = row;
    }
    return found;
  }

  /** A device with little flash keeps its root in memory, and what shall outlive a restart in the folder `flash`. */
  async #save(run: string): Promise<void> {
    const { rows } = await this.#transport.run({ path: '/file/print', values: { '.proplist': 'name,type' } });
    const hasFlash = rows.some(({ name, type }) => name === 'flash' && (type === 'disk' || type === 'directory'));
    const name = `${hasFlash ? 'flash/' : ''}${rollbackNames(run).file}`;
    await this.#transport.run({ path: '/system/backup/save', values: { name, 'dont-encrypt': 'yes' } });
    for (let looks = 1; looks <= mostLooks; looks += 1) {
      const saved = (await this.#pieces()).get(run)?.file;
      if (saved?.['name'] === name && saved['size'] !== '0') return;
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
    throw notKept(this.#transport.name);
  }

  async #setTimers(run: string, withinS: number): Promise<{ readonly until: number }> {
    const names = rollbackNames(run);
    const file = await this.file(run);
    const event = {
      'on-event': `/system/backup/load name="${file ?? ''}" password=""`,
      policy: 'ftp,reboot,read,write,policy,test,password,sensitive',
    };
    const askedAt = this.#clock.now();
    const { wallMs, isOldStyle } = await readClock(this.#transport);
    await this.#transport.run({
      path: '/system/scheduler/add',
      values: {
        name: names.timer,
        ...startAt(wallMs + withinS * 1_000 + clockStepMs, isOldStyle),
        interval: '1m',
        ...event,
      },
    });
    await this.#transport.run({
      path: '/system/scheduler/add',
      values: { name: names.atStart, 'start-time': 'startup', ...event },
    });
    return { until: askedAt + withinS * 1_000 };
  }

  async #renewed(timer: ApiRow, withinS: number): Promise<{ readonly until: number }> {
    const askedAt = this.#clock.now();
    const { wallMs, isOldStyle } = await readClock(this.#transport);
    await this.#transport.run({
      path: '/system/scheduler/set',
      values: { '.id': timer['.id'] ?? '', ...startAt(wallMs + withinS * 1_000 + clockStepMs, isOldStyle) },
    });
    return { until: askedAt + withinS * 1_000 };
  }

  /** One that has just started would take the timer of its next start for one of this start, and go back at once. */
  async #pastStart(): Promise<void> {
    const { rows } = await this.#transport.run({
      path: '/system/resource/print',
      values: { '.proplist': 'uptime' },
    });
    const upMs = Number(canonical('time', rows[0]?.['uptime'] ?? ''));
    if (!(upMs >= longUpMs)) await new Promise<void>((resolve) => this.#timers.after(startMs, resolve));
  }

  /** While NTP is on and has not found its server yet. */
  async #refuseClockOff(): Promise<void> {
    const { rows } = await this.#transport.run({ path: '/system/ntp/client/print' });
    const { enabled, status } = rows[0] ?? {};
    if ((enabled === 'true' || enabled === 'yes') && status !== 'synchronized') await this.mayMeetNtp('unavailable');
  }

  /**
   * NTP will set the clock: the timer would come late by as much as it goes back, and early by as much as it goes on. Throws
   * `rollback.clock-ahead` and `rollback.clock-behind` where that is too much.
   */
  async mayMeetNtp(kind: 'unavailable' | 'invalid'): Promise<void> {
    const nowMs = this.#clock.now();
    const { utcMs } = await readClock(this.#transport);
    const aheadMs = utcMs === null ? 0 : utcMs - nowMs;
    if (Math.abs(aheadMs) <= mostOffMs) return;
    const seconds = Math.round(Math.abs(aheadMs) / 1_000);
    const address = this.#transport.name;
    throw aheadMs > 0
      ? new ArungError(
          kind,
          `The clock of ${address} is ${seconds} s ahead and its NTP client has not set it yet: a rollback would come late. Set its clock, then try again.`,
          { code: 'rollback.clock-ahead', arguments: { address, seconds } },
        )
      : new ArungError(
          kind,
          `The clock of ${address} is ${seconds} s behind and its NTP client has not set it yet: a rollback would come too soon. Set its clock, then try again.`,
          { code: 'rollback.clock-behind', arguments: { address, seconds } },
        );
  }
}
