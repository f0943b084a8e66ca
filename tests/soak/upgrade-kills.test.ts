import { afterAll, describe, expect, it } from 'vitest';
import { UpgradeKills } from '../support/upgrade-kills.ts';

describe('SIGKILL in the middle of an upgrade, 20 times', () => {
  const kills = new UpgradeKills({ seed: Number(process.env['ARUNG_TEST_SEED'] ?? 7), devices: 20_000 });
  afterAll(() => kills.remove());

  it('leaves the old schema or the new one, whole, and backups that are whole', async () => {
    const outcomes = await kills.upgrades(20);
    console.log(`upgrades killed: ${outcomes.old} times the old schema, ${outcomes.new} times the new one`);
    expect(outcomes.old + outcomes.new).toBe(20);
    expect(outcomes.old).toBeGreaterThan(0);
    expect(outcomes.new).toBeGreaterThan(0);
  });
});
