import type { CompiledGroup } from './compiled-group.ts';
import type { PollingEngine } from './engine.ts';
import type { PacketLimits } from './packet-size.ts';
import { packSlots } from './packing.ts';
import type { Peer } from './peer.ts';
import { PollPacket, type PollPacketOwner } from './poll-packet.ts';

/** Variables that are read beside the plan's own: sysUpTime in every packet of counters, ifTableLastChange in the first. */
export const control = {
  sysUpTime: '1.3.6.1.2.1.1.3.0',
  ifTableLastChange: '1.3.6.1.2.1.31.1.5.0',
} as const;
const controlBytes = 24;

/**
 * The requests that read these slots of a group, in order, within `limits`. With a `trial`, the first is made under its
 * larger limits: only that one can get lost for its size.
 */
export function packPoll(options: {
  readonly engine: PollingEngine;
  readonly peer: Peer;
  readonly owner: PollPacketOwner;
  readonly group: CompiledGroup;
  readonly slots: readonly number[];
  readonly limits: PacketLimits;
  readonly trial: PacketLimits | null;
  /** Those of `control` that are read along. */
  readonly controls: ReadonlySet<string>;
  /** By GETNEXT; see `PollPacket`. */
  readonly byNext?: boolean;
}): PollPacket[] {
  const { engine, peer, owner, group, trial, controls, byNext = false } = options;
  const every = controls.has(control.sysUpTime) ? [control.sysUpTime] : [];
  const pack = (slots: readonly number[], limits: PacketLimits): ReturnType<typeof packSlots> =>
    packSlots({
      slots,
      bytesOf: (slot) => group.answerBytes(slot),
      varbinds: limits.varbinds,
      bytes: limits.bytes - peer.form.overheadBytes,
      everyCount: every.length,
      everyBytes: every.length * controlBytes,
    });
  const tried = trial === null ? [] : pack(options.slots, trial).slice(0, 1);
  const rest = pack(options.slots.slice(tried[0]?.slots.length ?? 0), options.limits);
  return [...tried, ...rest].map(
    ({ slots, answerBytes }, i) =>
      new PollPacket({
        engine,
        peer,
        owner,
        group,
        slots,
        answerBytes,
        control: i === 0 && controls.has(control.ifTableLastChange) ? [...every, control.ifTableLastChange] : every,
        trial: i === 0 ? trial : null,
        byNext,
      }),
  );
}
