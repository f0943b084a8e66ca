import { afterAll, describe, expect, it } from 'vitest';
import { BackupKills } from './support/backup-kills.ts';

/** Three rounds of what tests/soak/backup-kills.test.ts does in twenty. */
describe('SIGKILL in the middle', () => {
  const kills = new BackupKills(1);
  afterAll(() => kills.remove());

  it('of a backup leaves the earlier file or the new one, whole', { timeout: 600_000 }, async () => {
    const outcomes = await kills.backups(2);
    expect(outcomes.old + outcomes.new).toBe(2);
  });

  it('of a restore leaves the old state or the new one, whole', { timeout: 600_000 }, async () => {
    const outcomes = await kills.restores(3);
    expect(outcomes.old + outcomes.new).toBe(3);
  });
});
