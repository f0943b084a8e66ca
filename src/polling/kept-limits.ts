import type { Logger } from 'pino';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { Clock } from '../domain/clock.ts';
import type { DeviceId } from '../domain/ids.ts';
import { KeptFile } from './kept-file.ts';
import type { Peer } from './peer.ts';

/** What a device was found not to bear is found out again after so long: it may run other firmware by then. */
const repetitionsKeptMs = 7 * 24 * 3_600_000;

const Milliseconds = Type.Number({ minimum: 0 });
const Kept = Type.Object({
  /** Address and port: another device may have the same entry of the inventory, and other limits. */
  place: Type.String(),
  /** Wall time. */
  at: Type.Number(),
  size: Type.Union([
    Type.Null(),
    Type.Object({
      varbinds: Type.Integer({ minimum: 1 }),
      bytes: Type.Integer({ minimum: 1 }),
      waitMs: Milliseconds,
      ageMs: Milliseconds,
    }),
  ]),
  repetitions: Type.Union([Type.Null(), Type.Object({ most: Type.Integer({ minimum: 0 }), since: Type.Number() })]),
  pace: Type.Union([Type.Null(), Type.Object({ pathMs: Milliseconds, perVariableMs: Milliseconds })]),
});
type Kept = Static<typeof Kept>;
const Content = Type.Object({ format: Type.Literal(1), devices: Type.Record(Type.String(), Kept) });

/** A device whose limits outlive this process. */
export interface LimitsHolder {
  readonly target: { readonly deviceId: DeviceId };
  readonly peer: Peer;
}

/**
 * Keeps in a file what was learned of each device, where it is not what every device is taken for: how much fits in a
 * packet, how many rows of a GETBULK, how slow it is. A damaged file is not used: then everything is learned again.
 */
export class KeptLimits {
  readonly #file: KeptFile;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #kept = new Map<string, Kept>();
  readonly #since = new Map<DeviceId, { readonly most: number; readonly since: number }>();

  constructor(options: { readonly file: string; readonly clock: Clock; readonly logger: Logger }) {
    this.#file = new KeptFile(options.file, options.logger);
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async load(): Promise<void> {
    const bytes = await this.#file.read();
    if (bytes === null) return;
    const content = parse(bytes);
    if (!Value.Check(Content, content)) {
      this.#logger.warn({ file: this.#file.path }, 'the kept limits of devices are damaged and are not used');
      return;
    }
    for (const [id, kept] of Object.entries(content.devices)) this.#kept.set(id, kept);
  }

  /** Tells a new peer what an earlier run learned of its device, if it is still at the same place. */
  restore({ target, peer }: LimitsHolder): void {
    const kept = this.#kept.get(target.deviceId);
    this.#kept.delete(target.deviceId);
    if (kept === undefined || kept.place !== peer.place) return;
    const wallMs = this.#clock.now();
    const { size, repetitions, pace } = kept;
    if (size !== null) {
      const ageMs = size.ageMs + Math.max(0, wallMs - kept.at);
      peer.size.resume({ ...size, ageMs }, this.#clock.monotonic());
    }
    if (pace !== null) peer.limits.resume(pace);
    if (repetitions === null || wallMs - repetitions.since > repetitionsKeptMs) return;
    this.#since.set(target.deviceId, repetitions);
    peer.limits.bears(repetitions.most);
  }

  /** Writes what is known of all devices now. */
  save(holders: Iterable<LimitsHolder>): Promise<void> {
    const devices: Record<string, Kept> = {};
    for (const holder of holders) {
      const kept = this.#keptOf(holder);
      if (kept !== null) devices[holder.target.deviceId] = kept;
    }
    const content: Static<typeof Content> = { format: 1, devices };
    return this.#file.replace(JSON.stringify(content));
  }

  #keptOf({ target, peer }: LimitsHolder): Kept | null {
    const at = this.#clock.now();
    const size = peer.size.learned(this.#clock.monotonic());
    const pace = peer.limits.pace;
    const most = peer.limits.maxRepetitions;
    const earlier = this.#since.get(target.deviceId);
    const repetitions = most === null ? null : earlier?.most === most ? earlier : { most, since: at };
    if (repetitions !== null) this.#since.set(target.deviceId, repetitions);
    if (size === null && pace === null && repetitions === null) return null;
    return { place: peer.place, at, size, repetitions, pace };
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
