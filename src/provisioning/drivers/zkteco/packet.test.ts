import { describe, expect, it } from 'vitest';
import { decodePacket, decodeTime, encodePacket, encodeTime, framed, scrambledKey, unframed } from './packet.ts';

describe('a packet of a terminal', () => {
  const packet = { command: 1_000, session: 0, reply: 0, data: Buffer.alloc(0) };

  it('has the bytes that zk-protocol describes', () => {
    // CMD_CONNECT over TCP.
    expect(framed(encodePacket(packet)).toString('hex')).toBe('5050827d08000000e80317fc00000000');
  });

  it('is found in a stream, however that is cut', () => {
    const bytes = framed(encodePacket({ ...packet, data: Buffer.from('~DeviceName=MB20\0') }));
    for (let cut = 0; cut < bytes.length; cut += 1) expect(unframed(bytes.subarray(0, cut))).toBeNull();
    const found = unframed(Buffer.concat([bytes, Buffer.from([1, 2])]));
    expect(found?.packet).toMatchObject({ command: 1_000 });
    expect(found?.packet.data.toString()).toBe('~DeviceName=MB20\0');
    expect(found?.rest).toEqual(Buffer.from([1, 2]));
  });

  it('is none when it begins otherwise, or says that it has no end', () => {
    expect(() => unframed(Buffer.from('HTTP/1.1 400'))).toThrow();
    expect(() => unframed(Buffer.from('5050827dffffffff', 'hex'))).toThrow();
    expect(decodePacket(Buffer.alloc(4))).toBeNull();
  });

  it.each([
    [0, 1, '617d3279'],
    [123_456, 4_660, '267f32eb'],
    [999_999, 65_535, '22813296'],
  ])('hides the comm key %s as pyzk does', (key, session, hex) => {
    expect(scrambledKey(key, session).toString('hex')).toBe(hex);
  });

  it('carries a time of day, in every month', () => {
    for (const day of [
      '2026-11-30T23:59:58Z',
      '2024-02-29T00:00:00Z',
      '2026-12-31T12:00:01Z',
      '2030-01-01T08:00:00Z',
    ]) {
      expect(decodeTime(encodeTime(Date.parse(day)))).toBe(Date.parse(day));
    }
  });
});
