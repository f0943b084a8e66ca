import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSlots } from './packing.ts';

describe('packSlots', () => {
  it('keeps every slot once and in order, within both limits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 15, max: 60 }), { maxLength: 300 }),
        fc.integer({ min: 2, max: 80 }),
        fc.integer({ min: 100, max: 1_400 }),
        (sizes, varbinds, bytes) => {
          const slots = [...sizes.keys()];
          const packets = packSlots({
            slots,
            bytesOf: (slot) => sizes[slot] ?? 0,
            varbinds,
            bytes,
            everyCount: 1,
            everyBytes: 20,
          });
          expect(packets.flatMap((packet) => packet.slots)).toEqual(slots);
          for (const packet of packets) {
            expect(packet.slots.length).toBeGreaterThan(0);
            expect(packet.slots.length + 1).toBeLessThanOrEqual(varbinds);
            if (packet.slots.length > 1) expect(packet.answerBytes).toBeLessThanOrEqual(bytes);
          }
        },
      ),
    );
  });
});
