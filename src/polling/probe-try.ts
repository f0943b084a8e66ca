import type { PollingEngine } from './engine.ts';
import { Exchange, type Answer } from './exchange.ts';
import type { Peer } from './peer.ts';
import { slotStatus, slotValues } from './poll-packet.ts';
import { ErrorStatus, readSlots } from './snmp/response.ts';
import type { RequestPacket } from './snmp/request.ts';

/** What a probe asks: sysUpTime, then the state of some ports. */
export interface Probe {
  readonly packet: RequestPacket;
  /** Numbers of the ports, in the packet's order. */
  readonly ports: readonly number[];
  /** Whether it is the sign of life that is counted; further packets of a device with many ports are not. */
  readonly counts: boolean;
}

export interface ProbeOwner {
  probeAnswered(
    one: ProbeTry,
    answer: {
      readonly errorStatus: number;
      readonly errorIndex: number;
      readonly rttMs: number;
      readonly atMs: number;
    },
  ): void;
  probeFailed(one: ProbeTry): void;
  /** The device answered that it will not. */
  probeRefused(one: ProbeTry, rttMs: number): void;
  probeLate(one: ProbeTry, rttMs: number): void;
}

/** One send of a probe: it is tried once, since the next probe is its own. */
export class ProbeTry extends Exchange {
  probe: Probe;
  readonly #owner: ProbeOwner;

  constructor(options: {
    readonly engine: PollingEngine;
    readonly peer: Peer;
    readonly owner: ProbeOwner;
    readonly probe: Probe;
  }) {
    const { engine, peer, probe } = options;
    super({ engine, peer, request: probe.packet, tries: 1, urgent: true });
    this.#owner = options.owner;
    this.probe = probe;
  }

  decode({ buffer, reader }: Answer): boolean {
    if (reader.errorStatus !== ErrorStatus.noError) return true;
    const { expected } = this.request;
    return readSlots(buffer, reader.varbindsFrom, reader.varbindsTo, expected, slotValues, slotStatus) >= 0;
  }

  answered({ reader, rttMs, atMs }: Answer): void {
    const { errorStatus, errorIndex } = reader;
    this.#owner.probeAnswered(this, { errorStatus, errorIndex, rttMs, atMs });
  }

  failed(): void {
    this.#owner.probeFailed(this);
  }

  override refused({ rttMs }: { readonly rttMs: number }): void {
    this.#owner.probeRefused(this, rttMs);
  }

  override late({ rttMs }: Answer): void {
    this.#owner.probeLate(this, rttMs);
  }
}
