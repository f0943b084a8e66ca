import { describe, expect, it } from 'vitest';
import {
  compareOverPackets,
  otherwise,
  recordingsWithInterfaces,
  versions,
  type Version,
} from '../../tests/support/recorded-devices.ts';

const names = recordingsWithInterfaces().filter((name) => otherwise[name] === undefined);
/** A spread of them, each by another version in turn; all by all versions: tests/soak/recordings.test.ts. */
const every = 12;
const kinds = Object.keys(versions) as Version[];
const some = names
  .filter((_, i) => i % every === 0)
  .map((name, i) => [name, kinds[i % kinds.length] ?? 'v2c'] as const);

describe.skipIf(some.length === 0)('recorded devices over real packets (needs the folder of recordings)', () => {
  it.each(some)('%s gives its interfaces over %s', { timeout: 300_000 }, async (name, version) => {
    const { wanted, wrong } = await compareOverPackets(name, version);
    expect(wanted).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });
});
