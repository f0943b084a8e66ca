import { between } from './hash.ts';
import { communityCurve, officeCurve } from './load-curve.ts';

/** Peak bits per second by kind of use; `steady` does not follow the day. */
export interface Demand {
  readonly office: number;
  readonly community: number;
  readonly steady: number;
}

export const noDemand: Demand = { office: 0, community: 0, steady: 0 };

export function addDemand(a: Demand, b: Demand): Demand {
  return { office: a.office + b.office, community: a.community + b.community, steady: a.steady + b.steady };
}

export function scaleDemand(demand: Demand, factor: number): Demand {
  return { office: demand.office * factor, community: demand.community * factor, steady: demand.steady * factor };
}

function same(a: Demand, b: Demand): boolean {
  return a.office === b.office && a.community === b.community && a.steady === b.steady;
}

/** One instant, with what all flows need of it computed once. */
export class Instant {
  readonly timeS: number;
  readonly office: number;
  readonly community: number;

  constructor(timeS: number) {
    this.timeS = timeS;
    this.office = officeCurve.integral(timeS);
    this.community = communityCurve.integral(timeS);
  }
}

/**
 * What runs over one link (or one port to a desk), both ways. Both ends read the same flow, so the octets that leave
 * one end are those that arrive at the other. Octets are integrals of the load, computed when they are asked for.
 */
export class Flow {
  /** Average packet sizes in octets; fixed, so that packet counters follow octet counters. */
  readonly packetForward: number;
  readonly packetBack: number;
  readonly #period: readonly [number, number];
  readonly #phase: readonly [number, number];
  readonly #wobble: number;
  #forward: Demand = noDemand;
  #back: Demand = noDemand;
  #octetsForward = 0;
  #octetsBack = 0;
  #since: Instant;
  #sinceNoise: number;
  #askedAt = -1;
  #askedForward = 0;
  #askedBack = 0;

  constructor(name: string, since: Instant) {
    this.packetForward = Math.round(between(`${name}/forward`, 420, 1050));
    this.packetBack = Math.round(between(`${name}/back`, 420, 1050));
    this.#period = [between(`${name}/p1`, 70, 190), between(`${name}/p2`, 420, 1300)];
    this.#phase = [between(`${name}/f1`, 0, 6.28), between(`${name}/f2`, 0, 6.28)];
    this.#wobble = between(`${name}/w`, 0.02, 0.06);
    this.#since = since;
    this.#sinceNoise = this.#noiseIntegral(since.timeS);
  }

  /** From now on this much runs; what ran until now is kept. */
  set(forward: Demand, back: Demand, now: Instant): void {
    if (same(forward, this.#forward) && same(back, this.#back)) return;
    this.#octetsForward = this.octetsForward(now);
    this.#octetsBack = this.octetsBack(now);
    this.#since = now;
    this.#sinceNoise = this.#noiseIntegral(now.timeS);
    this.#askedAt = -1;
    this.#forward = forward;
    this.#back = back;
  }

  /** Octets from the link's end `a` to its end `b`. */
  octetsForward(now: Instant): number {
    this.#ask(now);
    return this.#askedForward;
  }

  octetsBack(now: Instant): number {
    this.#ask(now);
    return this.#askedBack;
  }

  get peakForwardBps(): number {
    return this.#forward.office + this.#forward.community + this.#forward.steady;
  }

  get peakBackBps(): number {
    return this.#back.office + this.#back.community + this.#back.steady;
  }

  #ask(now: Instant): void {
    if (now.timeS === this.#askedAt) return;
    this.#askedAt = now.timeS;
    const office = now.office - this.#since.office;
    const community = now.community - this.#since.community;
    const seconds = now.timeS - this.#since.timeS;
    const noise = this.#noiseIntegral(now.timeS) - this.#sinceNoise;
    const total = (demand: Demand) =>
      (demand.office * office + demand.community * community + demand.steady * seconds) / 8 +
      ((demand.office * 0.15 + demand.community * 0.6 + demand.steady) * noise) / 8;
    this.#askedForward = Math.floor(this.#octetsForward + Math.max(0, total(this.#forward)));
    this.#askedBack = Math.floor(this.#octetsBack + Math.max(0, total(this.#back)));
  }

  /** Integral of two sine waves whose sum stays below the day's least load, so that no counter goes back. */
  #noiseIntegral(timeS: number): number {
    let sum = 0;
    for (let i = 0; i < 2; i++) {
      const omega = (2 * Math.PI) / (this.#period[i] ?? 60);
      sum -= ((this.#wobble / (i + 1)) * Math.cos(omega * timeS + (this.#phase[i] ?? 0))) / omega;
    }
    return sum;
  }
}
