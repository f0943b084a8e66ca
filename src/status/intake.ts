import type { Clock } from '../domain/clock.ts';
import type { AgentId, LinkId } from '../domain/ids.ts';
import type { ManagementProtocol } from '../domain/device.ts';
import type { PointBatch } from '../domain/point.ts';
import { measurements } from '../domain/point.ts';
import type { Announcer } from './announcer.ts';
import { hasValue, ownWords, type DeviceWatch } from './device-watch.ts';
import type { NetworkGraph } from '../domain/network-graph.ts';
import { LiveFacts } from './live-facts.ts';
import { Restarts } from './restarts.ts';

/** Since when (milliseconds since the epoch) agents and channels are away. */
export interface Away {
  readonly agents: ReadonlyMap<AgentId, number>;
  readonly channels: ReadonlyMap<ManagementProtocol, number>;
}

const operStatusColumn = measurements.interface.fields.indexOf('oper_status');
/** A device that connects to us needs time for it after the broker came up: until then its silence says nothing. */
const connectMs = 45_000;
/** A device's word older than this is a backlog and proves nothing. */
const staleWordMs = 30_000;

/** Takes batches apart: probes and ports to the watch, the rest to the live facts, and each as proof of life. */
export class Intake {
  readonly facts = new LiveFacts();
  readonly #clock: Clock;
  readonly #restarts = new Restarts();
  readonly #agentsAway = new Map<AgentId, number>();
  readonly #channelsDown = new Map<ManagementProtocol, number>();
  readonly #channelUpAt = new Map<ManagementProtocol, number>();
  readonly #sampled = new Set<string>();

  #ignoreMissesUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The time for devices to connect to us begins. */
  begin(): void {
    this.#channelUpAt.set('mqtt', this.#clock.monotonic());
  }

  /** For when answers may lie unread. */
  ignoreMissesUntil(time: number): void {
    this.#ignoreMissesUntil = time;
  }

