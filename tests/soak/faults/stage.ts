import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import { Demo, everyDevice, type StatusAnswer } from '../../support/demo.ts';
import { mosquittoBefore } from '../../support/mosquitto-before.ts';
import type { RunningMosquitto } from '../../support/mosquitto.ts';
import { addRemoteAgent } from '../../support/remote-agent.ts';
import { SimulatorApart } from '../simulator-apart.ts';
import { Observer } from './observer.ts';
import { Witness } from './witness.ts';

/** Of Bone; the two devices of the witnesses come to them. */

export interface StageOptions {
  /** What its words begin with. */
  readonly title: string;
  /** Program of a Mosquitto that terminals and witnesses use; null: the embedded broker. */
  readonly mosquitto: string | null;
  /** Settings of the controller that is broken: its store, its database. */
  readonly env?: NodeJS.ProcessEnv;
  /** Settings from the very first start on. */
  readonly always?: NodeJS.ProcessEnv;
}

/**
 * All of Bone on real packets, with the controller, the simulated backbone and two witnesses as processes or clients of
 * their own, so that each can be broken alone.
 */
export class Stage {
  readonly demo: Demo;
  readonly simulator: SimulatorApart;
  readonly mosquitto: RunningMosquitto | null;
  /** Queues. */
  readonly patient: Witness;
  /** Sends once. */
  readonly hasty: Witness;
  readonly observer: Observer;
  readonly since: string;
  readonly #say: (text: string) => void;

  private constructor(
    parts: Pick<Stage, 'demo' | 'simulator' | 'mosquitto' | 'patient' | 'hasty'>,
    say: (text: string) => void,
  ) {
    this.demo = parts.demo;
    this.simulator = parts.simulator;
    this.mosquitto = parts.mosquitto;
    this.patient = parts.patient;
    this.hasty = parts.hasty;
    this.observer = new Observer(parts.demo, say);
    this.since = new Date().toISOString();
    this.#say = say;
  }

  /** Resolves when everything is up. */
  static async open(options: StageOptions): Promise<Stage> {
    const mqttPort = await freePort();
    const say = (text: string): void => void process.stdout.write(`${options.title}: ${text}\n`);
    const begun: (() => Promise<unknown>)[] = [];
    try {
      return await Stage.#build(options, mqttPort, say, begun);
    } catch (error) {
      for (const end of begun.toReversed()) await end();
      throw error;
    }
  }

  static async #build(
    options: StageOptions,
    mqttPort: number,
    say: (text: string) => void,
    begun: (() => Promise<unknown>)[],
  ): Promise<Stage> {
    const demo = new Demo({ ARUNG_MQTT_PORT: String(mqttPort), ARUNG_LOG_LEVEL: 'warn', ...options.always });
    begun.push(() => demo.remove());
    await demo.start();
    const devices = [
      await addRemoteAgent(demo, { name: 'sabar', secret: 'sandi-sabar', address: '127.99.0.1' }),
      await addRemoteAgent(demo, { name: 'lekas', secret: 'sandi-lekas', address: '127.99.0.2' }),
    ] as const;
    await demo.stop();
    demo.set(options.env ?? {});
    const mosquitto = options.mosquitto === null ? null : await mosquittoBefore(demo, options.mosquitto, mqttPort);
    if (mosquitto !== null) begun.push(() => mosquitto.end());
    const simulator = await SimulatorApart.start(demo.dataDir, mqttPort);
    begun.push(() => simulator.stop());
    await demo.start('serve');
    const witness = (name: string, deviceId: string, qos: 0 | 1): Witness =>
      new Witness({ url: `mqtt://127.0.0.1:${mqttPort}`, name, password: `sandi-${name}`, deviceId, qos });
    const patient = witness('sabar', devices[0], 1);
    const hasty = witness('lekas', devices[1], 0);
    for (const one of [patient, hasty]) {
      begun.push(() => one.end());
      one.start();
    }
    await demo.until(isWhole, 300_000);
    // Every terminal and every plan has had its turn.
    await pause(10_000);
    const stage = new Stage({ demo, simulator, mosquitto, patient, hasty }, say);
    stage.observer.start();
    return stage;
  }

  say(text: string): void {
    this.#say(text);
  }

  /** Until every device is up and nothing waits. */
  async whole(withinMs = 300_000): Promise<void> {
    await this.demo.until(isWhole, withinMs);
    await this.#drained(withinMs);
  }

  async #drained(withinMs: number): Promise<void> {
    const until = performance.now() + withinMs;
    for (;;) {
      const ready = await this.observer.readiness();
      if (ready.status === 'ready' && ready.notes.metrics.waitingRows < 5_000) return;
      if (performance.now() > until) throw new Error(`not drained within ${withinMs} ms: ${JSON.stringify(ready)}`);
      await pause(500);
    }
  }

  /** What the controller has counted of messages and points since its start, as `/metrics` says it; zeros left out. */
  async counted(): Promise<string> {
    const text = await (await this.demo.call('GET', '/metrics')).text();
    const lines = text.match(/^arung_(?:ingest|metric)_\S* \d+$/gm) ?? [];
    return lines.filter((line) => !line.endsWith(' 0')).join(', ');
  }

  /**
   * No more is measured; resolves when all that the one who queues made is stored. The devices of both are unknown after a
   * while: look at states before.
   */
  async quiet(): Promise<void> {
    this.patient.stop();
    this.hasty.stop();
    const until = performance.now() + 300_000;
    for (;;) {
      const { made, acknowledged } = this.patient.counts;
      if (made === acknowledged) break;
      if (performance.now() > until) throw new Error(`${made - acknowledged} messages are not acknowledged`);
      await pause(200);
    }
    // What the broker has acknowledged it still hands on, and a busy machine takes its time over that.
    const { to } = this.patient.span;
    const about = { measurement: 'sensor', fields: ['value'], filter: { device: [this.patient.deviceId] } };
    for (;;) {
      const asked = { ...about, from: to, to: to + 1, stepS: 1, aggregate: 'count' };
      const answer = await this.demo.post('/api/v1/series/query', asked);
      if (answer.ok && ((await answer.json()) as { series: readonly unknown[] }).series.length > 0) break;
      if (performance.now() > until) throw new Error('the last message of who queues is not in the store');
      await pause(1_000);
    }
    // Another publisher's is on its way at most as long.
    await pause(5_000);
    await this.#drained(300_000);
  }

  /** Events that tell of a state, since everything was up. */
  async changes(keys: string, since = this.since): Promise<readonly string[]> {
    const path = `/api/v1/events?key=${keys}&from=${since}&limit=1000`;
    const { items } = await this.demo.get<{ items: readonly { key: string; entityName: string; at: string }[] }>(path);
    return items.map((event) => `${event.at} ${event.key} ${event.entityName}`);
  }

  async close(): Promise<void> {
    await this.observer.stop();
    await this.patient.end();
    await this.hasty.end();
    await this.demo.stop();
    await this.simulator.stop();
    await this.mosquitto?.end();
    await this.demo.remove();
  }
}

/** What no fault of Arung's own parts may ever bring about. */
export const dark = 'device.down,device.unreachable,site.down,site.unreachable,link.down,device.restarted';
export const unknown = 'device.unknown,site.unknown';

function isWhole(status: StatusAnswer): boolean {
  return status.devices.up === everyDevice + 2;
}
