import { describe, expect, it } from 'vitest';
import {
  compareOverPackets,
  otherwise,
  recordingsWithInterfaces,
  versions,
  type Version,
} from '../support/recorded-devices.ts';

const names = recordingsWithInterfaces();
/** Mostly their polls are waited for. */
const atOnce = 6;
const kinds = Object.keys(versions) as Version[];

describe.skipIf(names.length === 0)('every recorded device over real packets (needs the folder of recordings)', () => {
  it.each(kinds)('gives its interfaces over %s', async (version) => {
    const wrong: string[] = [];
    const waiting = [...names];
    const work = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const found = await compareOverPackets(name, version);
        if (found.wrong.length > 0)
          wrong.push(`${name}: ${found.wrong.length} of ${found.wanted}: ${found.wrong[0] ?? ''}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    process.stdout.write(`${version}: ${names.length - wrong.length} of ${names.length} recordings as expected\n`);
    if (wrong.length > 0) process.stdout.write(`${wrong.join('\n')}\n`);
    expect(wrong.filter((line) => otherwise[line.split(':')[0] ?? ''] === undefined)).toEqual([]);
  });
});
