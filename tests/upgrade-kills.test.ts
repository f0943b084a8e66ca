import { afterAll, describe, expect, it } from 'vitest';
import { UpgradeKills } from './support/upgrade-kills.ts';

/** Three rounds of what tests/soak/upgrade-kills.test.ts does in twenty. */
describe('SIGKILL in the middle of an upgrade', () => {
  const kills = new UpgradeKills({ seed: 1, devices: 500 });
  afterAll(() => kills.remove());

  it('leaves the old schema or the new one, whole, and backups that are whole', { timeout: 600_000 }, async () => {
    const outcomes = await kills.upgrades(3);
    expect(outcomes.old + outcomes.new).toBe(3);
  });
});
