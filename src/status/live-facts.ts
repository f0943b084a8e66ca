import type { PointBatch } from '../domain/point.ts';
import { measurements } from '../domain/point.ts';
import type { LinkLoad } from '../domain/reachability.ts';
import type { TopologyLink } from '../domain/topology.ts';

export interface DeviceFactsNow {
  readonly lastAnswerAt: number | null;
  readonly rttMs: number | null;
  readonly uptimeS: number | null;
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly pollMs: number | null;
}

export interface InterfaceFactsNow {
  readonly operStatus: number | null;
  readonly inBps: number | null;
  readonly outBps: number | null;
}

interface Mutable {
  rttMs: number;
  uptimeS: number;
  probedAt: number;
  cpuPercent: number;
  memoryPercent: number;
  healthAt: number;
  pollMs: number;
  lastAnswerAt: number;
}

interface Traffic {
  inBps: number;
  outBps: number;
  operStatus: number;
  /** Milliseconds between the last two samples; how long one stays true is three of these. */
  intervalMs: number;
  /** Monotonic, of the arrival; and of the sample itself, since the epoch. */
  at: number;
  sampledAt: number;
}

const firstIntervalMs = 60_000;
const probeStaleMs = 60_000;
const healthStaleMs = 200_000;

/** The last word on every device and interface, from the stream of points; old words count for nothing. */
export class LiveFacts {
  readonly #devices = new Map<string, Mutable>();
  readonly #interfaces = new Map<string, Traffic>();

  answered(deviceId: string, wallMs: number): void {
    this.#device(deviceId).lastAnswerAt = wallMs;
  }

  probe(deviceId: string, rttMs: number, uptimeS: number, now: number): void {
    const device = this.#device(deviceId);
    if (!Number.isNaN(rttMs)) device.rttMs = rttMs;
    if (!Number.isNaN(uptimeS)) device.uptimeS = uptimeS;
    device.probedAt = now;
  }

  /** Takes `interface`, `device`, `terminal` and `agent` batches; names the interfaces that have a new sample. */
  accept(batch: PointBatch, now: number): string[] {
    const width = measurements[batch.measurement].fields.length;
    const touched: string[] = [];
    for (const [row, series] of batch.series.entries()) {
      const value = (field: string): number => {
        const column = (measurements[batch.measurement].fields as readonly string[]).indexOf(field);
        return column < 0 ? Number.NaN : (batch.values[row * width + column] ?? Number.NaN);
      };
      switch (batch.measurement) {
        case 'interface': {
          const id = series.tags.interface;
          if (id === undefined) break;
          const operStatus = value('oper_status');
          this.#sample(id, [value('in_bps'), value('out_bps'), operStatus], now, (batch.times[row] ?? 0) * 1000);
          touched.push(id);
          break;
        }
        case 'device': {
          const device = this.#device(series.tags.device ?? '');
          keep(value('cpu_percent'), (v) => (device.cpuPercent = v));
          keep(value('memory_percent'), (v) => (device.memoryPercent = v));
          device.healthAt = now;
          break;
        }
        case 'agent':
          keep(value('poll_ms'), (v) => (this.#device(series.tags.device ?? '').pollMs = v));
          break;
        default:
      }
    }
    return touched;
  }

  deviceFacts(deviceId: string, now: number): DeviceFactsNow {
    const device = this.#devices.get(deviceId);
    if (device === undefined) return nothing;
    const answers = now - device.probedAt <= probeStaleMs;
    const healthy = now - device.healthAt <= healthStaleMs;
    return {
      lastAnswerAt: orNull(device.lastAnswerAt),
      rttMs: answers ? orNull(device.rttMs) : null,
      uptimeS: answers ? orNull(Math.floor(device.uptimeS)) : null,
      cpuPercent: healthy ? orNull(device.cpuPercent) : null,
      memoryPercent: healthy ? orNull(device.memoryPercent) : null,
      pollMs: orNull(device.pollMs),
    };
  }

  /** Null values once three intervals passed without a sample. */
  interfaceFacts(interfaceId: string, now: number): InterfaceFactsNow | null {
    const traffic = this.#interfaces.get(interfaceId);
    if (traffic === undefined) return null;
    if (!isFresh(traffic, now)) return { operStatus: null, inBps: null, outBps: null };
    return {
      operStatus: orNull(traffic.operStatus),
      inBps: orNull(traffic.inBps),
      outBps: orNull(traffic.outBps),
    };
  }

  /** Milliseconds since the epoch; null when it was not lately. */
  sampledAt(interfaceId: string, now: number): number | null {
    return this.#fresh(interfaceId, now)?.sampledAt ?? null;
  }

  /** From the a end where it is measured, else from the b end; null when neither was lately. */
  linkLoad(link: TopologyLink, now: number): LinkLoad | null {
    const a = this.#fresh(link.a.interfaceId, now);
    const b = this.#fresh(link.b.interfaceId, now);
    const ab = a !== null && !Number.isNaN(a.outBps) ? a.outBps : (b?.inBps ?? Number.NaN);
    const ba = a !== null && !Number.isNaN(a.inBps) ? a.inBps : (b?.outBps ?? Number.NaN);
    if (Number.isNaN(ab) && Number.isNaN(ba)) return null;
    return { abBps: orNull(ab), baBps: orNull(ba), at: (a ?? b)?.sampledAt ?? 0 };
  }

  keepOnly(deviceIds: { has(id: string): boolean }): void {
    for (const id of this.#devices.keys()) if (!deviceIds.has(id)) this.#devices.delete(id);
  }

  /** Interfaces of devices that are gone fall silent and are dropped by age. */
  dropOlderThan(ms: number, now: number): void {
    for (const [id, traffic] of this.#interfaces) if (now - traffic.at > ms) this.#interfaces.delete(id);
  }

  #fresh(interfaceId: string, now: number): Traffic | null {
    const traffic = this.#interfaces.get(interfaceId);
    return traffic !== undefined && isFresh(traffic, now) ? traffic : null;
  }

  #sample(id: string, values: readonly [number, number, number], now: number, sampledAt: number): void {
    const [inBps, outBps, operStatus] = values;
    const before = this.#interfaces.get(id);
    if (before === undefined) {
      this.#interfaces.set(id, { inBps, outBps, operStatus, intervalMs: firstIntervalMs, at: now, sampledAt });
      return;
    }
    const interval = now - before.at;
    // A long pause is an outage, not the new interval.
    if (interval > 500 && interval < 300_000) before.intervalMs = interval;
    Object.assign(before, { inBps, outBps, operStatus, at: now, sampledAt });
  }

  #device(id: string): Mutable {
    const known = this.#devices.get(id);
    if (known !== undefined) return known;
    const fresh: Mutable = {
      rttMs: Number.NaN,
      uptimeS: Number.NaN,
      probedAt: Number.NEGATIVE_INFINITY,
      cpuPercent: Number.NaN,
      memoryPercent: Number.NaN,
      healthAt: Number.NEGATIVE_INFINITY,
      pollMs: Number.NaN,
      lastAnswerAt: Number.NaN,
    };
    this.#devices.set(id, fresh);
    return fresh;
  }
}

const nothing: DeviceFactsNow = {
  lastAnswerAt: null,
  rttMs: null,
  uptimeS: null,
  cpuPercent: null,
  memoryPercent: null,
  pollMs: null,
};

function isFresh(traffic: Traffic, now: number): boolean {
  return now - traffic.at <= 3 * Math.max(traffic.intervalMs, 5_000);
}

function keep(value: number, set: (value: number) => void): void {
  if (!Number.isNaN(value)) set(value);
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
