import { describe, expect, it } from 'vitest';
import { nameOf } from './key-names.ts';

const press = (key: string, more: Partial<Parameters<typeof nameOf>[0]> = {}) =>
  nameOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

describe('the name of a key press', () => {
  it('is the same with Ctrl and with Command, and in capitals', () => {
    expect(press('K', { ctrlKey: true })).toBe('Ctrl+k');
    expect(press('k', { metaKey: true })).toBe('Ctrl+k');
    expect(press('Escape')).toBe('Escape');
  });

  it('tells shifted letters apart, but takes ? as it is typed', () => {
    expect(press('X', { shiftKey: true })).toBe('Shift+x');
    expect(press('?', { shiftKey: true })).toBe('?');
  });
});
