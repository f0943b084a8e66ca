import { Shared } from './shared.ts';

/** Answers below this size pass every path that carries IP (RFC 3417: 484 bytes); their loss says nothing of size. */
const alwaysPassesBytes = 484;
const troublesBeforeHalving = 2;
const largeTroublesBeforeUsual = 2;
const firstWaitMs = 10 * 60_000;
const longestWaitMs = 24 * 3_600_000;

/** How much one request asks for: variables, and the bytes that its answer is expected to take. */
export interface PacketLimits {
  readonly varbinds: number;
  readonly bytes: number;
}

const shared = new Shared<PacketLimits>();

/** One object for all that have the same limits. */
export function packetLimits(varbinds: number, bytes: number): PacketLimits {
  return shared.get(`${varbinds} ${bytes}`, () => ({ varbinds, bytes }));
}

/** What was learned, so that a later run need not try again what failed. */
export interface LearnedSize extends PacketLimits {
  /** How long after the last setback before something larger is tried, and how long ago that was. */
  readonly waitMs: number;
  readonly ageMs: number;
}

/**
 * How much one request may ask of a device, learned.
 *
 * It begins at what the usual path carries unfragmented. Below that it is halved when the device says tooBig or when
 * large answers get lost while small ones arrive, and raised again by a quarter after a quiet time. Above, it doubles
 * when a request of twice the size was answered whole (`trial`), and falls back to the usual when the device or a path
 * that drops fragments no longer bears it. The time until the next attempt doubles with every setback.
 */
export class PacketSize {
  readonly #usual: PacketLimits;
  readonly #largest: PacketLimits;
  #limits: PacketLimits;
  #troubles = 0;
  #largeTroubles = 0;
  #waitMs = firstWaitMs;
  #changedAtMs = Number.NEGATIVE_INFINITY;
  #revision = 0;

  /** `largest`: how far it may grow where the device takes it; not at all when left out. */
  constructor(usual: PacketLimits, largest: PacketLimits = usual) {
    this.#usual = packetLimits(usual.varbinds, usual.bytes);
    this.#largest = packetLimits(largest.varbinds, largest.bytes);
    this.#limits = this.#usual;
  }

  /** Variables in one request. */
  get varbinds(): number {
    return this.#limits.varbinds;
  }

  /** Expected bytes of one answer. */
  get bytes(): number {
    return this.#limits.bytes;
  }

