import { describe, expect, it } from 'vitest';
import { plainLines, secretLines } from '../../../../tests/support/secret-lines.ts';
import { holdsSecret, maskedLine } from './masked-line.ts';

const secret = 'KENARI';

describe('a line in which somebody may look', () => {
  it.each(secretLines)('tells nothing of the secret of: %s', (line) => {
    for (const shown of [maskedLine(line), maskedLine(`  ${line}`), maskedLine(line.toUpperCase()).toUpperCase()]) {
      expect(shown).not.toContain(secret);
      expect(shown).toContain('•••');
    }
    expect(maskedLine(` ${line}`)).toBe(` ${maskedLine(line)}`);
    expect(maskedLine(maskedLine(line))).toBe(maskedLine(line));
    expect(holdsSecret(line)).toBe(true);
  });

  it.each(plainLines)('shows what is none: %s', (line) => {
    expect(maskedLine(line)).toBe(line);
    expect(holdsSecret(line)).toBe(false);
  });

  it('shows what the secret is of', () => {
    expect(maskedLine(' username ops privilege 15 secret 9 $9$KENARI')).toBe(' username ops privilege 15 secret •••');
    expect(maskedLine('snmp-server host 10.0.0.1 version 2c KENARI')).toBe('snmp-server host 10.0.0.1 •••');
    expect(maskedLine('path scp://ops:KENARI@10.0.0.1/backup')).toBe('path scp://ops:•••@10.0.0.1/backup');
    expect(maskedLine('description wifi, sandi:KENARI!')).toBe('description wifi, sandi:•••');
    expect(maskedLine('mystery 5 $9$KENARI')).toBe('mystery 5 •••');
  });

  it('takes no longer for a line that was made to be slow', () => {
    const begun = performance.now();
    for (const part of ['//a:', 'key=', 'a-', 'pass', 'key ', '$', '- ']) maskedLine(part.repeat(16_000));
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
