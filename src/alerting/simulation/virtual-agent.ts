import type { DeviceId } from '../../domain/ids.ts';
import { seriesOf, type PointBatch, type Series } from '../../domain/point.ts';
import { RoundTrip } from '../../domain/round-trip.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';
import { setsOf, type Broken, type BrokenSets, type World } from './world.ts';

/** How packets fare between the agent and the devices. */
export interface Weather {
  /** Chance that a packet is lost, in each direction, 0 to 1. */
  readonly loss: number;
  /** A round trip takes up to so much longer, milliseconds. */
  readonly jitterMs: number;
}

/** As `polling/options.ts` and `telemetry/polled-terminal.ts` have it. */
const intervalMs = 5_000;
const reprobeMs = 600;
const mostReprobes = 12;
const chaseReprobes = 5;
const shortestChaseMs = 500;
const snmpTimeout = { minMs: 250, maxMs: 3_000, firstMs: 1_000 };
const mqttTimeout = { minMs: 1_000, maxMs: 3_000, firstMs: 3_000 };
/** A device that missed so often is read anew, ports first, when it answers again. */
const readAgainAfter = 3;
const baseRoundTripMs = 8;
/** A terminal connects again so long after its way came back, at most. */
const reconnectMs = 15_000;
/** What nobody has a reason to look at closely is heard of so often; status forgets what it has not heard of for a minute. */
const quietRoundMs = 20_000;

/** One probe of each device that is under way, and the re-probes after its first miss. */
interface Asked {
  misses: number;
  reprobesLeft: number;
  isReprobing: boolean;
  lastChaseAt: number;
  /** Grows with every answer: what was sent before has had its answer in this one. */
  answered: number;
  /** A terminal that lost its way answers from here on. */
  backAt: number;
  readonly roundTrip: RoundTrip;
}

export interface VirtualAgentOptions {
  readonly world: World;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
  readonly accept: (batch: PointBatch) => void;
}

/**
 * What the agent's prober says of a world, in virtual time: every device has its phase in the interval, a miss starts
 * re-probes, an answer tells the ports. In good weather nothing can be missed of devices that the failures do not touch:
 * they sleep, are heard of in rounds, and wake when their part of the world changes or when somebody asks for them.
 */
export class VirtualAgent {
  probes = 0;
  readonly #options: VirtualAgentOptions;
  readonly #asked: Asked[];
  readonly #probeSeries: readonly Series[];
  /** By device: the links whose port it shows, and their series. */
  readonly #ports: readonly { readonly links: readonly number[]; readonly series: readonly Series[] }[];
  readonly #phase: Float64Array;
  readonly #isAwake: Uint8Array;
  readonly #bootedAt: Float64Array;
  #broken: BrokenSets = { cut: new Set(), dead: new Set() };
  #answers: Uint8Array;