  /** What of it fits into one unfragmented packet: for what should not depend on fragments, and to fall back on. */
  get small(): PacketLimits {
    const { varbinds, bytes } = this.#limits;
    return { varbinds: Math.min(varbinds, this.#usual.varbinds), bytes: Math.min(bytes, this.#usual.bytes) };
  }

  /** Changes with every change of the limits: requests made under another revision are to be packed anew. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether a request is beyond the usual: it may get lost for its size alone. */
  isLarge({ varbinds, bytes }: PacketLimits): boolean {
    return varbinds > this.#usual.varbinds || bytes > this.#usual.bytes;
  }

  /** Null while it is what it began with. */
  learned(nowMs: number): LearnedSize | null {
    const { varbinds, bytes } = this.#limits;
    const asUsual = varbinds === this.#usual.varbinds && bytes === this.#usual.bytes;
    if (asUsual && this.#waitMs === firstWaitMs) return null;
    return { varbinds, bytes, waitMs: this.#waitMs, ageMs: Math.min(nowMs - this.#changedAtMs, longestWaitMs) };
  }

  /** Goes on where an earlier run ended; never beyond what this one may grow to. */
  resume({ varbinds, bytes, waitMs, ageMs }: LearnedSize, nowMs: number): void {
    this.#waitMs = Math.min(Math.max(waitMs, firstWaitMs), longestWaitMs);
    this.#set(
      { varbinds: Math.min(varbinds, this.#largest.varbinds), bytes: Math.min(bytes, this.#largest.bytes) },
      nowMs - ageMs,
    );
  }

  /** Twice as much, to be tried with one request; null when it has grown enough or when it is too soon. */
  trial(nowMs: number): PacketLimits | null {
    const { varbinds, bytes } = this.#limits;
    if (varbinds < this.#usual.varbinds || bytes < this.#usual.bytes) return null;
    if (varbinds >= this.#largest.varbinds && bytes >= this.#largest.bytes) return null;
    if (nowMs - this.#changedAtMs < this.#waitMs) return null;
    return {
      varbinds: Math.min(varbinds * 2, this.#largest.varbinds),
      bytes: Math.min(bytes * 2, this.#largest.bytes),
    };
  }

  /** A request of this size, made under the limits of a `trial`, was answered whole: they hold from now on. */
  grow(tried: PacketLimits, answered: PacketLimits): void {
    if (!this.#isTrial(answered)) return;
    this.#largeTroubles = 0;
    this.#become(tried);
  }

  /** The device said tooBig to so many variables, or answered only a part of a large request. */
  tooBig(asked: PacketLimits, nowMs: number): void {
    if (this.isLarge(asked)) {
      // What a device has no room for today it has no room for tomorrow.
      this.#waitMs = longestWaitMs;
      this.#set(this.#isTrial(asked) ? this.#limits : this.small, nowMs);
      return;
    }
    this.#set({ varbinds: Math.max(1, Math.floor(asked.varbinds / 2)), bytes: this.small.bytes }, nowMs);
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs);
  }

  /**
   * A request of this expected answer was lost, though the device answered smaller ones before and after. `weight` says
   * how much that proves: 1 when every try was lost, less for one try on a path that loses anything now and then.
   */
  lost(sent: PacketLimits & { readonly weight: number }, nowMs: number): void {
    if (sent.bytes <= alwaysPassesBytes) return;
    if (this.isLarge(sent)) {
      this.#lostLarge(sent, nowMs);
      return;
    }
    this.#troubles += sent.weight;
    if (this.#troubles < troublesBeforeHalving) return;
    this.#troubles = 0;
    const varbinds = Math.max(4, Math.ceil(sent.varbinds / 2));
    this.#set({ varbinds, bytes: Math.max(alwaysPassesBytes, Math.floor(sent.bytes / 2)) }, nowMs);
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs);
  }

  /** A request of this expected answer was answered. */
  answered(sent: PacketLimits, nowMs: number): void {
    if (sent.bytes > alwaysPassesBytes) this.#troubles = 0;
    if (this.isLarge(sent)) this.#largeTroubles = 0;
    const { varbinds, bytes } = this.#limits;
    if (varbinds >= this.#usual.varbinds && bytes >= this.#usual.bytes) return;
    if (nowMs - this.#changedAtMs < this.#waitMs) return;
    this.#set(
      {
        varbinds: Math.min(this.#usual.varbinds, varbinds + Math.ceil(varbinds / 4)),
        bytes: Math.min(this.#usual.bytes, Math.ceil(bytes * 1.25)),
      },
      nowMs,
    );
  }

  #isTrial({ varbinds, bytes }: PacketLimits): boolean {
    return varbinds > this.#limits.varbinds || bytes > this.#limits.bytes;
  }

  /** An attempt that failed is not repeated soon; what has been answered so far may be lost once. */
  #lostLarge(sent: PacketLimits, nowMs: number): void {
    this.#largeTroubles += 1;
    const wasTrial = this.#isTrial(sent);
    if (!wasTrial && this.#largeTroubles < largeTroublesBeforeUsual) return;
    this.#largeTroubles = 0;
    this.#set(wasTrial ? this.#limits : this.small, nowMs);
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs);
  }

  #set(limits: PacketLimits, nowMs: number): void {
    this.#changedAtMs = nowMs;
    this.#become(limits);
  }

  #become(limits: PacketLimits): void {
    if (limits.varbinds === this.#limits.varbinds && limits.bytes === this.#limits.bytes) return;
    this.#limits = packetLimits(limits.varbinds, limits.bytes);
    this.#revision += 1;
  }
}
