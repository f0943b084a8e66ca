import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSlots } from './packing.ts';
import { PacketSize } from './packet-size.ts';

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

describe('PacketSize', () => {
  it('halves at tooBig, and probes up again slowly', () => {
    const size = new PacketSize({ varbinds: 60, bytes: 1_400 });
    size.tooBig(60, 0);
    expect(size.varbinds).toBe(30);
    size.answered(1_000, 60_000);
    expect(size.varbinds).toBe(30);
    size.answered(1_000, 21 * 60_000);
    expect(size.varbinds).toBe(38);
  });

  it('is not misled by a single loss, nor by the loss of small packets', () => {
    const size = new PacketSize({ varbinds: 60, bytes: 1_400 });
    size.lost({ bytes: 1_300, varbinds: 50, weight: 1 }, 0);
    size.answered(1_300, 1);
    size.lost({ bytes: 1_300, varbinds: 50, weight: 1 }, 2);
    for (let i = 0; i < 20; i += 1) size.lost({ bytes: 300, varbinds: 10, weight: 1 }, 3);
    expect([size.varbinds, size.bytes]).toEqual([60, 1_400]);
    size.lost({ bytes: 1_300, varbinds: 50, weight: 1 }, 4);
    expect([size.varbinds, size.bytes]).toEqual([25, 650]);
  });
});
