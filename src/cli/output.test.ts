import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ArungError } from '../domain/errors.ts';
import { fail, table } from './output.ts';

describe('what a command prints', () => {
  let said = '';
  beforeEach(() => {
    said = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = 0;
  });

  it('lets no name steer the terminal', () => {
    const text = table(['NAME'], [['rtr\u001b[2J\u009b31m\r-01'], ['Desa Kahu']]);
    expect(text).toBe('NAME\nrtr\uFFFD[2J\uFFFD31m\uFFFD-01\nDesa Kahu\n');
    fail(new ArungError('invalid', 'There is no \u001b]0;owned\u0007 here.\nMend it.'));
    expect(said).toBe('arung: There is no \uFFFD]0;owned\uFFFD here.\nMend it.\n');
  });

  it('says of a full disk what to do, whoever found it', () => {
    const found = [
      Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
      Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 }),
      Object.assign(new Error('could not extend file'), { code: '53100' }),
    ];
    for (const error of found) {
      said = '';
      fail(error);
      expect(said).toMatch(/^arung: The disk is full: free some space/);
      said = '';
      fail(error, { json: true });
      expect(JSON.parse(said)).toMatchObject({ error: { kind: 'unavailable', code: 'disk.full' } });
    }
    expect(process.exitCode).toBe(1);
  });
});