  constructor(options: VirtualAgentOptions) {
    this.#options = options;
    const { world, random } = options;
    this.#asked = world.devices.map(({ protocol }) => ({
      misses: 0,
      reprobesLeft: 0,
      isReprobing: false,
      lastChaseAt: Number.NEGATIVE_INFINITY,
      answered: 0,
      backAt: 0,
      roundTrip: new RoundTrip(protocol === 'mqtt' ? mqttTimeout : snmpTimeout),
    }));
    this.#probeSeries = world.devices.map(({ id }) => seriesOf('probe', { device: id }));
    this.#ports = world.devices.map((_, device) => portsOf(world, device));
    this.#phase = new Float64Array(world.root);
    this.#isAwake = new Uint8Array(world.root);
    this.#bootedAt = new Float64Array(world.root).fill(-10_000_000);
    this.#answers = world.answers([]);
    // As `polling/phases.ts`: the devices of a site share the interval, the sites are spread over it.
    for (const indices of world.devicesOfSite.values()) {
      const start = random.next();
      for (const [i, device] of indices.entries())
        this.#phase[device] = ((start + i / indices.length) % 1) * intervalMs;
    }
  }

  /** Every device that answers is heard of at once; from then on they are polled. */
  start(): void {
    const { world, weather, time } = this.#options;
    this.#round(true);
    if (weather.loss > 0 || weather.jitterMs > 0) for (let d = 0; d < world.root; d++) this.#wake(d);
    time.every(quietRoundMs, () => this.#round(false));
  }

  /** From now on this is what is broken, and nothing else. */
  setBroken(broken: readonly Broken[]): void {
    const { world, time, random } = this.#options;
    const before = this.#broken;
    const answered = this.#answers;
    this.#broken = setsOf(broken);
    this.#answers = world.answers(broken);
    const now = time.monotonic();
    for (const device of before.dead) if (!this.#broken.dead.has(device)) this.#bootedAt[device] = now;
    const touched = new Set<number>();
    for (const link of [...before.cut, ...this.#broken.cut]) {
      touched.add(world.linkA[link] ?? 0).add(world.linkB[link] ?? 0);
    }
    for (const device of [...before.dead, ...this.#broken.dead]) touched.add(device);
    for (let device = 0; device < world.root; device++) {
      if (answered[device] === this.#answers[device]) continue;
      touched.add(device);
      const asked = this.#asked[device];
      if (asked === undefined || this.#answers[device] !== 1) continue;
      const isTerminal = world.devices[device]?.protocol === 'mqtt';
      asked.backAt = isTerminal ? now + random.between(0, reconnectMs) : now;
    }
    const near = new Set(touched);
    for (const device of touched) for (const link of world.linksOf(device)) near.add(world.farEnd(link, device));
    for (const device of near) this.#wake(device);
  }

  /** As the prober's `chase`. */
  probeSoon(ids: readonly DeviceId[]): void {
    const { world, time } = this.#options;
    for (const id of ids) {
      const device = world.deviceIndex.get(id);
      const asked = device === undefined ? undefined : this.#asked[device];
      if (device === undefined || asked === undefined || world.isAsked[device] !== 1) continue;
      const now = time.monotonic();
      if (asked.reprobesLeft > 0 || now - asked.lastChaseAt < shortestChaseMs) continue;
      asked.lastChaseAt = now;
      this.#send(device, true);
      if (asked.misses > 0) this.#startReprobes(device, asked, chaseReprobes);
    }
  }

  #wake(device: number): void {
    const { world, time } = this.#options;
    if (this.#isAwake[device] === 1 || world.isAsked[device] !== 1) return;
    this.#isAwake[device] = 1;
    const since = time.monotonic() % intervalMs;
    const wait = ((this.#phase[device] ?? 0) - since + intervalMs) % intervalMs;
    time.after(wait, () => {
      this.#send(device, true);
      time.every(intervalMs, () => this.#send(device, true));
    });
  }

  #isThere(device: number): boolean {
    return this.#answers[device] === 1 && (this.#asked[device]?.backAt ?? 0) <= this.#options.time.monotonic();
  }

  #send(device: number, withPorts: boolean): void {
    this.probes += 1;
    const { world, time, random, weather } = this.#options;
    const asked = this.#asked[device];
    if (asked === undefined) return;
    const { answered } = asked;
    const isTcp = world.devices[device]?.protocol === 'mqtt';
    const waitMs = asked.roundTrip.timeoutMs;
    let rttMs = Number.POSITIVE_INFINITY;
    if (this.#isThere(device)) {
      rttMs = baseRoundTripMs + random.next() * weather.jitterMs;
      const isLost = weather.loss > 0 && random.next() < 1 - (1 - weather.loss) ** 2;
      // What TCP loses it sends again a little later.
      if (isLost) rttMs = isTcp ? rttMs + 400 : Number.POSITIVE_INFINITY;
    }
    if (rttMs > waitMs) {
      time.after(waitMs, () => {
        if (asked.answered === answered) this.#missed(device, asked);
      });
      if (rttMs === Number.POSITIVE_INFINITY) return;
    }
    time.after(rttMs, () => {
      asked.roundTrip.sample(rttMs);
      const isLate = rttMs > waitMs;
      if (asked.answered === answered && (!isLate || asked.misses > 0)) this.#heard(device, asked, rttMs, withPorts);
    });
  }

  #heard(device: number, asked: Asked, rttMs: number, withPorts: boolean): void {
    const { misses } = asked;
    asked.misses = 0;
    asked.reprobesLeft = 0;
    asked.answered += 1;
    const uptimeS = (this.#options.time.monotonic() - (this.#bootedAt[device] ?? 0)) / 1000;
    this.#publish('probe', [this.#probeSeries[device]], [1, rttMs, uptimeS]);
    if (withPorts || misses >= readAgainAfter) this.#tellPorts([device]);
  }

  #missed(device: number, asked: Asked): void {
    asked.misses += 1;
    this.#publish('probe', [this.#probeSeries[device]], [0, Number.NaN, Number.NaN]);
    if (asked.misses === 1) this.#startReprobes(device, asked, mostReprobes);
  }

  #startReprobes(device: number, asked: Asked, count: number): void {
    asked.reprobesLeft = count;
    if (!asked.isReprobing) this.#reprobe(device, asked);
  }

  #reprobe(device: number, asked: Asked): void {
    asked.isReprobing = asked.reprobesLeft > 0;
    if (!asked.isReprobing) return;
    asked.reprobesLeft -= 1;
    this.#send(device, false);
    this.#options.time.after(reprobeMs, () => this.#reprobe(device, asked));
  }

  /** All that sleep and are there, in one batch. */
  #round(withPorts: boolean): void {
    const { world, time } = this.#options;
    const there: number[] = [];
    for (let device = 0; device < world.root; device++) {
      if (this.#isAwake[device] !== 1 && world.isAsked[device] === 1 && this.#isThere(device)) there.push(device);
    }
    this.probes += there.length;
    const now = time.monotonic();
    this.#publish(
      'probe',
      there.map((device) => this.#probeSeries[device]),
      there.flatMap((device) => [1, baseRoundTripMs, (now - (this.#bootedAt[device] ?? 0)) / 1000]),
    );
    if (withPorts) this.#tellPorts(there);
  }

  #tellPorts(devices: readonly number[]): void {
    const { world } = this.#options;
    const series: Series[] = [];
    const values: number[] = [];
    for (const device of devices) {
      const ports = this.#ports[device];
      for (const [i, link] of (ports?.links ?? []).entries()) {
        const one = ports?.series[i];
        if (one === undefined) continue;
        series.push(one);
        // IF-MIB ifOperStatus: 1 up, 2 down.
        values.push(world.hasCarrier(link, device, this.#broken) ? 1 : 2);
      }
    }
    this.#publish('port', series, values);
  }

  #publish(measurement: 'probe' | 'port', given: readonly (Series | undefined)[], values: readonly number[]): void {
    const series = given.filter((one) => one !== undefined);
    if (series.length === 0) return;
    const { accept, time, world } = this.#options;
    const agent = world.devices[0]?.agentId;
    if (agent === undefined) return;
    const times = new Float64Array(series.length).fill(Math.floor(time.now() / 1000));
    accept({ agent, measurement, series, times, values: Float64Array.from(values) });
  }
}

/** Ports are read over SNMP, where the inventory says that they carry a link. */
function portsOf(world: World, device: number): { links: number[]; series: Series[] } {
  const found: { links: number[]; series: Series[] } = { links: [], series: [] };
  const { protocol, id } = world.devices[device] ?? {};
  if (protocol !== 'snmp' || id === undefined) return found;
  for (const link of world.linksOf(device)) {
    const known = world.links[link];
    if (known === undefined || world.isHidden[link] === 1) continue;
    const end = world.linkA[link] === device ? known.a : known.b;
    found.links.push(link);
    found.series.push(seriesOf('port', { device: id, interface: end.interfaceId }));
  }
  return found;
}
