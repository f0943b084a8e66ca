import { pino } from 'pino';
import { vi } from 'vitest';
import type { NetworkEvent } from '../domain/event.ts';
import type { UplinkSign } from '../domain/own-uplink.ts';
import type { EntityState } from '../domain/reachability.ts';
import type { StatusChange } from '../domain/status-change.ts';
import { StatusBoard } from './board.ts';
import type { TestNetwork } from './test-network.ts';
import { TestPoller } from './test-poller.ts';

export const epoch = Date.UTC(2026, 10, 24, 2, 0, 0);

interface StageOptions {
  readonly loss?: number;
  readonly seed?: number;
  readonly before?: Map<string, EntityState>;
  /** What the machine shows of its own way, whenever it is asked; without it, it is never asked. */
  readonly uplink?: () => UplinkSign;
}

/** A board over a simulated backbone, in virtual time: a test needs fake timers. */
export class Stage {
  readonly network: TestNetwork;
  readonly poller: TestPoller;
  readonly board: StatusBoard;
  readonly events: NetworkEvent[] = [];
  readonly changes: StatusChange[] = [];
  /** What is polled does not reach the board. */
  unheard = false;
  #looked = 0;
  readonly #wake = new Set<() => void>();

  constructor(network: TestNetwork, options: StageOptions = {}) {
    const { uplink } = options;
    this.network = network;
    const clock = { now: () => epoch + this.poller.now, monotonic: () => this.poller.now };
    this.poller = new TestPoller({
      network,
      loss: options.loss ?? 0,
      seed: options.seed ?? 7,
      epoch,
      accept: (batch) => {
        if (!this.unheard) this.board.accept(batch);
      },
    });
    this.board = new StatusBoard({
      topology: {
        current: () => network.topology,
        onChange: (wake) => {
          this.#wake.add(wake);
          return () => this.#wake.delete(wake);
        },
      },
      clock,
      logger: pino({ level: 'silent' }),
      probeSoon: (ids) => this.poller.probeSoon(ids),
      restore: async () => options.before ?? new Map(),
      ...(uplink === undefined
        ? {}
        : { own: { agentId: network.agentId, lookAtUplink: (_, done) => void setTimeout(() => done(uplink()), 200) } }),
    });
    this.board.onChange((change) => {
      this.changes.push(change);
      this.events.push(...change.events.map((placed) => placed.event));
    });
  }

  run(seconds: number): void {
    for (const end = this.poller.now + seconds * 1000; this.poller.now < end;) {
      this.poller.advanceTo(Math.min(end, this.poller.now + 10));
      vi.advanceTimersByTime(10);
    }
  }

  /** Seconds until it holds, in steps of 10 ms; gives up after `most`. */
  until(holds: () => boolean, most: number): number {
    const from = this.poller.now;
    while (!holds() && this.poller.now < from + most * 1000) this.run(0.01);
    return holds() ? (this.poller.now - from) / 1000 : Number.POSITIVE_INFINITY;
  }

  state(device: string): string | undefined {
    return this.board.stateOf('device', this.network.id(device))?.state;
  }

  cause(device: string): string | undefined {
    return this.board.stateOf('device', this.network.id(device))?.cause?.name;
  }

  /** Events since the last call that say of a device or site that it is down. */
  bad(): string[] {
    const found = this.events.slice(this.#looked).filter((event) => /^(device|site)\.down$/.test(event.key));
    this.#looked = this.events.length;
    return found.map((event) => `${event.key} ${event.entityName}`);
  }

  changed(): void {
    this.network.version++;
    for (const wake of this.#wake) wake();
  }
}
