import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { program } from '../src/cli/program.ts';
import { hasPlace } from '../src/database/postgres-place.ts';
import { Demo } from './support/demo.ts';

const executable = join(import.meta.dirname, '../arung');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `./arung …` as a user does; never rejects. */
function arung(args: readonly string[], env: NodeJS.ProcessEnv, cwd?: string): Promise<Ended> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ARUNG_')));
  return new Promise((resolve) => {
    execFile(
      executable,
      args,
      { env: { ...own, ...env }, ...(cwd !== undefined && { cwd }) },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
      },
    );
  });
}

/** Everything that a person can get wrong: each ends with a sentence on stderr that says what to do, and loses nothing. */
describe('the command line', { timeout: 300_000 }, () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const controller = new Demo();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-cli-'));
    chmodSync(folder, 0o711);
    await controller.start('serve');
    env = { ARUNG_DATA_DIR: controller.dataDir, ARUNG_KEY_FILE: `${controller.dataDir}.key`, ARUNG_PORT: '0' };
  }, 300_000);
  afterAll(async () => {
    await controller.remove();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('has --json and a sentence of help for every command', async () => {
    const without: string[] = [];
    const walk = (command: Command, path: string): void => {
      if (command.description() === '') without.push(`${path}: what it is for`);
      const below = command.commands;
      if (below.length === 0 && !command.options.some(({ long }) => long === '--json')) without.push(`${path}: --json`);
      for (const one of below) walk(one, `${path} ${one.name()}`);
    };
    walk(program, 'arung');
    expect(without).toEqual([]);
    const { code, stdout } = await arung(['rollouts', 'plan', '--help'], env);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('--json') as string });
  });

  it('answers a wrong option or command with one line and where to read on, never with a stack', async () => {
    const plan = ['rollouts', 'plan', '--inventory', 'none.json', '--devices', 'all'];
    const whole = 'give a whole number from 1 to 10000';
    for (const [args, said] of [
      [[...plan, '--batch', '0'], `error: option '--batch <n>' argument '0' is invalid. ${whole}`],
      [[...plan, '--batch', 'x'], `error: option '--batch <n>' argument 'x' is invalid. ${whole}`],
      [['simulate', 'failures', '--loss', '101'], "error: option '--loss <percent>' argument '101' is invalid. give a number from 0 to 100"], // prettier-ignore
      [['token', 'create', '--role', 'x'], "error: option '--role <role>' argument 'x' is invalid. give one of: "],
      [['inventori', '--help'], "error: unknown command 'inventori': did you mean inventory?"],
    ] as const) {
      const { code, stdout, stderr } = await arung(args, env);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr.startsWith(said)).toBe(true);
      expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    }
  });

  it('refuses wrong settings, all at once, with the line of the file or the name in the environment', async () => {
    writeFileSync(join(folder, 'arung.toml'), '# ours\nport = 99999\nprot = 8080\nlanguage = "fr"\n');
    const { code, stdout, stderr } = await arung(['serve'], { ...env, ARUNG_PORT: undefined, ARUNG_PROT: '1' }, folder);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`${folder}/arung.toml line 2: The value "99999" of port is not accepted`);
    expect(stderr).toContain(`${folder}/arung.toml line 3: prot is not a setting (did you mean port?)`);
    expect(stderr).toContain(
      `${folder}/arung.toml line 4: The value "fr" of language is not accepted: give one of: id, en.`,
    );
    expect(stderr).toContain('environment: ARUNG_PROT is not a setting (did you mean ARUNG_PORT?)');
    writeFileSync(join(folder, 'arung.toml'), 'port = 80\nhost = 127.0.0.1\n');
    const broken = await arung(['config', '--json'], { ...env, ARUNG_PORT: undefined }, folder);
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.stderr)).toMatchObject({ error: { code: 'config.invalid', details: [{ line: 2 }] } });
    rmSync(join(folder, 'arung.toml'));
  });

  it('refuses a second start on the same data, and the first goes on', async () => {
    const { code, stderr } = await arung(['serve'], env);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^arung: The data folder .* is in use by another Arung \(process \d+\): stop that one, or give/,
    );
    expect((await controller.status()).devices.up).toBe(0);
  });

  it('lets a start and a command at the same moment wait for each other', async () => {
    const fresh = new Demo();
    try {
      const starting = fresh.start('serve');
      // Before the start has made its place there is nothing to list, and the command says so.
      const placed = vi.waitFor(() => expect(hasPlace(fresh.dataDir)).toBe(true), { timeout: 30_000, interval: 5 });
      const [listed] = await Promise.all([placed.then(() => fresh.cli('user', 'list', '--json')), starting]);
      expect(JSON.parse(listed)).toMatchObject({ next: null });
    } finally {
      await fresh.remove();
    }
  });

  it('refuses a port that is in use, and leaves nothing running', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await arung(['serve'], {
      ARUNG_DATA_DIR: join(folder, 'second'),
      ARUNG_KEY_FILE: join(folder, 'second.key'),
      ARUNG_PORT: String(port),
      ARUNG_LOG_LEVEL: 'silent',
      ARUNG_ADMIN_PASSWORD: 'palattae-kahu-1',
    });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `arung: Port ${port} of 127.0.0.1 is in use by another program: stop that one, or choose another with ARUNG_PORT (0 takes a free one).\n`,
    );
  });

  it('refuses a wrong file with line and column, and imports nothing of it', async () => {
    expect((await arung(['regions', 'import', '73.08.02'], env)).code).toBe(0);
    const file = join(folder, 'sites.csv');
    const head = 'code,name,kind,network,region\n';
    writeFileSync(file, `${head}kec-kahu,Kahu,district,smart-city,73.08.02\nx y,Salah,kota,smart-city,73.99\n`);
    for (const more of [['--dry-run'], [], ['--json']]) {
      const { code, stdout, stderr } = await arung(['inventory', 'import', file, '--list', 'sites', ...more], env);
      expect(code).toBe(1);
      expect(stderr).toContain('Line 3, column code');
      expect(stderr).toContain('Line 3, column kind');
      if (!more.includes('--json')) expect(stdout).toBe('');
    }
    const { items } = await controller.get<{ items: unknown[] }>('/api/v1/sites');
    expect(items).toEqual([]);
    writeFileSync(
      file,
      `${head}kec-kahu,Kahu,district,smart-city,73.08.02\nkec-kahu,Kahu,district,smart-city,73.08.02\n`,
    );
    const twice = await arung(['inventory', 'import', file, '--list', 'sites'], env);
    expect(twice.code).toBe(1);
    expect(twice.stderr).toContain('Line 3');
    const nameless = await arung(['inventory', 'import', file], env);
    expect(nameless.stderr).toContain('A CSV holds one list: say which with --list');
    for (const [list, said] of [
      ['foo', '--list foo is not a list: give one of regions, '],
      ['site', '--list site is not a list: did you mean sites?'],
    ] as const) {
      const unknown = await arung(['inventory', 'export', '--list', list], env);
      expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(said) as string });
    }
    const missing = await arung(['inventory', 'import', join(folder, 'none.json')], env);
    expect(missing.stderr).toContain('(ENOENT): check the path.');
    const latin = join(folder, 'latin.json');
    writeFileSync(latin, Buffer.from([0x7b, 0xff, 0xfe, 0x00]));
    expect((await arung(['inventory', 'import', latin], env)).stderr).toMatch(/line 1/i);
  });

  it('makes no token, user or list where no controller keeps anything, and leaves nothing there', async () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    const file = join(folder, 'first.json');
    writeFileSync(file, '{"format":"arung-inventory/1"}');
    for (const args of [
      ['token', 'create', '--name', 'pulumi', '--role', 'operator'],
      ['user', 'create', 'siti', '--role', 'viewer'],
      ['inventory', 'export'],
      ['inventory', 'import', file, '--dry-run'],
      ['audit', 'verify'],
    ]) {
      const refused = await arung(args, {}, elsewhere);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(/^arung: Arung keeps nothing in .*\/elsewhere\/var: name the data folder/);
    }
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('writes a list as CSV and as JSON', async () => {
    const file = join(folder, 'contacts.csv');
    writeFileSync(file, 'name,phone\n"=HYPERLINK(""http://x"")",+62 811\n');
    expect((await arung(['inventory', 'import', file, '--list', 'contacts'], env)).code).toBe(0);
    const csv = await arung(['inventory', 'export', '--list', 'contacts'], env);
    expect(csv.stdout).not.toMatch(/^"?=/m);
    const json = await arung(['inventory', 'export', '--list', 'contacts', '--json'], env);
    expect(JSON.parse(json.stdout)).toMatchObject({
      format: 'arung-inventory/1',
      contacts: [{ name: '=HYPERLINK("http://x")', phone: '+62 811' }],
    });
  });

  it('makes a token of a name that there is only where it shall end the other one', async () => {
    const create = ['token', 'create', '--name', 'pulumi', '--role', 'operator'];
    const first = await arung(create, env);
    expect(first.stdout).toMatch(/^arung_[\w-]{43}\n$/);
    const again = await arung(create, env);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/There is a token pulumi already: `--replace` ends it/);
    const second = await arung([...create, '--replace'], env);
    expect(second.stdout).toMatch(/^arung_[\w-]{43}\n$/);
    expect(second.stdout).not.toBe(first.stdout);
    expect((await arung(['token', 'list'], env)).stdout.match(/^pulumi /gm)).toHaveLength(1);
  });

  it('fails with its reason on stderr and nothing on stdout', async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['nonsense'], /unknown command/],
      [['token', 'create', '--name', 'x'], /required option '--role/],
      [['token', 'create', '--name', 'x', '--role', 'king'], /give one of: viewer/],
      [['token', 'create', '--name', 'x', '--role', 'viewer', '--region', '99.99'], /99\.99/],
      [['token', 'revoke', 'nobody'], /There is no token nobody/],
      [['user', 'reset', 'nobody'], /nobody/],
      [['regions', 'import', '99'], /99/],
      [['simulator', 'cut', 'x'], /No simulated backbone runs/],
      [['simulator', 'slow', 'x', 'y'], /y is no delay/],
    ];
    for (const [args, reason] of wrong) {
      const { code, stdout, stderr } = await arung(args, env);
      expect(code, args.join(' ')).not.toBe(0);
      expect(stderr, args.join(' ')).toMatch(reason);
      expect(stderr, args.join(' ')).not.toMatch(/^ {4}at /m);
      expect(stdout, args.join(' ')).toBe('');
    }
  });

  it('says whether a controller runs and is ready', async () => {
    const up = await arung(['status', '--json'], env);
    expect(JSON.parse(up.stdout)).toMatchObject({ url: controller.url, ready: { status: 'ready' } });
    const none = await arung(['status'], { ...env, ARUNG_DATA_DIR: join(folder, 'nothing') });
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('No controller runs on');
    expect(readFileSync(executable, 'utf8')).toContain('exec');
  });
});
