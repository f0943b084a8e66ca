import type { CfbCipher } from './cfb-cipher.ts';
import type { KeyedDigest } from './keyed-digest.ts';

/** Seconds by which a message may be older or newer than the engine's time (RFC 3414, section 2.2.3). */
const windowS = 150;
/** From here on an engine believes nobody until it is given new keys (RFC 3414, section 2.2.3). */
const lastBoots = 0x7fffffff;

/**
 * An authoritative SNMP engine as we know it (RFC 3414, section 2.2): its identity, the keys that are localised to it,
 * how often it started, and its time. Times of ours in milliseconds on the monotonic axis.
 */
export class RemoteEngine {
  /** snmpEngineID (RFC 3411): 5 to 32 octets. */
  readonly id: Buffer;
  /** Makes digests with the key that is localised to it; null where messages bear none. */
  readonly digest: KeyedDigest | null;
  /** With the key that is localised to it (RFC 3826); null where messages are in clear. */
  readonly cipher: CfbCipher | null;
  boots = 0;
  /** Whether boots and time came in a message whose digest was right. */
  authentic = false;
  #timeS = 0;
  #atMs = 0;
  /** The newest time that a believed message carried (latestReceivedEngineTime). */
  #latestS = 0;

  constructor(id: Buffer, keys: { readonly digest: KeyedDigest | null; readonly cipher: CfbCipher | null }) {
    this.id = id;
    this.digest = keys.digest;
    this.cipher = keys.cipher;
  }

  /** Its snmpEngineTime now, in whole seconds. */
  timeAt(nowMs: number): number {
    return Math.min(lastBoots, this.#timeS + Math.max(0, Math.floor((nowMs - this.#atMs) / 1000)));
  }

  /** What an unauthenticated message says: good enough to ask with, until an authentic one says otherwise. */
  suppose(boots: number, timeS: number, nowMs: number): void {
    this.#set(boots, timeS, nowMs);
    this.authentic = false;
  }

  /**
   * It said itself, authentically and in answer to a message that we just sent, what its boots and time are. Fewer boots
   * than before are believed here: devices that keep no count begin anew at each start, and the answer to a random
   * message id is no replay.
   */
  synchronise(boots: number, timeS: number, nowMs: number): void {
    this.#set(boots, timeS, nowMs);
    this.authentic = true;
  }

  /** RFC 3414, section 3.2, step 7b: whether an authentic message is of now; one that is newer moves our notion of its time. */
  believes(boots: number, timeS: number, nowMs: number): boolean {
    if (!this.authentic) {
      this.synchronise(boots, timeS, nowMs);
      return boots < lastBoots;
    }
    if (boots > this.boots || (boots === this.boots && timeS > this.#latestS)) this.#set(boots, timeS, nowMs);
    if (this.boots >= lastBoots || boots < this.boots) return false;
    return timeS >= this.timeAt(nowMs) - windowS;
  }

  #set(boots: number, timeS: number, nowMs: number): void {
    this.boots = boots;
    this.#timeS = timeS;
    this.#latestS = timeS;
    this.#atMs = nowMs;
  }
}
