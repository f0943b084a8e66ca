import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSlots } from './packing.ts';

describe('packSlots', () => {
  it('keeps every slot once and in order, within all limits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 15, max: 60 }), { maxLength: 300 }),
        fc.integer({ min: 2, max: 80 }),
        fc.integer({ min: 100, max: 1_400 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 40 }),
        (sizes, varbinds, bytes, rowWidth, mostUnits) => {
          const slots = [...sizes.keys()];
          const width = Math.min(rowWidth, varbinds - 1);
          const units = Array.from({ length: Math.ceil(slots.length / width) }, (_, row) =>
            slots.slice(row * width, (row + 1) * width),
          );
          const packets = packSlots({
            units,
            bytesOf: (slot) => sizes[slot] ?? 0,
            varbinds,
            bytes,
            everyCount: 1,
            everyBytes: 20,
            mostUnits,
          });
          expect(packets.flatMap((packet) => packet.units)).toEqual(units);
          for (const packet of packets) {
            expect(packet.units.length).toBeGreaterThan(0);
            expect(packet.units.length).toBeLessThanOrEqual(mostUnits);
            expect(packet.units.flat().length + 1).toBeLessThanOrEqual(varbinds);
            if (packet.units.length > 1) expect(packet.answerBytes).toBeLessThanOrEqual(bytes);
          }
        },
      ),
    );
  });
});
