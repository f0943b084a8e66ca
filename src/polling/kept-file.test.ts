import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KeptFile } from './kept-file.ts';

let folder: string;
const log: { msg: string; file: string }[] = [];
const logger = pino({}, { write: (line) => void log.push(JSON.parse(line) as (typeof log)[number]) });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arung-kept-'));
  log.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

it('reads nothing where there is none, and says so of one that cannot be read', async () => {
  expect(await new KeptFile(join(folder, 'none'), logger).read()).toBeNull();
  expect(log).toEqual([]);
  expect(await new KeptFile(folder, logger).read()).toBeNull();
  expect(log).toMatchObject([{ msg: 'what was learned could not be read', file: folder }]);
});
