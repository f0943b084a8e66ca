import { alertKey, type Alert, type Incident } from '../../domain/alert.ts';
import type { CancelTimer, Clock, Timers } from '../../domain/clock.ts';
import type { DeviceId, SiteId } from '../../domain/ids.ts';
import type { SharedRisk } from '../../domain/link.ts';
import type { PeopleBook } from '../../domain/people-book.ts';
import type { PointBatch } from '../../domain/point.ts';
import type { EntityKind, EntityState } from '../../domain/reachability.ts';
import type { StatusChange } from '../../domain/status-change.ts';
import type { Topology } from '../../domain/topology.ts';
import { onBattery } from '../incidents/grouping.ts';
import { Desk, type SentNotice } from './desk.ts';
import type { Failure } from './failures.ts';
import type { Random } from './random.ts';
import { VirtualAgent, type Weather } from './virtual-agent.ts';
import { VirtualTime } from './virtual-time.ts';
import type { Broken, World } from './world.ts';

/** The status board as the simulation uses it. */
export interface SimulatedBoard {
  start(): Promise<void>;
  stop(): Promise<void>;
  accept(batch: PointBatch): void;
  onChange(listener: (change: StatusChange) => void): () => void;
  idsNotUp(kind: EntityKind): readonly string[];
  stateOf(kind: EntityKind, id: string): EntityState | null;
  measuredOf(deviceId: string): EntityState | null;
}

export interface BoardParts {
  readonly topology: Topology;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly probeSoon: (ids: readonly DeviceId[]) => void;
}

export interface StageOptions {
  readonly world: World;
  /** What the inventory knows of the world. */
  readonly topology: Topology;
  readonly risks: readonly SharedRisk[];
  readonly people: PeopleBook;
  readonly weather: Weather;
  readonly random: Random;
  readonly makeBoard: (parts: BoardParts) => SimulatedBoard;
}

/** What came of one failure. Times in milliseconds since it began. */
export interface Course {
  /** Since the epoch: when it began. */
  readonly brokeAt: number;
  /** When the first thing was announced not to be up, and when all that it darkens was; null when never. */
  readonly firstDarkMs: number | null;
  readonly allDarkMs: number | null;
  /** Incidents as they were before the repair, and all that ever were. */
  readonly incidents: readonly Incident[];
  readonly everIncidents: readonly Incident[];
  readonly notices: readonly SentNotice[];
  /** Sites that the board and the incidents said to be dark before the repair. */
  readonly countedSites: ReadonlySet<string>;
  /** Sites announced dark that were not, at any time. */
  readonly falseDevices: readonly string[];
  /** Whether everything was up again, and every incident over, in the time given for it. */
  readonly recovered: boolean;
  readonly virtualS: number;
  readonly probes: number;
}

/** 24 November 2026, 10:00 WITA: a working day. */
const epoch = Date.UTC(2026, 10, 24, 2);
const warmMs = 8_000;
const intervalMs = 5_000;
/** After the last thing broke: certainty, the stillness of the evidence, and the longest wait for it. */
const watchMs = 45_000;
/** After the repair: back within seconds, over a minute later. */
const recoverMs = 150_000;
const flapRecoverMs = 1_200_000;
const toggleEveryMs = 30_000;
const hourMs = 3_600_000;
/** The loop of alerting runs so long after a change. */
const gatherMs = 200;

/** One failure from the quiet before to the quiet after, on a board, a book and a desk of its own. */
export class Stage {
  readonly #options: StageOptions;
  readonly #time = new VirtualTime(epoch);
  readonly #board: SimulatedBoard;
  readonly #agent: VirtualAgent;
  readonly #desk: Desk;
  readonly #ruleAlerts = new Map<string, Alert>();
  readonly #false = new Set<string>();
  #broken: Broken[] = [];
  #answers: Uint8Array;
  /** Everything that did not answer at some time in the last minute. */
  readonly #darkUntil: Float64Array;
  #firstDarkAt: number | null = null;
  #allDarkAt: number | null = null;
  #brokeAt = Number.POSITIVE_INFINITY;
  #cancelDesk: CancelTimer | null = null;
  #deskAt = Number.POSITIVE_INFINITY;

