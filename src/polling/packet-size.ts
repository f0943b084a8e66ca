/** Answers below this size pass every path that carries IP (RFC 3417: 484 bytes); their loss says nothing of size. */
const alwaysPassesBytes = 484;
const troublesBeforeHalving = 2;
const firstWaitMs = 10 * 60_000;
const longestWaitMs = 24 * 3_600_000;

/**
 * How much one request may ask of a device, learned: halved when it says tooBig or when large answers get lost while
 * small ones arrive (fragments dropped on the path), raised again by a quarter after a quiet time, which doubles
 * with every setback.
 */
export class PacketSize {
  readonly #most: { readonly varbinds: number; readonly bytes: number };
  #varbinds: number;
  #bytes: number;
  #troubles = 0;
  #waitMs = firstWaitMs;
  #changedAtMs = 0;
  #revision = 0;

  constructor(most: { readonly varbinds: number; readonly bytes: number }) {
    this.#most = most;
    this.#varbinds = most.varbinds;
    this.#bytes = most.bytes;
  }

  /** Variables in one request. */
  get varbinds(): number {
    return this.#varbinds;
  }

  /** Expected bytes of one answer. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Changes with every change of the limits: requests made under another revision are to be packed anew. */
  get revision(): number {
    return this.#revision;
  }

  /** The device said tooBig to so many variables. */
  tooBig(varbinds: number, nowMs: number): void {
    this.#set(Math.max(1, Math.floor(varbinds / 2)), this.#bytes, nowMs);
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs);
  }

  /**
   * A request of this expected answer was lost, though the device answered smaller ones before and after. `weight` says
   * how much that proves: 1 when every try was lost, less for one try on a path that loses anything now and then.
   */
  lost(sent: { readonly bytes: number; readonly varbinds: number; readonly weight: number }, nowMs: number): void {
    const { bytes, varbinds } = sent;
    if (bytes <= alwaysPassesBytes) return;
    this.#troubles += sent.weight;
    if (this.#troubles < troublesBeforeHalving) return;
    this.#troubles = 0;
    this.#set(Math.max(4, Math.ceil(varbinds / 2)), Math.max(alwaysPassesBytes, Math.floor(bytes / 2)), nowMs);
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs);
  }

  /** A request of this expected answer was answered. */
  answered(bytes: number, nowMs: number): void {
    if (bytes > alwaysPassesBytes) this.#troubles = 0;
    if (this.#varbinds >= this.#most.varbinds && this.#bytes >= this.#most.bytes) return;
    if (nowMs - this.#changedAtMs < this.#waitMs) return;
    this.#set(
      Math.min(this.#most.varbinds, this.#varbinds + Math.ceil(this.#varbinds / 4)),
      Math.min(this.#most.bytes, Math.ceil(this.#bytes * 1.25)),
      nowMs,
    );
  }

  #set(varbinds: number, bytes: number, nowMs: number): void {
    this.#changedAtMs = nowMs;
    if (varbinds === this.#varbinds && bytes === this.#bytes) return;
    this.#varbinds = varbinds;
    this.#bytes = bytes;
    this.#revision += 1;
  }
}
