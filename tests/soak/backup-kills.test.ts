import { afterAll, describe, expect, it } from 'vitest';
import { BackupKills } from '../support/backup-kills.ts';

describe('SIGKILL in the middle, 20 times', () => {
  const kills = new BackupKills(Number(process.env['ARUNG_TEST_SEED'] ?? 7));
  afterAll(() => kills.remove());

  it('of a backup leaves the earlier file or the new one, whole', async () => {
    const outcomes = await kills.backups(20);
    console.log(`backups killed: ${outcomes.old} times the earlier file, ${outcomes.new} times the new one`);
    expect(outcomes.old + outcomes.new).toBe(20);
    expect(outcomes.old).toBeGreaterThan(0);
  });

  it('of a restore leaves the old state or the new one, whole', async () => {
    const outcomes = await kills.restores(20);
    console.log(`restores killed: ${outcomes.old} times the old state, ${outcomes.new} times the new one`);
    expect(outcomes.old + outcomes.new).toBe(20);
    expect(outcomes.old).toBeGreaterThan(0);
    expect(outcomes.new).toBeGreaterThan(0);
  });
});