  get away(): Away {
    return { agents: this.#agentsAway, channels: this.#channelsDown };
  }

  accept(batch: PointBatch, watch: DeviceWatch, announcer: Announcer): void {
    switch (batch.measurement) {
      case 'probe':
        this.#probes(batch, watch, announcer);
        return;
      case 'port':
        this.#ports(batch, watch);
        return;
      default:
        this.#words(batch, watch);
    }
  }

  agentSilent(id: AgentId, watch: DeviceWatch, announcer: Announcer): void {
    if (this.#agentsAway.has(id)) return;
    this.#agentsAway.set(id, this.#clock.now());
    this.#forget(watch, (device) => device.agentId === id);
    announcer.agent(id, true);
  }

  agentBack(id: AgentId, watch: DeviceWatch, announcer: Announcer): void {
    if (!this.#agentsAway.delete(id)) return;
    this.#forget(watch, (device) => device.agentId === id);
    announcer.agent(id, false);
  }

  /** What agents at other places say is not taken now: their silence about their devices is ours. */
  othersTurnedAway(own: AgentId, watch: DeviceWatch): void {
    const now = this.#clock.monotonic();
    for (const [index, device] of watch.graph.devices.entries()) if (device.agentId !== own) watch.notDue(index, now);
  }

  setChannel(protocol: ManagementProtocol, up: boolean, watch: DeviceWatch): void {
    if (up === !this.#channelsDown.has(protocol)) return;
    if (up) {
      this.#channelsDown.delete(protocol);
      this.#channelUpAt.set(protocol, this.#clock.monotonic());
    }
    if (!up) this.#channelsDown.set(protocol, this.#clock.now());
    this.#forget(watch, (device) => device.protocol === protocol);
  }

  /** Links that have a new sample since the last call. */
  takeLoads(graph: NetworkGraph): LinkId[] {
    if (this.#sampled.size === 0) return [];
    const found = graph.links.filter(
      (link) => this.#sampled.has(link.a.interfaceId) || this.#sampled.has(link.b.interfaceId),
    );
    this.#sampled.clear();
    return found.map((link) => link.id);
  }

  keepOnly(graph: NetworkGraph): void {
    this.facts.keepOnly(graph.topology.devices as ReadonlyMap<string, unknown>);
    this.#restarts.keepOnly(graph.topology.devices as ReadonlyMap<string, unknown>);
  }

  #probes(batch: PointBatch, watch: DeviceWatch, announcer: Announcer): void {
    const now = this.#clock.monotonic();
    const width = measurements.probe.fields.length;
    for (const [row, series] of batch.series.entries()) {
      const id = series.tags.device ?? '';
      const device = watch.graph.deviceIndex.get(id as never);
      if (device === undefined || this.#isAway(watch, device)) continue;
      const at = row * width;
      if (Number.isNaN(batch.values[at] ?? Number.NaN)) {
        watch.notDue(device, now);
        continue;
      }
      const answered = batch.values[at] === 1;
      if (answered) {
        const uptimeS = batch.values[at + 2] ?? Number.NaN;
        this.facts.probe(id, batch.values[at + 1] ?? Number.NaN, uptimeS, now);
        this.facts.answered(id, this.#clock.now());
        if (!Number.isNaN(uptimeS) && this.#restarts.observe(id, uptimeS, now)) {
          announcer.restarted(device, uptimeS, now - watch.reach(device).firstMissAt);
        }
      }
      if (answered || this.#believesMiss(device, watch, now)) watch.probed(device, answered, now);
    }
  }

  #believesMiss(device: number, watch: DeviceWatch, now: number): boolean {
    if (now < this.#ignoreMissesUntil) return false;
    const upAt = this.#channelUpAt.get(watch.graph.devices[device]?.protocol ?? 'none');
    return upAt === undefined || watch.reach(device).phase !== 'unheard' || now - upAt >= connectMs;
  }

  #ports(batch: PointBatch, watch: DeviceWatch): void {
    const now = this.#clock.monotonic();
    for (const [row, series] of batch.series.entries()) {
      const status = batch.values[row] ?? Number.NaN;
      const device = watch.graph.deviceIndex.get(series.tags.device as never);
      if (device === undefined || series.tags.interface === undefined || Number.isNaN(status)) continue;
      if (this.#isAway(watch, device)) continue;
      this.#alive(device, batch.times[row] ?? 0, watch);
      watch.port(series.tags.interface, status, now);
    }
  }

  #words(batch: PointBatch, watch: DeviceWatch): void {
    const now = this.#clock.monotonic();
    for (const id of this.facts.accept(batch, now)) this.#sampled.add(id);
    if (!ownWords.has(batch.measurement)) return;
    for (const [row, series] of batch.series.entries()) {
      const device = watch.graph.deviceIndex.get(series.tags.device as never);
      if (device === undefined || this.#isAway(watch, device) || !hasValue(batch, row)) continue;
      const time = batch.times[row] ?? 0;
      this.#alive(device, time, watch);
      if (batch.measurement !== 'interface' || series.tags.interface === undefined) continue;
      const status = batch.values[row * measurements.interface.fields.length + operStatusColumn] ?? Number.NaN;
      // It was read some time in that second: counted from its beginning, it never looks fresher than it is.
      if (!Number.isNaN(status)) watch.port(series.tags.interface, status, this.#monotonicOf(time));
    }
  }

  /** A row's time is a whole second: only one that lies wholly after the first miss speaks against it. */
  #alive(device: number, timeS: number, watch: DeviceWatch): void {
    const now = this.#clock.monotonic();
    const at = this.#monotonicOf(timeS);
    if (now - at > staleWordMs || at < watch.reach(device).firstMissAt) return;
    const id = watch.graph.devices[device]?.id;
    if (id !== undefined) this.facts.answered(id, this.#clock.now());
    watch.alive(device, now);
  }

  #monotonicOf(timeS: number): number {
    return this.#clock.monotonic() - Math.max(0, this.#clock.now() - timeS * 1000);
  }

  #isAway(watch: DeviceWatch, device: number): boolean {
    const found = watch.graph.devices[device];
    return found !== undefined && (this.#agentsAway.has(found.agentId) || this.#channelsDown.has(found.protocol));
  }

  #forget(
    watch: DeviceWatch,
    which: (device: { readonly agentId: AgentId; readonly protocol: ManagementProtocol }) => boolean,
  ): void {
    const now = this.#clock.monotonic();
    for (const [index, device] of watch.graph.devices.entries()) if (which(device)) watch.forget(index, now);
  }
}
