import type { SlotKind } from '../domain/plan.ts';

/** Bytes of an answer beside its varbinds: message, version, PDU head, and a request id of four bytes. */
const headBytes = 34;

/** What one variable takes in an answer at most: its OID and the longest value of its kind. */
export function varbindBytes(oid: Uint8Array, kind: SlotKind): number {
  const value = kind === 'counter64' ? 9 : kind === 'until' ? 11 : 5;
  return (oid.length > 127 ? 6 : 4) + oid.length + 2 + value;
}

/**
 * Divides slots over packets, in order, so that neither the number of variables nor the expected bytes of an answer
 * exceed the limits. `everyBytes` and `everyCount` are what each packet carries beside (sysUpTime). At least one slot a
 * packet, however tight the limits.
 */
export function packSlots(options: {
  readonly slots: readonly number[];
  readonly bytesOf: (slot: number) => number;
  readonly varbinds: number;
  readonly bytes: number;
  readonly everyCount: number;
  readonly everyBytes: number;
}): readonly { readonly slots: readonly number[]; readonly answerBytes: number }[] {
  const packets: { slots: number[]; answerBytes: number }[] = [];
  let open: { slots: number[]; answerBytes: number } | null = null;
  for (const slot of options.slots) {
    const bytes = options.bytesOf(slot);
    if (
      open === null ||
      open.slots.length + options.everyCount >= options.varbinds ||
      open.answerBytes + bytes > options.bytes
    ) {
      open = { slots: [], answerBytes: headBytes + options.everyBytes };
      packets.push(open);
    }
    open.slots.push(slot);
    open.answerBytes += bytes;
  }
  // Full packets and a small rest cost as many packets as even ones; even ones share the risk of size.
  return packets;
}
