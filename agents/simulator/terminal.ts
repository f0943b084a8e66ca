import { connect } from 'node:net';
import { MqttClient } from 'mqtt';
import { attendanceAt } from './attendance.ts';
import type { AttendanceWindow } from './attendance.ts';
import type { SimulatedDevice } from './device.ts';
import { between, hash, pick } from './hash.ts';
import { ShadedStream } from './shaded-stream.ts';
import type { TerminalClock } from './terminal-clock.ts';

export interface TerminalOptions {
  readonly broker: { readonly host: string; readonly port: number };
  readonly user: string;
  readonly password: string;
  readonly windows: readonly AttendanceWindow[];
  readonly publishEveryMs: number;
  readonly clock: TerminalClock;
}

export interface TerminalCounters {
  connects: number;
  published: number;
  requests: number;
  refused: number;
}

function sourceAddress(serial: string): string {
  const host = hash(serial);
  return `127.${128 + (host & 63)}.${(host >>> 8) & 255}.${1 + ((host >>> 16) % 254)}`;
}

/** An attendance terminal that speaks MQTT 3.1.1 itself, on topics of its own. */
export class Terminal {
  readonly device: SimulatedDevice;
  readonly #options: TerminalOptions;
  readonly #counters: TerminalCounters;
  readonly #topic: string;
  readonly #users: number;
  readonly #timers: NodeJS.Timeout[] = [];
  #again: NodeJS.Timeout | undefined;
  #client: MqttClient | null = null;
  #stream: ShadedStream | null = null;
  #bootAtS: number;

  constructor(device: SimulatedDevice, options: TerminalOptions, counters: TerminalCounters) {
    this.device = device;
    this.#options = options;
    this.#counters = counters;
    this.#topic = `arung/v1/terminals/${device.serial}`;
    this.#users = Math.round(between(`${device.serial}/users`, 7, 46));
    this.#bootAtS = device.bootAtS;
  }

  get connected(): boolean {
    return this.#client?.connected === true;
  }

  /** Begins to connect; a broker that is not there yet is tried again until it is. */
  start(): void {
    const { serial } = this.device;
    const client = new MqttClient(() => this.#open(), {
      clientId: serial,
      username: this.#options.user,
      password: this.#options.password,
      clean: true,
      keepalive: 30,
      protocolId: 'MQTT',
      protocolVersion: 4,
      reconnectPeriod: 1200 + Math.round(between(`${serial}/again`, 0, 2600)),
      connectTimeout: 20_000,
      reconnectOnConnackError: true,
      queueQoSZero: false,
      resubscribe: false,
      will: {
        topic: `${this.#topic}/status`,
        payload: Buffer.from(JSON.stringify({ serial, online: false })),
        qos: 1,
        retain: true,
      },
    });
    this.#client = client;
    client.on('connect', () => {
      this.#counters.connects++;
      client.subscribe(`${this.#topic}/request`, { qos: 1 }, () => undefined);
      this.#publishStatus();
    });
    client.on('message', (_topic, payload) => this.#request(payload));
    client.on('error', () => {
      this.#counters.refused++;
    });
    const first = Math.round(between(`${serial}/phase`, 0, this.#options.publishEveryMs));
    this.#timers.push(
      setTimeout(() => {
        this.#publishStatus();
        this.#timers.push(setInterval(() => this.#publishStatus(), this.#options.publishEveryMs));
      }, first),
    );
  }

  /** The network changed: the path may be dark now or light again. */
  pathChanged(): void {
    const restarted = this.device.on && this.#bootAtS !== this.device.bootAtS;
    if (restarted) {
      this.#bootAtS = this.device.bootAtS;
      this.#stream?.shade(true);
      this.#stream?.destroy(); // its memory of the connection went with the power
    }
    this.#stream?.shade(!this.#lit);
    if (this.#lit && this.#client !== null && !this.#client.connected && this.#stream?.destroyed !== false) {
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.#reconnect(), Math.round(Math.random() * 1200));
    }
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#again);
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    client.on('error', () => undefined);
    await Promise.race([client.endAsync(!this.#lit), new Promise((resolve) => setTimeout(resolve, 500).unref())]);
    this.#stream?.destroy();
  }

  get #lit(): boolean {
    return this.device.reachesAgent({ protocol: 'tcp', port: this.#options.broker.port });
  }

  #reconnect(): void {
    const client = this.#client;
    if (client === null || client.connected || client.disconnecting || this.#stream?.destroyed === false) return;
    client.reconnect();
  }

  #open(): ShadedStream {
    const { host, port } = this.#options.broker;
    this.#stream?.destroy();
    // Each terminal comes from an address of its own, as it would from its site.
    const from = host.startsWith('127.') ? { localAddress: sourceAddress(this.device.serial) } : {};
    const stream = new ShadedStream(() => connect({ host, port, noDelay: true, family: 4, ...from }), !this.#lit);
    this.#stream = stream;
    return stream;
  }

  #status(): Record<string, unknown> {
    const { serial, model } = this.device;
    const nowS = this.device.now().timeS;
    const attendance = attendanceAt(serial, this.#users, this.#options.windows, nowS);
    return {
      serial,
      model,
      firmware: pick(serial, ['Ver 8.0.4.3-20220719', 'Ver 8.0.4.7-20230629', 'Ver 6.60 Sep 27 2019']),
      time: new Date(Math.round(this.#options.clock.wallS() * 1000)).toISOString(),
      users: this.#users,
      records: attendance.records,
      capacity: 100_000,
      lastPunch: attendance.lastPunchS === null ? null : new Date(attendance.lastPunchS * 1000).toISOString(),
      uptimeS: Math.floor(nowS - this.device.bootAtS),
    };
  }

  #publishStatus(): void {
    if (!this.#lit || this.#client?.connected !== true) return;
    this.#counters.published++;
    this.#client.publish(
      `${this.#topic}/status`,
      JSON.stringify(this.#status()),
      { qos: 1, retain: true },
      () => undefined,
    );
  }

  #request(payload: Buffer): void {
    let id: unknown;
    let operation: unknown;
    try {
      const request: unknown = JSON.parse(payload.toString('utf8'));
      if (typeof request !== 'object' || request === null) return;
      ({ id, op: operation } = request as { id?: unknown; op?: unknown });
    } catch {
      return; // firmware ignores what it cannot read
    }
    if (operation !== 'status' && operation !== 'ping') return;
    this.#counters.requests++;
    const reply = () => {
      if (!this.#lit || this.#client?.connected !== true) return;
      const body = { id, ...(operation === 'status' ? this.#status() : { serial: this.device.serial }) };
      this.#client.publish(`${this.#topic}/response`, JSON.stringify(body), { qos: 1 }, () => undefined);
    };
    const delayMs = this.device.latencyMs + this.device.faults.slowMs;
    if (delayMs < 2) reply();
    else setTimeout(reply, delayMs);
  }
}
