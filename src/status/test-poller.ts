import { seriesOf, measurements, type Measurement, type PointBatch, type Series } from '../domain/point.ts';
import { NetworkGraph } from '../domain/network-graph.ts';
import type { TestNetwork } from './test-network.ts';

export interface PollerOptions {
  readonly network: TestNetwork;
  /** Chance that a probe is lost on the way, there or back. */
  readonly loss: number;
  readonly accept: (batch: PointBatch) => void;
  /** Milliseconds since the epoch at time 0 of the poller. */
  readonly epoch: number;
  readonly seed?: number;
}

interface Scheduled {
  readonly at: number;
  readonly run: () => void;
}

const intervalMs = 5_000;
const reprobeMs = 600;
const timeoutMs = 300;
const roundTripMs = 8;
const mostReprobes = 12;

/**
 * A backbone and its polling engine in virtual time, for tests of the board: devices of a site are spread over the
 * interval, a first miss starts re-probes, a cut silences what lies behind it and takes the port down.
 */
export class TestPoller {
  readonly truth: NetworkGraph;
  readonly #options: PollerOptions;
  readonly #queue: Scheduled[] = [];
  readonly #cut = new Set<number>();
  readonly #dead = new Set<number>();
  readonly #connecting = new Set<number>();
  readonly #reprobing = new Map<number, number>();
  readonly #bootedAt: number[];
  readonly #probe: Series[];
  #answers = new Uint8Array();
  #random: () => number;
  now = 0;
  probes = 0;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.truth = new NetworkGraph(options.network.topology);
    this.#random = mulberry(options.seed ?? 1);
    this.#bootedAt = this.truth.devices.map(() => -1_000_000);
    this.#probe = this.truth.devices.map((device) => seriesOf('probe', { device: device.id }));
    this.#work();
    for (const indices of this.truth.devicesOfSite.values()) {
      const offset = this.#random() * intervalMs;
      for (const [position, device] of indices.entries()) {
        const phase = (offset + (position * intervalMs) / indices.length) % intervalMs;
        this.#at(phase, () => this.#regular(device));
      }
    }
  }

  cut(link: string): void {
    this.#cut.add(this.#linkOf(link));
    this.#work();
  }

  restore(link: string): void {
    this.#cut.delete(this.#linkOf(link));
    this.#work();
  }

  kill(device: string): void {
    this.#dead.add(this.#deviceOf(device));
    this.#work();
  }

  revive(device: string): void {
    this.#dead.delete(this.#deviceOf(device));
    this.#bootedAt[this.#deviceOf(device)] = this.now;
    this.#work();
  }

  /** It is on and has its way, but has not connected to us yet. */
  connecting(device: string, isConnecting: boolean): void {
    if (isConnecting) this.#connecting.add(this.#deviceOf(device));
    else this.#connecting.delete(this.#deviceOf(device));
  }

  /** The devices that answer, by name. */
  answering(): Set<string> {
    return new Set(this.truth.devices.filter((_, index) => this.#answers[index] === 1).map((device) => device.name));
  }

  probeSoon(ids: readonly string[]): void {
    for (const id of ids) {
      const device = this.truth.deviceIndex.get(id as never);
      if (device !== undefined) this.#at(this.now, () => this.#send(device));
    }
  }

  /** Runs all that is due until then. */
  advanceTo(time: number): void {
    for (let next = this.#queue[0]; next !== undefined && next.at <= time; next = this.#queue[0]) {
      pop(this.#queue);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = time;
  }

  /** Traffic of one interface, as the engine's slower group would say it. */
  publish(measurement: Measurement, tags: { device: string; interface?: string }, values: readonly number[]): void {
    const width = measurements[measurement].fields.length;
    const row = new Float64Array(width).fill(Number.NaN);
    row.set(values.slice(0, width));
    this.#publish(measurement, [seriesOf(measurement, tags)], row);
  }

  #regular(device: number): void {
    this.#at(this.now + intervalMs, () => this.#regular(device));
    if (!this.#reprobing.has(device)) this.#send(device);
  }

  #send(device: number): void {
    this.probes++;
    if (this.#answers[device] === 1 && !this.#connecting.has(device) && this.#random() >= this.#options.loss) {
      this.#at(this.now + roundTripMs, () => this.#answered(device));
    } else this.#at(this.now + timeoutMs, () => this.#missed(device));
  }

  #answered(device: number): void {
    this.#reprobing.delete(device);
    const uptimeS = (this.now - (this.#bootedAt[device] ?? 0)) / 1000;
    this.#publish('probe', [this.#series(device)], new Float64Array([1, roundTripMs, uptimeS]));
    if (this.truth.devices[device]?.protocol !== 'snmp') return;
    for (let k = this.truth.starts[device] ?? 0; k < (this.truth.starts[device + 1] ?? 0); k++) {
      const e = this.truth.neighbourEdges[k] ?? 0;
      const link = this.truth.links[e];
      if (link === undefined) continue;
      const end = this.truth.edgeA[e] === device ? link.a : link.b;
      const far = this.truth.otherEnd(e, device);
      const air = link.medium !== 'fibre' && link.medium !== 'copper';
      const down = (this.#cut.has(e) || this.#dead.has(far)) && !air;
      const series = seriesOf('port', { device: end.deviceId, interface: end.interfaceId });
      this.#publish('port', [series], new Float64Array([down ? 2 : 1]));
    }
  }

  #missed(device: number): void {
    this.#publish('probe', [this.#series(device)], new Float64Array([0, Number.NaN, Number.NaN]));
    const sent = this.#reprobing.get(device);
    if (sent === undefined) this.#reprobe(device, 0);
  }

  /** One every 600 ms from the first miss, whether or not the ones before have ended. */
  #reprobe(device: number, sent: number): void {
    if (sent >= mostReprobes) {
      this.#reprobing.delete(device);
      return;
    }
    this.#reprobing.set(device, sent);
    this.#send(device);
    this.#at(this.now + reprobeMs, () => {
      if (this.#reprobing.get(device) === sent) this.#reprobe(device, sent + 1);
    });
  }

  #publish(measurement: Measurement, series: readonly Series[], values: Float64Array): void {
    const times = new Float64Array(series.length).fill(Math.floor((this.#options.epoch + this.now) / 1000));
    this.#options.accept({ agent: this.#options.network.agentId, measurement, series, times, values });
  }

  #series(device: number): Series {
    const series = this.#probe[device];
    if (series === undefined) throw new Error(`no device ${device}`);
    return series;
  }

  #at(at: number, run: () => void): void {
    push(this.#queue, { at, run });
  }

  /** Works out who answers. */
  #work(): void {
    const answers = new Uint8Array(this.truth.nodeCount);
    const queue = [this.truth.root];
    for (const n of queue) {
      for (let k = this.truth.starts[n] ?? 0; k < (this.truth.starts[n + 1] ?? 0); k++) {
        const e = this.truth.neighbourEdges[k] ?? 0;
        const other = this.truth.otherEnd(e, n);
        if (other === this.truth.root || answers[other] === 1 || this.#cut.has(e) || this.#dead.has(other)) continue;
        answers[other] = 1;
        queue.push(other);
      }
    }
    this.#answers = answers;
  }

  #linkOf(name: string): number {
    return this.truth.linkIndex.get(this.#options.network.linkId(name)) ?? -1;
  }

  #deviceOf(name: string): number {
    return this.truth.deviceIndex.get(this.#options.network.id(name)) ?? -1;
  }
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function push(heap: Scheduled[], item: Scheduled): void {
  heap.push(item);
  for (let i = heap.length - 1; i > 0;) {
    const parent = (i - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || above.at <= item.at) break;
    heap[i] = above;
    heap[parent] = item;
    i = parent;
  }
}

function pop(heap: Scheduled[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  for (let i = 0; ;) {
    const left = 2 * i + 1;
    const right = left + 1;
    const least = (heap[right]?.at ?? Infinity) < (heap[left]?.at ?? Infinity) ? right : left;
    const below = heap[least];
    if (below === undefined || below.at >= last.at) {
      heap[i] = last;
      return;
    }
    heap[i] = below;
    i = least;
  }
}
