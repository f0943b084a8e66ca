import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import type { AgentId, DeviceId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { TargetSource } from '../domain/plan.ts';
import type { PointBus } from '../domain/point.ts';
import type { Counters } from './counters.ts';
import { ListeningTime } from './listening-time.ts';
import type { MqttLink, MqttMessage } from './mqtt-link.ts';
import { PolledTerminal, terminalTiming, type Operation, type TerminalTiming } from './polled-terminal.ts';
import { Rereading } from './rereading.ts';
import { RowCollector } from './rows.ts';
import { figuresOf, plainText, readResponse, readStatus, type TerminalStatus } from './terminal-messages.ts';
import { allTerminals, isTopicName, readTopic, terminalTopic } from './topics.ts';

/** What a terminal says of itself, cleaned. */
export interface TerminalFacts {
  readonly deviceId: DeviceId;
  readonly serial: string;
  readonly model: string;
  readonly firmware: string;
}

export interface TerminalPollerOptions {
  readonly targets: TargetSource;
  readonly agentId: AgentId;
  readonly link: MqttLink;
  readonly bus: PointBus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  /** Called when a terminal's model or firmware is new. */
  readonly onFacts: (facts: TerminalFacts) => void;
  readonly timing?: Partial<TerminalTiming>;
  /** After the channel came up terminals need time to connect again: until then silence is no miss. */
  readonly graceMs?: number;
}

const tickMs = 50;
/** Of a tick that comes late no more counts: see `ListeningTime`. */
const longestTickMs = 75;
/** Multiples of it fill the interval evenly, and neighbours in the list (one district, behind one link) stand far apart. */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/**
 * Asks attendance terminals over MQTT for signs of life and for their status, and listens to what they say unasked.
 * While the channel is down it publishes nothing: the terminals are unknown then, not down.
 */
export class TerminalPoller implements LongLived {
  readonly name = 'terminal poller';
  readonly #options: TerminalPollerOptions;
  readonly #timing: TerminalTiming;
  readonly #graceMs: number;
  readonly #time: ListeningTime;
  readonly #reading = new Rereading(() => this.#reconcile());
  readonly #probes: RowCollector;
  readonly #statuses: RowCollector;
  readonly #minutes: RowCollector;
  #bySerial = new Map<string, PolledTerminal>();
  #byDevice = new Map<DeviceId, PolledTerminal>();
  #channelUpSince: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #requestId = 0;
  readonly #requestPrefix = randomBytes(6).toString('base64url');
  #channelListeners: readonly ((up: boolean) => void)[] = [];
  #stops: (() => void)[] = [];

  constructor(options: TerminalPollerOptions) {
    this.#options = options;
    this.#timing = { ...terminalTiming, ...options.timing };
    this.#graceMs = options.graceMs ?? 30_000;
    this.#time = new ListeningTime({ clock: options.clock, longestTickMs });
    const rows = (measurement: 'probe' | 'terminal' | 'reachability'): RowCollector =>
      new RowCollector(options.bus, options.agentId, measurement);
    this.#probes = rows('probe');
    this.#statuses = rows('terminal');
    this.#minutes = rows('reachability');
  }

  async start(): Promise<void> {
    const { link, targets } = this.#options;
    await this.#reading.again();
    this.#stops = [
      targets.onChange(() => void this.#reading.again()),
      link.subscribe(allTerminals('status'), (message) => this.#receive(message)),
      link.subscribe(allTerminals('response'), (message) => this.#receive(message)),
      link.onConnection((up) => this.#channel(up)),
    ];
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const rows of [this.#probes, this.#statuses, this.#minutes]) rows.flush();
    await this.#reading.ended();
  }

  /** Asks these now, out of turn; those that are not terminals of ours are left out. */
  probeSoon(deviceIds: Iterable<DeviceId>): void {
    const nowMs = this.#time.now();
    for (const id of deviceIds) this.#byDevice.get(id)?.chase(nowMs);
  }

  /** Calls back when the way to the terminals as a whole goes up or down, and once at once. */
  onChannel(changed: (up: boolean) => void): () => void {
    this.#channelListeners = [...this.#channelListeners, changed];
    changed(this.#channelUpSince !== null);
    return () => {
      this.#channelListeners = this.#channelListeners.filter((other) => other !== changed);
    };
  }

  /** Devices that this poller reads; when the channel is down these are unknown. */
  deviceIds(): readonly DeviceId[] {
    return [...this.#byDevice.keys()];
  }

  statistics(): { readonly terminals: number; readonly heard: number; readonly channelUp: boolean } {
    let heard = 0;
    for (const terminal of this.#bySerial.values()) if (terminal.heard) heard++;
    return { terminals: this.#bySerial.size, heard, channelUp: this.#channelUpSince !== null };
  }

  /** Makes the list what the inventory says; terminals that stay keep what is known of them. */
  async #reconcile(): Promise<void> {
    const { targets, agentId, logger } = this.#options;
    try {
      const wanted = await targets.targets(agentId, 'mqtt');
      const bySerial = new Map<string, PolledTerminal>();
      const byDevice = new Map<DeviceId, PolledTerminal>();
      const terminals = wanted.filter(({ serial }) => isTopicName(serial));
      for (const [index, target] of terminals.entries()) {
        const known = this.#bySerial.get(target.serial);
        const terminal =
          known?.deviceId === target.deviceId
            ? known
            : new PolledTerminal({
                deviceId: target.deviceId,
                serial: target.serial,
                timing: this.#timing,
                phase: (index * goldenRatio) % 1,
                nowMs: this.#time.now(),
              });
        if (bySerial.has(target.serial)) {
          logger.error(
            { device: target.name },
            'two devices have the same serial number: the terminal is read as the first',
          );
          continue;
        }
        bySerial.set(target.serial, terminal);
        byDevice.set(target.deviceId, terminal);
      }
      this.#bySerial = bySerial;
      this.#byDevice = byDevice;
    } catch (error) {
      logger.error({ err: error }, 'the list of terminals could not be read; the last one stays');
    }
  }

  #channel(up: boolean): void {
    if (up === (this.#channelUpSince !== null)) return;
    this.#channelUpSince = up ? this.#time.now() : null;
    for (const terminal of this.#bySerial.values()) terminal.forget();
    for (const listener of this.#channelListeners) listener(up);
  }

  #tick(): void {
    const nowMs = this.#time.tick();
    const { clock } = this.#options;
    if (this.#channelUpSince === null) return;
    const timeS = Math.floor(clock.now() / 1000);
    const steadyMs = clock.monotonic();
    const waiting = nowMs - this.#channelUpSince < this.#graceMs;
    for (const terminal of this.#bySerial.values()) {
      const misses = terminal.misses(nowMs);
      if (misses > 0 && (terminal.heard || !waiting)) {
        this.#options.counters.count('terminal_requests', 'missed', misses);
        for (let miss = 0; miss < misses; miss++) this.#probes.add(terminal.probeSeries, timeS, [0]);
      }
      const operation = terminal.due(nowMs);
      if (operation !== null) this.#ask(terminal, operation, nowMs);
      const minute = terminal.summary(steadyMs);
      if (minute !== null) {
        this.#minutes.add(terminal.minuteSeries, timeS, [minute.lossPercent, minute.rttMs, minute.rttMaxMs]);
      }
    }
    this.#probes.flush();
  }

  #ask(terminal: PolledTerminal, operation: Operation, nowMs: number): void {
    // Not to be guessed, so that one terminal cannot answer before it was asked.
    const id = `${this.#requestPrefix}-${(++this.#requestId).toString(36)}`;
    terminal.asked(id, nowMs);
    // QoS 0: a request that is late is worthless, the next one is on its way.
    this.#options.link.publish(terminalTopic(terminal.serial, 'request'), JSON.stringify({ id, op: operation }));
  }

  #receive(message: MqttMessage): void {
    const { clock, counters } = this.#options;
    const topic = readTopic(message.topic);
    const terminal = topic === null ? undefined : this.#bySerial.get(topic.name);
    if (topic === null || terminal === undefined) {
      counters.count('terminal_messages', 'unknown-terminal');
      return;
    }
    if (this.#channelUpSince === null) return;
    const nowMs = this.#time.now();
    const receivedMs = clock.now();
    if (topic.leaf === 'response') {
      const reading = readResponse(message.payload, terminal.serial);
      if (!reading.ok) return counters.count('terminal_messages', reading.reason);
      const { id, ...status } = reading.message;
      const rttMs = terminal.answered(id, nowMs);
      // An id that is unknown may be of before a restart: it is a sign of life, but says nothing of the way.
      counters.count('terminal_messages', rttMs === null ? 'unasked-response' : 'response');
      this.#alive(terminal, receivedMs, rttMs ?? NaN, status);
      return;
    }
    const reading = readStatus(message.payload, terminal.serial);
    if (!reading.ok) return counters.count('terminal_messages', reading.reason);
    if (reading.message.online === false) {
      counters.count('terminal_messages', 'last-will');
      // Its connection broke, which is no proof that it is down: it is asked at once.
      if (!message.retained) terminal.disconnected(nowMs);
      return;
    }
    if (message.retained) {
      // What the broker kept from before proves no life; what it says of the device holds.
      counters.count('terminal_messages', 'retained');
      this.#facts(terminal, reading.message);
      return;
    }
    counters.count('terminal_messages', 'status');
    this.#alive(terminal, receivedMs, NaN, reading.message);
  }

  #alive(terminal: PolledTerminal, receivedMs: number, rttMs: number, status: TerminalStatus): void {
    terminal.alive();
    const timeS = Math.floor(receivedMs / 1000);
    const wayMs = Number.isNaN(rttMs) ? terminal.roundTrip.smoothedMs : rttMs;
    const figures = figuresOf(status, receivedMs, Number.isNaN(wayMs) ? 0 : wayMs);
    this.#probes.add(terminal.probeSeries, timeS, [1, rttMs, figures.uptimeS]);
    // A ping says nothing beyond that it lives.
    if (status.time !== undefined || status.users !== undefined || status.records !== undefined) {
      this.#statuses.add(terminal.statusSeries, timeS, [
        figures.users,
        figures.records,
        figures.capacityRecords,
        figures.clockDriftS,
        figures.lastPunchAgeS,
        figures.uptimeS,
      ]);
    }
    this.#facts(terminal, status);
  }

  #facts(terminal: PolledTerminal, status: TerminalStatus): void {
    if (status.model === undefined && status.firmware === undefined) return;
    const model = plainText(status.model ?? '');
    const firmware = plainText(status.firmware ?? '');
    const facts = JSON.stringify([model, firmware]);
    if (terminal.facts === facts) return;
    terminal.facts = facts;
    this.#options.onFacts({ deviceId: terminal.deviceId, serial: terminal.serial, model, firmware });
  }
}
