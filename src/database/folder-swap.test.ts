import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitSwap, contentOf, dropSwap, finishSwap, swapToConfirm } from './folder-swap.ts';

describe('a data folder that changes over', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'arung-swap-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function fill(dataDir: string): void {
    mkdirSync(join(dataDir, 'restoring', 'postgresql'), { recursive: true });
    mkdirSync(join(dataDir, 'postgresql'));
    writeFileSync(join(dataDir, 'postgresql', 'mark'), 'old');
    writeFileSync(join(dataDir, 'metrics.sqlite'), 'old');
    writeFileSync(join(dataDir, 'metrics.sqlite-wal'), 'old');
    writeFileSync(join(dataDir, 'controller.lock'), '');
    writeFileSync(join(dataDir, 'restoring', 'postgresql', 'mark'), 'new');
    writeFileSync(join(dataDir, 'restoring', 'metrics.sqlite'), 'new');
    writeFileSync(join(dataDir, 'restoring', 'controller.pid'), '1');
  }

  function expectNew(dataDir: string): void {
    expect(readFileSync(join(dataDir, 'postgresql', 'mark'), 'utf8')).toBe('new');
    expect(readFileSync(join(dataDir, 'metrics.sqlite'), 'utf8')).toBe('new');
    expect(contentOf(dataDir).sort()).toEqual(['metrics.sqlite', 'postgresql']);
    expect(readdirSync(join(dataDir, 'before-restore-t')).sort()).toEqual([
      'metrics.sqlite',
      'metrics.sqlite-wal',
      'postgresql',
    ]);
    expect(readFileSync(join(dataDir, 'before-restore-t', 'metrics.sqlite'), 'utf8')).toBe('old');
    expect(existsSync(join(dataDir, 'restoring'))).toBe(false);
  }

  it('is the old one until the journal is there, and the new one after it, wherever the moves are cut off', () => {
    let round = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), (moved) => {
        const dataDir = join(folder, String(round++));
        mkdirSync(dataDir);
        fill(dataDir);
        expect(finishSwap(dataDir)).toBe(false);
        expect(readFileSync(join(dataDir, 'metrics.sqlite'), 'utf8')).toBe('old');
        const { aside } = commitSwap(dataDir, 't', null);
        expect(aside).toBe(join(dataDir, 'before-restore-t'));
        // the first of the moves, as a run that was killed after them left it
        const journal = JSON.parse(readFileSync(join(dataDir, 'restore.json'), 'utf8')) as {
          old: string[];
          next: string[];
        };
        const moves: [string, string][] = [
          ...journal.old.map((name): [string, string] => [name, join('before-restore-t', name)]),
          ...journal.next.map((name): [string, string] => [join('restoring', name), name]),
        ];
        expect(moves).toHaveLength(5);
        mkdirSync(join(dataDir, 'before-restore-t'));
        for (const [from, to] of moves.slice(0, moved)) renameSync(join(dataDir, from), join(dataDir, to));
        expect(finishSwap(dataDir)).toBe(true);
        expectNew(dataDir);
        expect(finishSwap(dataDir)).toBe(false);
        expectNew(dataDir);
      }),
      { numRuns: 12 },
    );
  });

  it('stays the old one when the external database did not commit', () => {
    fill(folder);
    commitSwap(folder, 't', 'some-restore');
    expect(swapToConfirm(folder)).toBe('some-restore');
    dropSwap(folder);
    expect(finishSwap(folder)).toBe(false);
    expect(readFileSync(join(folder, 'metrics.sqlite'), 'utf8')).toBe('old');
  });
});
