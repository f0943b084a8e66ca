import { bulkRows, gridOf } from './bulk-rows.ts';
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
/** Those of a packet: the same lists for all of them. */
const controlLists = {
  none: [],
  uptime: [control.sysUpTime],
  tableChange: [control.ifTableLastChange],
  both: [control.sysUpTime, control.ifTableLastChange],
} as const;

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
  /** By GETBULK where the slots are a table; of at most so many rows. */
  readonly mostRows?: number;
}): PollPacket[] {
  const { engine, peer, owner, group, trial, controls, byNext = false, mostRows = 0 } = options;
  const every = controls.has(control.sysUpTime) ? controlLists.uptime : controlLists.none;
  const withTableChange = every.length > 0 ? controlLists.both : controlLists.tableChange;
  const grid = mostRows > 1 && !byNext ? gridOf(options.slots, (slot) => group.oidText(slot)) : null;
  const pack = (units: readonly (readonly number[])[], limits: PacketLimits): ReturnType<typeof packSlots> =>
    packSlots({
      units,
      bytesOf: (slot) => group.answerBytes(slot),
      varbinds: limits.varbinds,
      bytes: limits.bytes - peer.form.overheadBytes,
      everyCount: every.length,
      everyBytes: every.length * controlBytes,
      mostUnits: grid === null ? Number.POSITIVE_INFINITY : mostRows,
    });
  // A row of a table is asked for whole, if it fits.
  const fits = grid !== null && grid.columns + every.length <= options.limits.varbinds;
  const units = fits ? grid.rows : options.slots.map((slot) => [slot]);
  const tried = trial === null ? [] : pack(units, trial).slice(0, 1);
  const rest = pack(units.slice(tried[0]?.units.length ?? 0), options.limits);
  return [...tried, ...rest].map(
    ({ units: own, answerBytes }, i) =>
      new PollPacket({
        engine,
        peer,
        owner,
        group,
        slots: own.flat(),
        answerBytes,
        control: i === 0 && controls.has(control.ifTableLastChange) ? withTableChange : every,
        trial: i === 0 ? trial : null,
        byNext,
        bulk: fits && own.length > 1 ? bulkRows(own, (slot) => group.oidText(slot)) : null,
      }),
  );
}
