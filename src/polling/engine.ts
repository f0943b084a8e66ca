import type { RemoteInfo } from 'node:dgram';
import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import type { DeviceId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { PollTarget } from '../domain/plan.ts';
import { PollingCounters } from './counters.ts';
import type { Answer, Exchange } from './exchange.ts';
import { Fifo } from './fifo.ts';
import { defaultPollingOptions, type PollingOptions } from './options.ts';
import { Peer } from './peer.ts';
import { RequestIds, RetiredIds } from './request-ids.ts';
import { ResponseReader } from './snmp/response.ts';
import { Ticker } from './ticker.ts';
import { TimerWheel } from './timer-wheel.ts';
import { UdpSockets } from './udp-sockets.ts';

/** What is due within one tick goes out together. */
const tickMs = 20;
/** Some minutes of ticks: a poll waits at its own from one to the next, and is not touched in between. */
const scheduleTicks = 8_192;
/** Longest sleep, in ticks. */
const mostIdleTicks = 50;
/** How long an answer that is too late is still recognised. */
const lingerMs = 5_000;
/** So much of the pace may be saved up in a quiet moment, for the next tick. */
const burstMs = 25;
/** Sends that a Report asks for: one after discovery, one for the time, one when the engine changed meanwhile. */
const mostResends = 3;

/**
 * Sends requests and matches answers, for all devices at once. It knows packets, ids, time and pace, and nothing of
 * what the values mean. Everything runs on one tick: what is due is sent at the pace that is allowed, and what was not
 * answered in time is tried again. Timeouts run on the ticker's time of listening.
 */
export class PollingEngine implements LongLived {
  readonly name = 'polling engine';
  readonly options: PollingOptions;
  readonly clock: Clock;
  readonly counters = new PollingCounters();
  /** Timers on the monotonic axis, for whoever schedules polls. */
  readonly schedule: TimerWheel;
  /** Called once per tick, after everything that was due. */
  onTick: () => void = () => undefined;

  readonly #logger: Logger;
  readonly #sockets: UdpSockets;
  readonly #timeouts: TimerWheel;
  readonly #pending = new Map<number, Exchange>();
  readonly #peers = new Map<DeviceId, Peer>();
  readonly #ids = new RequestIds();
  readonly #retired = new RetiredIds();
  readonly #reader = new ResponseReader();
  readonly #urgent = new Fifo<Exchange>();
  readonly #queue = new Fifo<Exchange>();
  #credit = 0;
  readonly #ticker: Ticker;
  readonly #sendFailed = (): void => {
    this.counters.sendErrors += 1;
  };

  constructor(options: { readonly clock: Clock; readonly logger: Logger; readonly options?: Partial<PollingOptions> }) {
    this.options = { ...defaultPollingOptions, ...options.options };
    this.clock = options.clock;
    this.#logger = options.logger;
    this.schedule = new TimerWheel({
      nowMs: this.clock.monotonic(),
      tickMs,
      slots: scheduleTicks,
      added: (dueMs) => this.#ticker.by(dueMs),
    });
    this.#timeouts = new TimerWheel({ nowMs: 0, tickMs });
    this.#sockets = new UdpSockets({
      perFamily: this.options.sockets,
      receive: (datagram, from) => this.receive(datagram, from),
      logger: this.#logger,
    });
    this.#ticker = new Ticker({
      clock: this.clock,
      tickMs,
      first: (nowMs, passedMs) => this.#tick(nowMs, passedMs),
      second: () => this.#afterSockets(),
      idleTicks: () => this.#idleTicks(),
    });
  }

  start(): Promise<void> {
    this.#ticker.start();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#ticker.stop();
    this.#sockets.close();
    this.#pending.clear();
    return Promise.resolve();
  }

  /**
   * The peer of a target: the same one as long as its address and credential are, so that polls and identification
   * share what is learned. Throws an ArungError when its address or credential cannot be polled with.
   */
  peer(target: PollTarget): Peer {
    const known = this.#peers.get(target.deviceId);
    if (known?.fits(target) === true) {
      known.name = target.name;
      return known;
    }
    const peer = new Peer(target, this.options, this.#sendFailed);
    this.#peers.set(target.deviceId, peer);
    return peer;
  }

  forget(deviceId: DeviceId): void {
    this.#peers.delete(deviceId);
  }

  /** Requests under way or waiting for their turn. */
  get backlog(): number {
    return this.#urgent.length + this.#queue.length;
  }

  /** Sends the request as soon as window and pace allow. One that is under way is begun anew. */
  begin(exchange: Exchange): void {
    this.cancel(exchange);
    this.#ticker.stir();
    exchange.resends = 0;
    if (exchange.urgent) {
      exchange.state = 'queued';
      this.#urgent.push(exchange);
    } else if (exchange.peer.inFlight >= exchange.peer.window) {
      exchange.state = 'waiting';
      exchange.peer.waiting.push(exchange);
    } else this.#enter(exchange);
    this.#pump();
  }

  /** Ends it without a word to its owner. */
  cancel(exchange: Exchange): void {
    if (exchange.state === 'idle') return;
    if (exchange.state === 'waiting') {
      const place = exchange.peer.waiting.indexOf(exchange);
      if (place >= 0) exchange.peer.waiting.splice(place, 1);
    }
    this.#retire(exchange, 'timed-out');
  }

  /** It was waited for long enough. Called by the exchange itself. */
  timedOut(exchange: Exchange): void {
    if (exchange.state === 'lingering') {
      this.#retire(exchange, 'timed-out');
      return;
    }
    this.counters.timeouts += 1;
    exchange.peer.timeouts += 1;
    exchange.peer.window = 1;
    if (exchange.sends < exchange.tries) {
      exchange.state = 'queued';
      (exchange.urgent ? this.#urgent : this.#queue).push(exchange);
      return;
    }
    this.counters.failures += 1;
    exchange.peer.form.unanswered();
    exchange.state = 'lingering';
    this.#leaveWindow(exchange);
    this.#timeouts.add(exchange, this.#ticker.listenedMs(this.clock.monotonic()) + lingerMs);
    exchange.failed();
  }

  /** A datagram came in. Public for tests that hand in what no socket would. */
  receive(datagram: Buffer, from: Pick<RemoteInfo, 'address' | 'port'>): void {
    const { counters } = this;
    const reader = this.#reader;
    this.#ticker.stir();
    counters.packetsReceived += 1;
    counters.bytesReceived += datagram.length;
    const result = reader.open(datagram);
    if (result !== 'ok') {
      counters.refused[result] += 1;
      return;
    }
    const exchange = this.#pending.get(reader.requestId);
    if (exchange === undefined) {
      const why = this.#retired.why(reader.requestId);
      if (why === 'answered') counters.duplicates += 1;
      else if (why === 'timed-out') counters.late += 1;
      else counters.unexpected += 1;
      return;
    }
    const { peer } = exchange;
    if (from.port !== peer.port || from.address !== peer.address) {
      counters.wrongSource += 1;
      peer.stranger = `${from.address}:${from.port}`;
      return;
    }
    const atMs = this.clock.monotonic();
    const id = reader.requestId;
    const verdict = peer.form.accept(datagram, reader, atMs);
    if (verdict !== 'ok' && verdict !== 'again' && verdict !== 'refusal') {
      counters.refused[verdict] += 1;
      return;
    }
    const rttMs = atMs - (exchange.sentAtMs(id) ?? atMs);
    if (verdict !== 'ok') {
      counters.reports += 1;
      this.#reported(exchange, verdict, { rttMs, atMs });
      return;
    }
    const answer: Answer = { buffer: reader.body, reader, rttMs, atMs };
    if (exchange.state === 'lingering') {
      counters.late += 1;
      this.#heard(peer, answer);
      this.#retire(exchange, 'answered');
      exchange.late?.(answer);
      return;
    }
    if (!exchange.decode(answer)) {
      counters.refused.varbinds += 1;
      return;
    }
    peer.limits.answered(exchange.request.expected.count, rttMs);
    this.#heard(peer, answer);
    this.#retire(exchange, 'answered');
    exchange.answered(answer);
    this.#pump();
  }

  /**
   * An SNMPv3 engine answered with a Report. When it told who it is or what time it has, the request goes out anew at
   * once, a few times; else it refuses us, which is a sign of life and no answer.
   */
  #reported(exchange: Exchange, verdict: 'again' | 'refusal', answer: { rttMs: number; atMs: number }): void {
    if (exchange.state === 'lingering') {
      this.counters.late += 1;
      this.#retire(exchange, 'answered');
      return;
    }
    if (verdict === 'again' && exchange.resends < mostResends) {
      exchange.resends += 1;
      this.#timeouts.remove(exchange);
      this.#releaseIds(exchange, 'answered');
      exchange.state = 'queued';
      (exchange.urgent ? this.#urgent : this.#queue).push(exchange);
    } else {
      this.#retire(exchange, 'answered');
      if (exchange.refused === undefined) exchange.failed();
      else exchange.refused(answer);
    }
    this.#pump();
  }

  #heard(peer: Peer, answer: Answer): void {
    peer.rtt.sample(answer.rttMs);
    peer.hasAnswered = true;
    const { maxWindow } = peer;
    if (peer.window < maxWindow) peer.window += 1;
    else if (peer.window > maxWindow) peer.window = maxWindow;
  }

  #enter(exchange: Exchange): void {
    exchange.peer.inFlight += 1;
    exchange.inWindow = true;
    exchange.state = 'queued';
    this.#queue.push(exchange);
  }

  /** Takes every trace of the exchange off; its place in the window goes to the next that waits. */
  #retire(exchange: Exchange, why: 'answered' | 'timed-out'): void {
    this.#timeouts.remove(exchange);
    this.#releaseIds(exchange, why);
    exchange.state = 'idle';
    this.#leaveWindow(exchange);
  }

  #releaseIds(exchange: Exchange, why: 'answered' | 'timed-out'): void {
    if (exchange.sends === 0) return;
    this.#release(exchange.id, why);
    for (const { id } of exchange.forgetSends()) this.#release(id, why);
  }

  #release(id: number, why: 'answered' | 'timed-out'): void {
    if (this.#pending.delete(id)) this.#retired.add(id, why);
  }

  #leaveWindow(exchange: Exchange): void {
    if (!exchange.inWindow) return;
    exchange.inWindow = false;
    const { peer } = exchange;
    peer.inFlight -= 1;
    while (peer.inFlight < peer.window) {
      const next = peer.waiting.shift();
      if (next === undefined) return;
      this.#enter(next);
    }
  }

  #tick(nowMs: number, passedMs: number): void {
    const { packetsPerMs } = this.options;
    this.#credit = Math.min(this.#credit + passedMs * packetsPerMs, Math.max(1, packetsPerMs * burstMs));
    this.schedule.advance(nowMs);
    this.#pump();
  }

  #afterSockets(): void {
    this.#timeouts.advance(this.#ticker.listenedMs(this.clock.monotonic()));
    this.#pump();
    this.onTick();
  }

  #idleTicks(): number {
    if (this.backlog > 0) return 1;
    return this.schedule.idleTicks(this.#timeouts.idleTicks(mostIdleTicks));
  }

  #pump(): void {
    while (this.#credit >= 1) {
      const exchange = this.#urgent.shift() ?? this.#queue.shift();
      if (exchange === undefined) return;
      if (exchange.state !== 'queued') continue;
      // The network carries a large request in pieces, and each has its price.
      this.#credit -= Math.max(1, exchange.request.bytes.length / this.options.maxBytes);
      this.#send(exchange);
    }
  }

  #send(exchange: Exchange): void {
    const { peer } = exchange;
    const id = this.#ids.next(this.#pending);
    const nowMs = this.clock.monotonic();
    const bytes = peer.form.prepare(exchange.request, id, nowMs);
    exchange.sent(id, nowMs);
    exchange.state = 'sent';
    this.#pending.set(id, exchange);
    this.counters.packetsSent += 1;
    this.counters.bytesSent += bytes.length;
    // Each further try waits twice as long (RFC 6298, section 5.5), within the bound.
    const waitMs = Math.min(peer.rtt.timeoutMs * 2 ** (exchange.sends - 1), this.options.maxTimeoutMs);
    this.#timeouts.add(exchange, this.#ticker.listenedMs(nowMs) + waitMs);
    // The kernel's complaints are heard of the probes, which go everywhere: a callback for each packet costs its own time.
    const left = this.#sockets.send(bytes, peer, exchange.urgent ? peer.onSent : undefined);
    // What is asked alike is asked with the same bytes: while these wait, the next are others.
    if (!left) exchange.request.bytes = Buffer.from(exchange.request.bytes);
  }
}
