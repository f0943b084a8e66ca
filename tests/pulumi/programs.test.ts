import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { ProgramRunView, ProgramsView } from '../../src/api/program-schemas.ts';
import { describeWithPeer } from '../support/peers.ts';
import { ConsoleRuns, type ShownRun } from '../support/pulumi/console-runs.ts';
import { ManagedNetwork } from '../support/pulumi/controller.ts';
import { ProgramFolder, programWith } from '../support/pulumi/program-folder.ts';
import { Stack } from '../support/pulumi/stack.ts';

const root = join(import.meta.dirname, '../..');
const passphrase = 'kenari-frasa-sandi-uji';
const password = 'kenari-sandi-ani';
const canaries = [passphrase, password];
const device = 'rtr-c-01';
const settled = { timeout: 120_000, interval: 100 };

describeWithPeer('pulumi', 'programs run from the console, with the real Pulumi', (pulumi) => {
  let network: ManagedNetwork;
  let folder: ProgramFolder;
  /** Has the CLI and the stand-in for its language host in `bin`. */
  let cli: Stack;
  let runs: ConsoleRuns;

  beforeAll(async () => {
    folder = new ProgramFolder(programWith(password));
    cli = new Stack(pulumi, {});
    network = await ManagedNetwork.start(84, {
      ARUNG_PULUMI_DIR: folder.path,
      ARUNG_PULUMI_BIN: join(cli.folder, 'bin'),
    });
    runs = new ConsoleRuns(network, 'kahu');
  }, 240_000);
  afterAll(async () => {
    await network?.stop();
    folder?.remove();
    cli?.remove();
  }, 180_000);

  const configure = (address: string, waits = false): void =>
    folder.configure('kahu', { address, waits: String(waits), device });
  const begin = (operation: string) => runs.begin(operation);
  const look = (number: number) => runs.look(number);
  const over = (number: number) => runs.over(number);
  const ended = (operation: string) => runs.ended(operation);
  const addresses = () => network.hands.rows(device, '/ip/address').map(({ address }) => address);
  const stepsOf = ({ entries }: ShownRun) => entries.filter((entry) => entry.entry === 'step');
  const tokensOfRuns = async (): Promise<readonly string[]> => {
    const { items } = await network.ask<{ items: { name: string }[] }>('GET', '/tokens');
    return items.map(({ name }) => name).filter((name) => name.startsWith('pulumi '));
  };
  const openRollouts = async (): Promise<readonly number[]> => {
    const { items } = await network.ask<{ items: { number: number }[] }>('GET', '/rollouts?open=true');
    return items.map(({ number }) => number);
  };
  /** `up` to where its rollout waits: in the middle of it for as long as one likes. */
  async function waitingUp(address: string): Promise<{ readonly number: number; readonly rollout: number }> {
    configure(address, true);
    expect(await ended('preview')).toMatchObject({ state: 'done' });
    const { number } = await begin('up');
    const [rollout = 0] = await vi.waitFor(async () => {
      const { rollouts } = await network.ask<ProgramRunView>('GET', `/programs/runs/${number}`);
      expect(rollouts).toHaveLength(1);
      return rollouts;
    }, settled);
    return { number, rollout };
  }

  it('is previewed: nothing changes, and what would change is shown with what is at stake', async () => {
    configure('10.73.8.1/24');
    await expect(begin('preview')).rejects.toThrow(/program\.no-passphrase/);
    await network.ask('PUT', '/programs/passphrases/kahu', { passphrase });
    await expect(begin('up')).rejects.toThrow(/program\.not-previewed/);
    const { number, id } = await begin('preview');
    await expect(begin('refresh')).rejects.toThrow(/program\.under-way/);
    // While it goes on, nothing of it is in what anybody on this machine may read.
    const [seen, environments] = [new Set<string>(), new Set<string>()];
    await vi.waitFor(async () => {
      for (const line of commandLines()) seen.add(line);
      for (const environment of environmentsOf(id)) environments.add(environment);
      expect((await network.ask<ProgramRunView>('GET', `/programs/runs/${number}`)).endedAt).not.toBeNull();
    }, settled);
    expect([...seen].some((line) => line.includes('preview'))).toBe(true);
    expect([...seen].filter((line) => canaries.some((canary) => line.includes(canary)))).toEqual([]);
    // Its processes see what is theirs, and nothing of the controller's.
    const names = new Set([...environments].flatMap((one) => one.split('\0').map((line) => line.split('=')[0] ?? '')));
    names.delete('');
    expect(
      [...names].filter((name) => name !== 'NODE_CHANNEL_FD' && !name.startsWith('NODE_CHANNEL_')).toSorted(),
    ).toEqual(['HOME', 'LANG', 'NO_COLOR', 'PATH', 'PULUMI_HOME', 'PULUMI_SKIP_UPDATE_CHECK']);
    const run = await over(number);
    expect(run.problem).toBeNull();
    expect(run).toMatchObject({ state: 'done', cliVersion: '3.274.1', counts: { create: 3, update: 0, failed: 0 } });
    expect(stepsOf(run)).toMatchObject([
      {
        kind: 'create',
        state: 'planned',
        type: 'RouterosItem',
        name: expect.stringMatching(/^(lan|ani)$/),
      },
      { kind: 'create' },
      { kind: 'create', type: 'Rollout', name: 'rollout' },
    ]);
    const values = stepsOf(run).flatMap(({ changes }) => changes);
    expect(values).toContainEqual({ property: 'values.address', secret: false, computed: false, before: null, after: '10.73.8.1/24' }); // prettier-ignore
    expect(values).toContainEqual({ property: 'values.password', secret: true, computed: false, before: null, after: null }); // prettier-ignore
    expect(run.waves).toMatchObject([
      { refusal: null, waves: [{ devices: [device], worst: { devices: 3, sites: ['c'] } }] },
    ]);
    expect(run.entries).toContainEqual({ entry: 'message', severity: 'info', resource: null, text: 'alamat 10.73.8.1/24' }); // prettier-ignore
    expect(addresses()).not.toContain('10.73.8.1/24');
    expect(await openRollouts()).toEqual([]);
    expect(await tokensOfRuns()).toEqual([]);
  }, 180_000);

  it('is applied as it was previewed, and refused when it is another one by now', async () => {
    const path = join(folder.path, 'Pulumi.kahu.yaml');
    const configuration = readFileSync(path, 'utf8');
    configure('10.73.9.1/24');
    await expect(begin('up')).rejects.toThrow(/program\.changed-since-preview/);
    writeFileSync(path, configuration);
    const { stacks } = await network.ask<ProgramsView>('GET', '/programs');
    expect(stacks).toMatchObject([{ name: 'kahu', passphrase: 'console', preview: { number: stacks[0]?.lastRun?.number } }]); // prettier-ignore
    const run = await ended('up');
    expect(run.problem).toBeNull();
    expect(run).toMatchObject({ state: 'done', counts: { create: 3 }, rollouts: [expect.any(Number)] });
    expect(stepsOf(run).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(addresses()).toContain('10.73.8.1/24');
    expect(await network.ask('GET', `/rollouts/${run.rollouts[0]}`)).toMatchObject({
      state: 'done',
      requestedBy: `pulumi kahu #${run.number} (${run.requestedBy})`,
    });
    // One `up` for a preview.
    await expect(begin('up')).rejects.toThrow(/program\.not-previewed/);
    expect(await tokensOfRuns()).toEqual([]);
  }, 180_000);

  it('shows no change after that, and what a hand has changed since', async () => {
    expect(await ended('preview')).toMatchObject({ state: 'done', counts: { create: 0, update: 0, same: 4 } });
    const { hands } = network;
    hands.byHand(device, '/ip/address/set', { '.id': hands.idOf(device, '/ip/address', { address: '10.73.8.1/24' }), address: '10.73.8.9/24' }); // prettier-ignore
    await network.ask('POST', '/intents/look', { devices: [device] });
    const run = await ended('refresh');
    expect(run.problem).toBeNull();
    const [found] = stepsOf(run).filter(({ name }) => name === 'lan');
    expect(found?.changes.map(({ before, after }) => [before, after])).toContainEqual(['10.73.8.1/24', '10.73.8.9/24']);
    const preview = await ended('preview');
    expect(stepsOf(preview).find(({ name }) => name === 'lan')).toMatchObject({ kind: 'update' });
    expect(await ended('up')).toMatchObject({ state: 'done' });
    expect(addresses()).toContain('10.73.8.1/24');
  }, 180_000);

  it('is cancelled as by Ctrl-C: it ends cleanly, and its rollout goes on', async () => {
    const { number, rollout } = await waitingUp('10.73.61.1/24');
    const cancelled = await network.ask<ProgramRunView>('POST', `/programs/runs/${number}/cancel`);
    expect(cancelled.state === 'cancelling' || cancelled.state === 'cancelled').toBe(true);
    const run = await over(number);
    expect(run).toMatchObject({ state: 'cancelled', holdsLock: false });
    expect(JSON.stringify(run.entries)).toMatch(/goes on in Arung/);
    expect(await openRollouts()).toEqual([rollout]);
    await network.ask('POST', `/rollouts/${rollout}/abort`);
    await expect(network.ask('POST', `/programs/runs/${number}/cancel`)).rejects.toThrow(/program\.over/);
    configure('10.73.8.1/24');
    // No lock is left: the next one needs no help.
    expect(await ended('preview')).toMatchObject({ state: 'done' });
  }, 180_000);

  it('ends when who has started it may no longer', async () => {
    const mine = network.token;
    network.token = await network.tokenOf('operator');
    const { number } = await begin('preview');
    network.token = mine;
    const run = await network.ask<ProgramRunView>('GET', `/programs/runs/${number}`);
    const { items } = await network.ask<{ items: { id: string; name: string }[] }>('GET', '/tokens');
    await network.ask('DELETE', `/tokens/${items.find(({ name }) => name === run.requestedBy)?.id}`);
    expect(await over(number)).toMatchObject({ state: 'cancelled', problem: { code: 'program.rights-gone' } });
    expect(await tokensOfRuns()).toEqual([]);
  }, 180_000);

  it('is broken off when the controller is killed, and the next run takes its lock away', async () => {
    const port = new URL(network.url).port;
    await network.stopController();
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ARUNG_')));
    const controller = spawn(join(root, 'arung'), ['serve'], {
      env: { ...env, ...network.settings(port) },
      stdio: 'ignore',
      detached: true,
    });
    const url = `http://127.0.0.1:${port}`;
    const gone = new Promise((resolve) => controller.once('exit', resolve));
    network.at(url);
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).ok).toBe(true), settled);
    const { number, rollout } = await waitingUp('10.73.62.1/24');
    const { id } = await network.ask<ProgramRunView>('GET', `/programs/runs/${number}`);
    expect(commandLines().filter((line) => line.includes(id))).toHaveLength(1);
    process.kill(controller.pid ?? 0, 'SIGKILL');
    await gone;
    // Nobody is left who works on the stack: the runner ends what it has started.
    await vi.waitFor(() => expect(commandLines().filter((line) => line.includes(folder.path) || line.includes(id))).toEqual([]), settled); // prettier-ignore
    network.at(null);
    await network.startController(port);
    expect(await look(number)).toMatchObject({
      state: 'broken-off',
      problem: { code: 'program.broken-off' },
      holdsLock: true,
    });
    expect(await tokensOfRuns()).toEqual([]);
    await network.ask('POST', `/rollouts/${rollout}/abort`);
    configure('10.73.8.1/24');
    expect(await ended('preview')).toMatchObject({ state: 'done', problem: null });
    expect(await look(number)).toMatchObject({ holdsLock: false });
  }, 240_000);

  it('says what is wrong: the passphrase, and what the program itself says', async () => {
    const wrong = () => network.ask('PUT', '/programs/passphrases/kahu', { passphrase: `${passphrase}-salah` });
    await expect(wrong()).rejects.toThrow(/program\.wrong-passphrase/);
    await folder.withoutSalt('kahu', wrong);
    expect(await ended('preview')).toMatchObject({ state: 'failed', problem: { code: 'program.wrong-passphrase' } });
    await network.ask('PUT', '/programs/passphrases/kahu', { passphrase });
    folder.append("throw new Error('rusak sekali');\n");
    const run = await ended('preview');
    expect(run).toMatchObject({ state: 'failed', problem: { code: 'program.failed' } });
    const errors = run.entries.filter((entry) => entry.entry === 'message' && entry.severity === 'error');
    expect(JSON.stringify(errors)).toContain('rusak sekali');
    folder.append('');
  }, 180_000);

  it('tells no secret: not in what is shown, kept, logged, audited, nor in the state', async () => {
    const { db } = network.controller.database;
    const tables = ['program_runs', 'program_run_entries', 'program_passphrases', 'audit_log', 'events', 'api_tokens'];
    const rows = await Promise.all(
      tables.map(
        async (table) => (await sql`select row_to_json(t)::text as row from ${sql.table(table)} t`.execute(db)).rows,
      ),
    );
    const answers = await Promise.all(
      ['/programs', '/programs/runs?stack=kahu', '/audit?limit=500', '/events?limit=500'].map((path) =>
        network.ask('GET', path),
      ),
    );
    const state = readFileSync(join(folder.path, 'state/.pulumi/stacks/arung/kahu.json'), 'utf8');
    const own = files(join(network.settings('0')['ARUNG_DATA_DIR'] ?? '', 'programs')).map((path) =>
      readFileSync(path, 'latin1'),
    );
    const all = [network.log, state, ...runs.heard, JSON.stringify(rows), JSON.stringify(answers), ...own];
    expect(rows.every((found) => found.length > 0)).toBe(true);
    expect(all.map((text) => canaries.filter((canary) => text.includes(canary)))).toEqual(all.map(() => []));
    expect(JSON.stringify(answers)).toContain('"program-passphrase"');
  });
});

/** Of all processes that this user may see. */
function commandLines(): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
    } catch {
      return [];
    }
  });
}

/** Of the process that leads a run. */
function environmentsOf(id: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const isIt = /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(id);
      return isIt ? [readFileSync(`/proc/${pid}/environ`, 'utf8')] : [];
    } catch {
      return [];
    }
  });
}

function files(folder: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
