import type { SlotKind } from '../domain/plan.ts';

/** Bytes of an answer beside its varbinds: message, version, PDU head, and a request id of four bytes. */
const headBytes = 34;

/** What one variable takes in an answer at most: its OID and the longest value of its kind. */
export function varbindBytes(oid: Uint8Array, kind: SlotKind): number {
  const value = kind === 'counter64' ? 9 : kind === 'until' ? 11 : 5;
  return (oid.length > 127 ? 6 : 4) + oid.length + 2 + value;
}

/**
 * Divides units of slots (a slot, or a row of a table) over packets, in order, so that neither the number of variables nor
 * the expected bytes of an answer exceed the limits. `everyBytes` and `everyCount` are what each packet carries beside
 * (sysUpTime). At least one unit a packet, however tight the limits.
 */
export function packSlots(options: {
  readonly units: readonly (readonly number[])[];
  readonly bytesOf: (slot: number) => number;
  readonly varbinds: number;
  readonly bytes: number;
  readonly everyCount: number;
  readonly everyBytes: number;
  readonly mostUnits: number;
}): readonly { readonly units: readonly (readonly number[])[]; readonly answerBytes: number }[] {
  interface Open {
    readonly units: (readonly number[])[];
    count: number;
    answerBytes: number;
  }
  const packets: Open[] = [];
  let open: Open | null = null;
  for (const unit of options.units) {
    const bytes = unit.reduce((sum, slot) => sum + options.bytesOf(slot), 0);
    if (
      open === null ||
      open.count + unit.length + options.everyCount > options.varbinds ||
      open.answerBytes + bytes > options.bytes ||
      open.units.length >= options.mostUnits
    ) {
      open = { units: [], count: 0, answerBytes: headBytes + options.everyBytes };
      packets.push(open);
    }
    open.units.push(unit);
    open.count += unit.length;
    open.answerBytes += bytes;
  }
  return packets;
}
