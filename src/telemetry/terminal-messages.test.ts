import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figuresOf, plainText, readResponse, readStatus } from './terminal-messages.ts';

const say = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('messages of terminals', () => {
  it('reads a full status', () => {
    const message = {
      serial: 'A1',
      model: 'X606-S',
      firmware: 'Ver 8.0',
      time: '2026-11-24T07:58:00.500+08:00',
      users: 23,
      records: 1200,
      capacity: 100_000,
      lastPunch: null,
      uptimeS: 86_400,
    };
    expect(readStatus(say(message), 'A1')).toEqual({ ok: true, message });
  });

  it('refuses what is too large, no JSON, of a wrong form or of another terminal', () => {
    expect(readStatus(say({ model: 'x'.repeat(20_000) }), 'A1')).toEqual({ ok: false, reason: 'too-large' });
    expect(readStatus(Buffer.from('{"serial":'), 'A1')).toEqual({ ok: false, reason: 'not-json' });
    expect(readStatus(Buffer.from('['.repeat(16_000)), 'A1')).toEqual({ ok: false, reason: 'not-json' });
    expect(readStatus(say({ serial: 'A2' }), 'A1')).toEqual({ ok: false, reason: 'foreign-serial' });
    for (const wrong of [
      null,
      7,
      [],
      { users: -1 },
      { users: '7' },
      { users: 1e12 },
      { time: 'yesterday' },
      { time: '2026-11-24T07:58:00' },
      { uptimeS: null },
      { model: { toString: 1 } },
      { model: 'x'.repeat(300) },
    ]) {
      expect(readStatus(say(wrong), 'A1'), JSON.stringify(wrong)).toEqual({ ok: false, reason: 'malformed' });
    }
    expect(readResponse(say({ serial: 'A1' }), 'A1')).toEqual({ ok: false, reason: 'malformed' });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(typeof readStatus(Buffer.from(bytes), 'A1').ok).toBe('boolean');
          expect(typeof readResponse(Buffer.from(bytes), 'A1').ok).toBe('boolean');
        },
      ),
    );
  });

  it('takes half the way off the drift, and the age of a punch from the terminal’s own clock', () => {
    const received = Date.parse('2026-11-24T00:00:10.000Z');
    const figures = figuresOf(
      { time: '2026-11-24T00:00:39.700Z', lastPunch: '2026-11-24T07:59:39.700+08:00' },
      received,
      600,
    );
    expect(figures.clockDriftS).toBe(30);
    expect(figures.lastPunchAgeS).toBe(60);
    expect(figures.users).toBeNaN();
  });

  it('cleans text of control characters and of those that turn the direction', () => {
    expect(plainText(' X606\u0000-S\u202egnp.exe\n')).toBe('X606 -S gnp.exe');
  });
});