  constructor(options: StageOptions) {
    this.#options = options;
    const { world, topology, risks, people, weather, random, makeBoard } = options;
    this.#answers = world.answers([]);
    this.#darkUntil = new Float64Array(world.root).fill(Number.NEGATIVE_INFINITY);
    const time = this.#time;
    this.#board = makeBoard({ topology, clock: time, timers: time, probeSoon: (ids) => this.#agent.probeSoon(ids) });
    this.#agent = new VirtualAgent({ world, time, random, weather, accept: (batch) => this.#board.accept(batch) });
    this.#desk = new Desk({ states: this.#board, topology, risks, people, clock: time });
    this.#board.onChange((change) => {
      this.#desk.note(change);
      if (change.transitions.length > 0) this.#changed();
    });
  }

  async run(failure: Failure): Promise<Course> {
    await this.#board.start();
    this.#agent.start();
    this.#time.advance(warmMs + this.#options.random.next() * intervalMs);
    if (failure.kind === 'toggle') this.#toggle(failure);
    else if (failure.kind === 'idle') this.#idle();
    else this.#break(failure);
    const incidents = this.#desk.open.filter(({ state }) => state === 'open');
    const countedSites = new Set(this.#board.idsNotUp('site').filter((id) => this.#isDark('site', id)));
    const brokeAt = Number.isFinite(this.#brokeAt) ? this.#brokeAt : this.#time.now();
    this.#setBroken([]);
    this.#ruleAlerts.clear();
    this.#runDesk();
    const recovered = this.#recover(failure.kind === 'toggle' ? flapRecoverMs : recoverMs);
    await this.#board.stop();
    return {
      brokeAt,
      firstDarkMs: since(this.#firstDarkAt, brokeAt),
      allDarkMs: since(this.#allDarkAt, brokeAt),
      incidents,
      everIncidents: [...this.#desk.incidents.values()],
      notices: this.#desk.notices,
      countedSites,
      falseDevices: [...this.#false],
      recovered,
      virtualS: this.#time.monotonic() / 1000,
      probes: this.#agent.probes,
    };
  }

  #break({ breaks, batteries }: Failure): void {
    this.#brokeAt = this.#time.now();
    const steps = [
      ...breaks.map(({ afterMs, what }) => ({ afterMs, do: () => this.#setBroken([...this.#broken, what]) })),
      ...batteries.map(({ afterMs, siteId }) => ({ afterMs, do: () => this.#goOnBattery(siteId) })),
    ].sort((x, y) => x.afterMs - y.afterMs);
    let last = 0;
    for (const step of steps) {
      this.#time.advance(step.afterMs - last);
      last = step.afterMs;
      step.do();
    }
    this.#time.advance(watchMs);
  }

  #toggle({ breaks }: Failure): void {
    this.#brokeAt = this.#time.now();
    const all = breaks.map(({ what }) => what);
    for (let at = 0; at < hourMs; at += 2 * toggleEveryMs) {
      this.#setBroken(all);
      this.#time.advance(toggleEveryMs);
      this.#setBroken([]);
      this.#time.advance(toggleEveryMs);
    }
  }

  #idle(): void {
    this.#time.advance(hourMs);
  }

  #recover(mostMs: number): boolean {
    const isQuiet = (): boolean =>
      this.#board.idsNotUp('device').every((id) => !this.#isDark('device', id)) && this.#desk.open.length === 0;
    for (let waited = 0; waited < mostMs; waited += 5_000) {
      if (isQuiet()) return true;
      this.#time.advance(5_000);
    }
    return isQuiet();
  }

  #setBroken(broken: readonly Broken[]): void {
    this.#broken = [...broken];
    const { world } = this.#options;
    const now = this.#time.monotonic();
    const answers = world.answers(broken);
    for (let device = 0; device < world.root; device++) {
      if (this.#answers[device] !== 1 && answers[device] === 1) this.#darkUntil[device] = now;
    }
    this.#answers = answers;
    this.#allDarkAt = null;
    this.#agent.setBroken(broken);
  }

  #goOnBattery(siteId: SiteId): void {
    const name = this.#options.topology.sites.get(siteId)?.name ?? siteId;
    const subject = { kind: 'site', id: siteId, name } as const;
    const key = alertKey(onBattery, subject);
    const since = this.#time.now();
    // A site whose devices are dark by another failure tells nothing.
    const isHeard = this.#answers[this.#options.world.batteryOf(siteId) ?? -1] === 1;
    if (!isHeard) return;
    this.#ruleAlerts.set(key, { key, rule: onBattery, subject, severity: 'warning', since, cause: null });
    this.#runDesk();
  }

  #isDark(kind: EntityKind, id: string): boolean {
    const state = this.#board.stateOf(kind, id)?.state;
    return state === 'down' || state === 'unreachable';
  }

  #changed(): void {
    const { world } = this.#options;
    const now = this.#time.now();
    const dark = this.#board.idsNotUp('device').filter((id) => this.#isDark('device', id));
    if (dark.length > 0 || this.#board.idsNotUp('link').some((id) => this.#isDark('link', id))) {
      this.#firstDarkAt ??= this.#brokeAt <= now ? now : null;
    }
    for (const id of dark) {
      const index = world.deviceIndex.get(id as DeviceId) ?? -1;
      const isFalse = this.#answers[index] === 1 && this.#time.monotonic() - (this.#darkUntil[index] ?? 0) > hourMs;
      if (isFalse) this.#false.add(id);
    }
    if (this.#allDarkAt === null && this.#broken.length > 0) {
      const told = new Set(dark);
      const isAll = world.devices.every(
        ({ id, protocol }, index) => this.#answers[index] === 1 || protocol === 'none' || told.has(id),
      );
      if (isAll) this.#allDarkAt = now;
    }
    this.#scheduleDesk(gatherMs);
  }

  #scheduleDesk(ms: number): void {
    const at = this.#time.monotonic() + ms;
    if (at >= this.#deskAt) return;
    this.#cancelDesk?.();
    this.#deskAt = at;
    this.#cancelDesk = this.#time.after(ms, () => this.#runDesk());
  }

  #runDesk(): void {
    this.#cancelDesk?.();
    this.#cancelDesk = null;
    this.#deskAt = Number.POSITIVE_INFINITY;
    this.#desk.look([...this.#ruleAlerts.values()]);
    const { nextInMs } = this.#desk;
    if (Number.isFinite(nextInMs)) this.#scheduleDesk(Math.max(gatherMs, nextInMs));
  }
}

function since(at: number | null, from: number): number | null {
  return at === null ? null : at - from;
}
