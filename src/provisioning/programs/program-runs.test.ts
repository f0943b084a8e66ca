import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { accessOf, createTestInventory, type TestInventory } from '../../../tests/support/inventory.ts';
import { systemAccess, type Access } from '../../domain/access.ts';
import { newId } from '../../domain/ids.ts';
import type { ProgramOperation, ProgramRunState } from '../../domain/program-run.ts';
import { Passphrases } from './passphrases.ts';
import { programHash } from './program-hash.ts';
import { ProgramRuns } from './program-runs.ts';
import type { RunTokens } from './run-tokens.ts';
import { RunStore, type RunChange } from './run-store.ts';

const system = systemAccess('test');
const operator = accessOf('operator', null);
const passphrase = 'sebelas kapal ke utara';
const script = join(import.meta.dirname, 'runner/program-runner.ts');

/**
 * What is refused before any process is started, and what a controller finds that comes after one that died. Runs
 * themselves are tests with the real CLI: tests/pulumi/programs.test.ts.
 */
describe('runs of programs', { timeout: 60_000 }, () => {
  let test: TestInventory;
  let folder: string;
  let store: RunStore;
  let passphrases: Passphrases;
  let runs: ProgramRuns;
  let now = Date.now();
  const revoked: string[] = [];
  const unused = newId<never>() as string;
  let make: RunTokens['make'];
  const tokens: RunTokens = {
    make: (access, named) => make(access, named),
    revoke: async (id) => void revoked.push(id),
    accessNow: async (access) => access,
    onWithdrawn: () => () => undefined,
  };
  const clock = { now: () => now } as ConstructorParameters<typeof Passphrases>[0]['clock'];

  beforeAll(async () => {
    test = await createTestInventory();
  });
  afterAll(() => test?.close());
  beforeEach(async () => {
    now = Date.now();
    make = () => Promise.reject(new Error('nothing is started here'));
    folder = mkdtempSync(join(tmpdir(), 'arung-programs-'));
    writeFileSync(join(folder, 'Pulumi.yaml'), 'name: arung\n');
    writeFileSync(join(folder, 'Pulumi.kahu.yaml'), 'config: {}\n');
    symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
    mkdirSync(join(folder, 'bin'));
    // It is looked for, and never run.
    writeFileSync(join(folder, 'bin/pulumi'), '');
    chmodSync(join(folder, 'bin/pulumi'), 0o755);
    const { db } = test.database;
    await db.deleteFrom('program_runs').execute();
    await db.deleteFrom('program_passphrases').execute();
    const common = { db, changes: test.inventory.changes, clock };
    store = new RunStore(db);
    passphrases = new Passphrases({ ...common, sealer: test.vault, usual: null });
    runs = new ProgramRuns({
      ...common,
      store,
      passphrases,
      tokens,
      settings: { folder, cliFolder: join(folder, 'bin') },
      home: join(folder, 'home'),
      reach: () => ({}),
      logger: pino({ level: 'silent' }),
    });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** As one that was run before. */
  async function past(operation: ProgramOperation, state: ProgramRunState, change: RunChange = {}): Promise<string> {
    const id = newId<never>() as string;
    const run = { id, stack: 'kahu', operation, requestedBy: 'ani', createdAt: now };
    await test.database.db.transaction().execute((trx) => store.insert(trx, run));
    const isOver = state !== 'running' && state !== 'cancelling';
    await store.write(id, { state, ...(isOver ? { endedAt: now } : {}), ...change });
    return id;
  }
  const begin = (operation: ProgramOperation, access: Access = operator, stack = 'kahu') =>
    runs.begin(access, { stack, operation });
  const hash = () => programHash(folder, 'kahu');

  it('are for who may configure all of the network, and seen by who may see all of it', async () => {
    await runs.putPassphrase(system, 'kahu', passphrase);
    const id = await past('preview', 'done');
    for (const access of [accessOf('operator', '73.08'), accessOf('administrator', '73.08.02')]) {
      await expect(begin('preview', access)).rejects.toMatchObject({ code: 'program.whole-network' });
      await expect(runs.list(access)).rejects.toMatchObject({ code: 'program.whole-network' });
      await expect(runs.runs(access, 'kahu', 5)).rejects.toMatchObject({ code: 'program.whole-network' });
      await expect(runs.get(access, id)).rejects.toMatchObject({ code: 'program.whole-network' });
      await expect(runs.entries(access, id, 0)).rejects.toMatchObject({ code: 'program.whole-network' });
      await expect(runs.cancel(access, id)).rejects.toMatchObject({ code: 'program.whole-network' });
      await expect(runs.putPassphrase(access, 'kahu', 'x')).rejects.toMatchObject({ code: 'program.whole-network' });
      await expect(runs.removePassphrase(access, 'kahu')).rejects.toMatchObject({ code: 'program.whole-network' });
    }
    const technician = accessOf('technician', null);
    await expect(begin('preview', technician)).rejects.toMatchObject({ code: 'program.whole-network' });
    await expect(runs.cancel(technician, id)).rejects.toMatchObject({ code: 'program.whole-network' });
    expect(await runs.list(technician)).toMatchObject({ stacks: [{ name: 'kahu' }] });
    // Passphrases are for administrators.
    await expect(runs.putPassphrase(operator, 'kahu', 'x')).rejects.toMatchObject({ code: 'program.whole-network' });
  });

  it('need a program, a stack of it and its passphrase', async () => {
    await expect(begin('preview')).rejects.toMatchObject({ code: 'program.no-passphrase' });
    await expect(begin('preview', operator, 'lain')).rejects.toMatchObject({ code: 'program.no-stack' });
    rmSync(join(folder, 'bin'), { recursive: true });
    await expect(begin('preview')).rejects.toMatchObject({ code: 'program.not-ready', arguments: { missing: 'cli' } });
    expect(await runs.list(operator)).toEqual({ missing: 'cli', folder, project: null, stacks: [] });
  });

  it('keep a passphrase sealed, and say of it no more than that it is there', async () => {
    await runs.putPassphrase(system, 'kahu', 'salah');
    await runs.putPassphrase(system, 'kahu', passphrase);
    expect(await passphrases.of('kahu')).toBe(passphrase);
    const { db } = test.database;
    const row = await db.selectFrom('program_passphrases').selectAll().executeTakeFirstOrThrow();
    expect(row.sealed.includes(passphrase)).toBe(false);
    const log = JSON.stringify(await test.audit.list(system, { limit: 50, entityKind: 'program-passphrase' }));
    expect(log).toContain('"kahu"');
    expect(log).not.toContain(passphrase);
    expect(JSON.stringify(await runs.list(system))).not.toContain(passphrase);
    expect(await runs.list(system)).toMatchObject({ stacks: [{ passphrase: 'console' }] });
    await runs.removePassphrase(system, 'kahu');
    expect(await runs.list(system)).toMatchObject({ stacks: [{ passphrase: null }] });
  });

  it('take the passphrase that a stack was made with, and refuse another at once', async () => {
    const salt = 'v1:UQC+WlRg8Xk=:v1:thdc6Yyv04b8A4K2:i7C6zQcYAf7mpiQ95EbP6cPd3gMV+w==';
    writeFileSync(join(folder, 'Pulumi.kahu.yaml'), `encryptionsalt: ${salt}\nconfig: {}\n`);
    await expect(runs.putPassphrase(system, 'kahu', passphrase)).rejects.toMatchObject({
      code: 'program.wrong-passphrase',
      arguments: { stack: 'kahu' },
    });
    expect(await passphrases.of('kahu')).toBeNull();
    await runs.putPassphrase(system, 'kahu', 'frasa-sandi-uji');
    expect(await passphrases.of('kahu')).toBe('frasa-sandi-uji');
  });

  describe('of `up`', () => {
    beforeEach(() => runs.putPassphrase(system, 'kahu', passphrase));

    it.each([
      ['without a preview', async () => undefined],
      ['after one that failed', async () => past('preview', 'failed', { programHash: await hash() })],
      ['after one that was broken off', async () => past('preview', 'broken-off', { programHash: await hash() })],
      ['after one during which the program was changed', async () => past('preview', 'done', { programHash: null })],
      [
        'when something was done since',
        async () => {
          await past('preview', 'done', { programHash: await hash() });
          await past('refresh', 'done', { programHash: await hash() });
        },
      ],
    ])('are refused %s', async (_, before) => {
      await before();
      await expect(begin('up')).rejects.toMatchObject({ code: 'program.not-previewed' });
      expect(await runs.list(operator)).toMatchObject({ stacks: [{ preview: null }] });
    });

    it('are refused when the program is another one, or the preview an hour old', async () => {
      await past('preview', 'done', { programHash: await hash() });
      const { stacks } = await runs.list(operator);
      expect(stacks[0]?.preview).toEqual({ number: stacks[0]?.lastRun?.number, untilMs: now + 3_600_000 });
      writeFileSync(join(folder, 'Pulumi.kahu.yaml'), 'config: { a: b }\n');
      await expect(begin('up')).rejects.toMatchObject({ code: 'program.changed-since-preview' });
      expect(await runs.list(operator)).toMatchObject({ stacks: [{ preview: null }] });
      writeFileSync(join(folder, 'Pulumi.kahu.yaml'), 'config: {}\n');
      now += 3_600_001;
      await expect(begin('up')).rejects.toMatchObject({ code: 'program.preview-too-old' });
      now -= 1_000;
      // It gets as far as being started.
      await expect(begin('up')).rejects.toThrow('nothing is started here');
    });
  });

  it('go one at a time for each stack, and one that could not be started is over', async () => {
    await runs.putPassphrase(system, 'kahu', passphrase);
    const id = await past('up', 'running');
    await expect(begin('preview')).rejects.toMatchObject({ code: 'program.under-way' });
    await expect(begin('refresh')).rejects.toMatchObject({ code: 'program.under-way' });
    // It is not ours to end: nobody runs it.
    await expect(runs.cancel(operator, id)).rejects.toMatchObject({ code: 'program.over' });
    await store.write(id, { state: 'done', endedAt: now });
    await expect(begin('preview')).rejects.toThrow('nothing is started here');
    const [last] = await runs.runs(operator, 'kahu', 5);
    expect(last).toMatchObject({ operation: 'preview', state: 'failed', requestedBy: operator.name });
    expect(last?.endedAt).not.toBeNull();
    const log = await test.audit.list(system, { limit: 5, entityKind: 'program' });
    expect(log[0]).toMatchObject({ action: 'preview', actorName: operator.name, entityName: 'kahu' });
    expect(JSON.stringify(log[0])).toContain(await hash());
  });

  it('whose process cannot be started give their token back, and leave nothing that would end them later', async () => {
    await runs.putPassphrase(system, 'kahu', passphrase);
    make = async () => ({ id: unused, token: 'arung_x' });
    writeFileSync(join(folder, 'home'), 'no folder');
    const timers = vi.spyOn(globalThis, 'setTimeout');
    await expect(begin('preview')).rejects.toThrow(/ENOTDIR|EEXIST/);
    expect(timers.mock.calls.filter(([, ms]) => (ms ?? 0) > 3_600_000)).toEqual([]);
    timers.mockRestore();
    expect(revoked).toContain(unused);
    expect((await runs.runs(operator, 'kahu', 1))[0]).toMatchObject({ state: 'failed' });
  });

  it('that a controller has left are broken off: what is there of them is ended, their token goes, their lock is known', async () => {
    const second = await past('preview', 'done');
    const id = await past('up', 'running', { tokenId: newId<never>() });
    const other = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore', detached: true });
    const left = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)', script, id], {
      stdio: 'ignore',
      detached: true,
    });
    const ended = once(left, 'exit');
    try {
      await store.write(id, { pid: left.pid ?? 0 });
      await runs.start();
      await ended;
      expect(left.signalCode).toBe('SIGKILL');
      expect(revoked.filter((one) => one !== unused)).toHaveLength(1);
      expect(await runs.get(operator, id)).toMatchObject({ state: 'broken-off', problem: { code: 'program.broken-off' }, holdsLock: true }); // prettier-ignore
      expect(await runs.get(operator, second)).toMatchObject({ state: 'done', holdsLock: false });
      // The number of a process that is another's by now.
      const third = await past('up', 'running', { pid: other.pid ?? 0 });
      await runs.start();
      expect(await runs.get(operator, third)).toMatchObject({ state: 'broken-off' });
      expect(other.exitCode ?? other.signalCode).toBeNull();
    } finally {
      other.kill('SIGKILL');
      left.kill('SIGKILL');
      await runs.stop();
    }
  });

  it('are kept for the last fifty of a stack, and tell what has changed since one looked', async () => {
    for (let n = 0; n < 51; n++) await past('preview', 'done');
    expect(await runs.runs(operator, 'kahu', 50)).toHaveLength(50);
    const [last] = await runs.runs(operator, 'kahu', 1);
    const id = last?.id ?? '';
    const say = (place: number, text: string) => ({ place, entry: { entry: 'message', severity: 'info', resource: null, text } as const }); // prettier-ignore
    await store.write(id, {}, [say(0, 'satu'), say(1, 'dua')]);
    const first = await runs.entries(operator, id, 0);
    expect(first.items.map(({ entry }) => entry)).toMatchObject([{ text: 'satu' }, { text: 'dua' }]);
    expect((await runs.entries(operator, id, first.revision)).items).toEqual([]);
    await store.write(id, {}, [say(1, 'dua lagi')]);
    expect((await runs.entries(operator, id, first.revision)).items).toEqual([say(1, 'dua lagi')]);
  });
});
