import { expect, it } from 'vitest';
import { Shared } from './shared.ts';

it('gives one object to all that ask under one key', () => {
  const shared = new Shared<Uint16Array>();
  const make = (): Uint16Array => Uint16Array.of(1, 2);
  const one = shared.get('1 2', make);
  expect(shared.get('1 2', make)).toBe(one);
  expect(shared.get('1 3', make)).not.toBe(one);
});
