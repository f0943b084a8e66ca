import type { Clock } from '../domain/clock.ts';
import type { AgentId, DeviceId } from '../domain/ids.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';
import type { Blindness, UplinkSign } from '../domain/own-uplink.ts';
import { Vital, type Evidence } from './evidence.ts';

/** The embedded Agent, and who looks at the way of its machine to the network. */
export interface OwnAgent {
  readonly agentId: AgentId;
  /** Looks at the way to these devices, and calls back once, now or within seconds. */
  lookAtUplink(devices: readonly DeviceId[], done: (sign: UplinkSign) => void): void;
}

/** Monotonic milliseconds since when nothing was seen, how many devices that hides, and what the machine shows of it. */
export interface Blind {
  readonly since: number;
  readonly devices: ReadonlySet<number>;
  readonly sign: UplinkSign;
}

/**
 * `sees`: states are decided as ever. `undecided`: it may be that we see nothing any more; nothing is announced yet.
 * `blind`: what our own Agent watches is unknown. `returned`: we were blind; what is silent must be asked anew.
 */
export type Seeing = 'sees' | 'undecided' | 'blind' | 'returned';

export interface SightOptions {
  readonly own: OwnAgent;
  /** What the machine shows came in. */
  readonly changed: () => void;
  readonly ask: (devices: readonly number[]) => void;
}

/** Fewer devices than this that answer no more say nothing of our own way. */
const leastDevices = 3;
/** An answer so long after a miss was not on its way already. */
const inFlightMs = 500;
/** So long nothing is announced while it is found out whether anything answers, and what the machine shows. */
const longestHoldMs = 8_000;
const lookAgainMs = 5_000;
const askAgainMs = 1_000;

/**
 * Whether our own Agent sees anything. Where every device that it is plugged into fell silent, and none of all it watches
 * answered since, from here a dead core router and a cut of our own uplink look the same. Then the machine decides: shows
 * it that its own way is fine, the network failed, and is told so; else nothing is known, and nothing is called down.
 */
export class Sight {
  readonly #options: SightOptions;
  #blind: Blind | null = null;
  /** Of the silence that lasts: since when it is looked at, and what the machine showed last. */
  #silence: { readonly from: number; sign: UplinkSign | null; lookedAt: number; askedAt: number } | null = null;

  constructor(options: SightOptions) {
    this.#options = options;
  }

  get blind(): Blind | null {
    return this.#blind;
  }

  /** The same for others, by the clock of people. */
  blindness(clock: Clock): Blindness | null {
    if (this.#blind === null) return null;
    const { since, devices, sign } = this.#blind;
    const passed = clock.monotonic() - since;
    const { agentId } = this.#options.own;
    return { agentId, since: Math.round(clock.now() - passed), devices: devices.size, sign };
  }

  look(graph: NetworkGraph, evidence: Evidence): Seeing {
    const found = this.#unseen(graph, evidence);
    if (found === null) {
      this.#silence = null;
      return this.#end();
    }
    const { now } = evidence;
    this.#silence ??= {
      from: now,
      sign: null,
      lookedAt: Number.NEGATIVE_INFINITY,
      askedAt: Number.NEGATIVE_INFINITY,
    };
    const silence = this.#silence;
    if (found.waiting.length > 0) {
      if (now - silence.askedAt >= askAgainMs) {
        silence.askedAt = now;
        this.#options.ask(found.waiting);
      }
      return this.#held(silence.from, now);
    }
    if (now - silence.lookedAt >= lookAgainMs) {
      silence.lookedAt = now;
      const ids = found.entries.flatMap((n) => graph.devices[n]?.id ?? []);
      this.#options.own.lookAtUplink(ids, (sign) => {
        if (this.#silence !== silence) return;
        silence.sign = sign;
        this.#options.changed();
      });
    }
    if (silence.sign === null) return this.#held(silence.from, now);
    if (
      silence.sign.kind === 'works' ||
      (silence.sign.kind === 'unclear' && this.#othersAnswer(graph, evidence, found.since))
    )
      return this.#end();
    this.#blind = { since: this.#blind?.since ?? found.since, devices: found.own, sign: silence.sign };
    return 'blind';
  }

  #held(from: number, now: number): Seeing {
    if (this.#blind !== null) return 'blind';
    return now - from < longestHoldMs ? 'undecided' : 'sees';
  }

  #end(): Seeing {
    if (this.#blind === null) return 'sees';
    this.#blind = null;
    return 'returned';
  }

  /** Null when something answers, or too little is there to say so. `waiting`: those whose word is still awaited. */
  #unseen(
    graph: NetworkGraph,
    { vital, firstMissAt, lastAnswerAt }: Evidence,
  ): {
    readonly entries: readonly number[];
    readonly own: ReadonlySet<number>;
    readonly waiting: readonly number[];
    readonly since: number;
  } | null {
    const entries = entriesOf(graph, this.#options.own.agentId).filter((n) => vital[n] !== Vital.unheard);
    const missing = entries.filter((n) => vital[n] === Vital.silent || vital[n] === Vital.suspect);
    if (!entries.some((n) => vital[n] === Vital.silent)) return null;
    const missed = missing.map((n) => firstMissAt[n] ?? Number.NaN);
    const latest = Math.max(...missed);
    const own = new Set<number>();
    for (let n = 0; n < graph.root; n++) {
      if (!isAsked(graph, n, this.#options.own.agentId) || vital[n] === Vital.unheard) continue;
      own.add(n);
      if ((lastAnswerAt[n] ?? Number.NaN) > latest + inFlightMs) return null;
    }
    if (own.size < leastDevices) return null;
    const waiting = entries.filter((n) => vital[n] !== Vital.silent);
    return { entries, own, waiting, since: Math.min(...missed) };
  }

  /** What Agents elsewhere watch still comes in: our machine has its network. */
  #othersAnswer(graph: NetworkGraph, { vital, lastAnswerAt }: Evidence, since: number): boolean {
    return graph.devices.some(
      ({ agentId }, n) =>
        agentId !== this.#options.own.agentId &&
        vital[n] === Vital.alive &&
        (lastAnswerAt[n] ?? Number.NaN) > since + inFlightMs,
    );
  }
}

function isAsked({ devices }: NetworkGraph, n: number, agentId: AgentId): boolean {
  const device = devices[n];
  return device !== undefined && device.agentId === agentId && device.protocol !== 'none';
}

/** The devices next to the Agent. */
function entriesOf(graph: NetworkGraph, agentId: AgentId): number[] {
  return graph.neighbours(graph.root).filter((n) => isAsked(graph, n, agentId));
}
