import { describe, expect, it } from 'vitest';
import { localText, momentOfLocal } from './local-time.ts';

describe('local times of a form', () => {
  it('are those of the zone, there and back', () => {
    const at = Date.parse('2026-11-30T00:00:00Z');
    expect(localText(at, 'Asia/Makassar')).toBe('2026-11-30T08:00');
    expect(momentOfLocal('2026-11-30T08:00', 'Asia/Makassar')).toBe(at);
  });

  it('stay right on both sides of a change of the clocks', () => {
    for (const text of ['2026-03-29T01:30', '2026-03-29T03:30', '2026-10-25T01:30', '2026-10-25T04:00']) {
      expect(localText(momentOfLocal(text, 'Europe/Berlin') ?? 0, 'Europe/Berlin')).toBe(text);
    }
  });

  it('are null when there is none', () => {
    expect(momentOfLocal('', 'Asia/Makassar')).toBeNull();
    expect(momentOfLocal('tomorrow', 'Asia/Makassar')).toBeNull();
  });
});
