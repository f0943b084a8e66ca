import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRolloutOver, type RolloutState } from '../../src/domain/rollout.ts';
import { canaryTemplates, refusedTemplate, templated, wrongTemplates } from '../support/canary-templates.ts';
import { addressFor, canaryThings } from '../support/canary-things.ts';
import { Canaries, everyRow, filesBelow, ProcessSampler } from '../support/canaries.ts';
import { everyAnswer } from '../support/every-answer.ts';
import { describeWithPeer } from '../support/peers.ts';
import { CanaryConsole } from '../support/pulumi/canary-console.ts';
import { CanaryPrograms, devices } from '../support/pulumi/canary-program.ts';
import { ConsoleRuns } from '../support/pulumi/console-runs.ts';
import { ManagedNetwork } from '../support/pulumi/controller.ts';
import { Stack, type Said } from '../support/pulumi/stack.ts';

/**
 * A canary in every field that takes a secret, searched for in everything that anybody could read: the state, what the CLI
 * says, the log, every answer of the API, the live stream, the rows of the database, the files of the data folder, command
 * lines and environments of processes. What is left out: `PULUMI_CONFIG`, in which Pulumi itself hands a program its
 * configuration, and `ARUNG_TOKEN` and `PULUMI_CONFIG_PASSPHRASE`, by which the CLI takes what it must have; all are
 * readable by the same user alone.
 */
const leftOut = /^(PULUMI_CONFIG|PULUMI_CONFIG_PASSPHRASE|ARUNG_TOKEN)$/;
const say = (text: string): void => void process.stdout.write(`pulumi-canaries: ${text}\n`);
const menusFound = ['/interface/wireguard', '/interface/wireguard/peers', '/snmp/community', '/user', '/system/script', '/system/note', '/ip/pool']; // prettier-ignore
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

describeWithPeer('pulumi', 'a canary in every secret field', (pulumi) => {
  const canaries = new Canaries();
  const programs = new CanaryPrograms(canaries);
  const things = canaryThings(canaries);
  let network: ManagedNetwork;
  let stack: Stack;
  let socket: Socket;
  let sampler: ProcessSampler;
  const heard: string[] = [];
  const streamed: unknown[] = [];
  const answered = new Set<string>();
  /** Digests of what was searched and showed nothing. */
  const clean = new Set<string>();
  /** Numbers of those that the console has begun. */
  const consoleRuns: number[] = [];

  // Made before anything runs: what the program says is in its configuration.
  const first = programs.taken('satu');
  const second = programs.taken('dua');
  const refused = programs.refused('tiga');
  const words = programs.words('empat');
  const templates = ['satu', 'dua'].map((mark) => canaryTemplates(canaries, programs, mark));
  const templateRefused = refusedTemplate(programs);
  const templatesWrong = wrongTemplates(canaries);
  let desk: CanaryConsole;
  const cut = { key: 'tutup', subject: '/ip/firewall/filter', values: { chain: 'input', action: 'drop' } };
  const program = (resources: Said['resources'], rollbackS = 60): Said => ({ resources, rollout: { pauseS: 0, rollbackS } }); // prettier-ignore
  const run = async (...args: readonly string[]) => {
    const ended = await stack.run(...args);
    heard.push(ended.text);
    return ended;
  };
  const well = async (...args: readonly string[]) => {
    const ended = await run(...args);
    if (ended.code !== 0) throw new Error(`pulumi ${args.join(' ')} ended with ${ended.code}:\n${ended.text}`);
  };

  beforeAll(async () => {
    sampler = new ProcessSampler(leftOut);
    desk = new CanaryConsole(pulumi, canaries);
    await desk.start();
    network = await ManagedNetwork.start(81, {
      ARUNG_PULUMI_DIR: desk.folder.path,
      ARUNG_PULUMI_BIN: join(desk.cli.folder, 'bin'),
    });
    canaries.shaped('the token', network.token);
    socket = io(network.url, {
      extraHeaders: { authorization: `Bearer ${network.token}` },
      transports: ['websocket'],
      reconnection: false,
    });
    socket.onAny((...message: unknown[]) => streamed.push(message));
    for (const { method, path, body } of things) await ask(method, path, body);
    for (const template of templates[0] ?? []) await ask('PUT', '/templates', template);
    const { items } = await network.ask<{ items: { id: string; kind: string }[] }>('GET', '/channels');
    for (const { id, kind } of items) {
      const test = { address: addressFor(kind) };
      const answer = await network.ask('POST', `/channels/${id}/test`, test).catch((error: unknown) => String(error));
      heard.push(JSON.stringify(answer));
    }
    stack = new Stack(pulumi, {
      ARUNG_URL: network.url,
      ARUNG_TOKEN: network.token,
      ARUNG_LOOK_AGE_S: '0',
      PULUMI_CONFIG_PASSPHRASE: canaries.text('passphrase'),
    });
    await stack.well('stack', 'init', 'kahu');
    await stack.setSecret('test:kenari', JSON.stringify(programs.secrets));
  }, 300_000);
  afterAll(async () => {
    sampler?.stop();
    socket?.disconnect();
    stack?.remove();
    await network?.stop();
    desk?.remove();
  });

  /** What the API answers is searched, too; also where it refuses. */
  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    try {
      const answer = await network.ask<T>(method, path, body);
      heard.push(JSON.stringify(answer ?? null));
      return answer;
    } catch (error) {
      heard.push(String(error));
      throw error;
    }
  }

  /** Stages devices again, and brings them to it; says how the rollout ended. */
  async function rolled(names: readonly string[]): Promise<RolloutState> {
    const { versions } = await ask<{ versions: object }>('POST', '/intents/refresh', { devices: names });
    const request = { versions, pauseS: 0, rollbackS: 60, forcedReason: 'uji templat kenari' };
    const started = await ask<{ rollout: { number: number } }>('POST', '/rollouts', request);
    for (;;) {
      const rollout = await network.ask<{ state: RolloutState }>('GET', `/rollouts/${started.rollout.number}`);
      heard.push(JSON.stringify(rollout));
      if (isRolloutOver(rollout)) return rollout.state;
      await pause(200);
    }
  }

  /** Where which of them is shown. */
  async function shownNow(): Promise<Readonly<Record<string, readonly string[]>>> {
    const found: Record<string, readonly string[]> = {};
    const look = (where: string, text: string): void => {
      // What was clean stays so.
      const digest = createHash('sha1').update(text).digest('base64');
      if (clean.has(digest)) return;
      const names = canaries.in(text);
      if (names.length > 0) found[where] = names;
      else clean.add(digest);
    };
    const own = join(network.dataDir, 'programs');
    const folders = [stack.folder, desk.cli.folder, desk.state, ...(existsSync(own) ? [own] : [])];
    for (const [path, text] of desk.configuration()) look(path, text);
    for (const folder of folders) {
      for (const [path, text] of filesBelow(folder)) look(path, text);
    }
    heard.forEach((text, at) => look(`the CLI, or an answer to who planted (${at}: ${text.slice(0, 60)})`, text));
    look('the log', network.log);
    look('the live stream', JSON.stringify(streamed));
    sampler.seen.forEach((text) => look(`a process: ${text.slice(0, 60)}`, text));
    const names = [...Object.values(devices), ...Object.values(templated), CanaryConsole.device];
    const answers = await everyAnswer({
      url: network.url,
      headers: { authorization: `Bearer ${network.token}` },
      // Tiles of the map, by their numbers: thousands.
      routes: network.routes.filter(({ url }) => !url.startsWith('/peta/')),
      keys: names,
      more: [
        '/metrics',
        '/api/v1/events?limit=500',
        '/api/v1/audit?limit=500',
        '/api/v1/inventory/export?format=json',
        '/api/v1/inventory/export?format=csv&list=credentials',
        ...names.map((name) => `/api/v1/variables/resolved?device=${name}`),
        '/api/v1/variables/export?format=json',
        '/api/v1/variables/export?format=csv',
        ...[devices.router, templated.router, CanaryConsole.device].flatMap((name) =>
          menusFound.map((subject) => `/api/v1/intents/${name}/found?subject=${encodeURIComponent(subject)}`),
        ),
        '/api/v1/programs/runs?stack=kahu&limit=50',
        ...consoleRuns.flatMap((number) => [`/api/v1/programs/runs/${number}`, `/api/v1/programs/runs/${number}/entries`]), // prettier-ignore
        ...[devices.switch, devices.ios].map((name) => `/api/v1/intents/${name}/found?driver=cli&subject=global`),
        `/api/v1/intents/${devices.ios}/found?driver=cli&subject=vlan%2030`,
        ...[devices.terminal, templated.terminal].map((name) => `/api/v1/intents/${name}/found?driver=zkteco&subject=comm`), // prettier-ignore
      ],
    });
    for (const { path, text } of answers) look(path, text);
    for (const [table, rows] of await everyRow(network.controller.database.db)) look(`table ${table}`, rows);
    for (const [path, text] of filesBelow(network.dataDir)) if (canaries.isIn(text)) found[path] = ['anything'];
    const good = answers.filter(({ status }) => status === 200);
    say(
      `${answers.length} answers (${good.length} of them 200), ${sampler.seen.length} command lines and environments`,
    );
    for (const { path } of good) answered.add(path);
    return found;
  }

  /** Imports what a hand has made, and what somebody else has staged; the next `up` takes it away again. */
  async function takenOver(): Promise<void> {
    const { hands } = network;
    const found = async (subject: string): Promise<readonly string[]> => {
      const path = `/intents/${devices.router}/found?subject=${encodeURIComponent(subject)}`;
      return (await ask<{ items: { key: string }[] }>('GET', path)).items.map(({ key }) => key);
    };
    const made: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      '/interface/wireguard': { name: 'wg-tangan', 'private-key': canaries.key('taken over key') },
      '/snmp/community': { name: canaries.text('taken over community') },
      '/user': { name: 'tangan', group: 'read', password: canaries.text('taken over password') },
      '/system/script': { name: 'tangan', source: `/log info; :local secret="${canaries.text('taken over script')}"` },
    };
    const resources = [];
    for (const [menu, values] of Object.entries(made)) {
      const before = await found(menu);
      hands.byHand(devices.router, `${menu}/add`, values);
      const [key] = (await found(menu)).filter((one) => !before.includes(one));
      expect(key, `${menu} is found`).toBeDefined();
      resources.push({ type: 'arung:index:RouterosItem', name: `tangan${menu.replaceAll('/', '-')}`, id: `${devices.router}${menu}#${key}` }); // prettier-ignore
    }
    const staged = {
      driver: 'cli',
      fragments: [{ key: 'aaa', subject: 'aaa', values: { 'local-user.tamu': `password irreversible-cipher ${canaries.text('staged by hand')}` } }], // prettier-ignore
    };
    await ask('PUT', '/intents/sw-a-01?managedBy=api', staged);
    resources.push({ type: 'arung:index:SwitchConfig', name: 'swa', id: 'sw-a-01' });
    const file = join(stack.folder, 'import.json');
    writeFileSync(file, JSON.stringify({ resources }));
    await well('import', '--file', file, '--yes', '--generate-code=false', '--protect=false');
  }

  it(
    'is shown nowhere: made, read again, read back after a hand, taken over, changed, refused, gone back, restored, gone',
    { timeout: 1_800_000 },
    async () => {
      expect(canaries.names.length).toBeGreaterThan(60);
      stack.say(program(first));
      await well('preview', '--diff', '--show-secrets=false');
      await well('up', '--yes', '--skip-preview', '--json');
      expect(await shownNow()).toEqual({});

      await well('refresh', '--yes', '--diff');
      network.hands.byHand(devices.router, '/interface/wireguard/set', {
        '.id': network.hands.idOf(devices.router, '/interface/wireguard', { name: 'wg9' }),
        'private-key': canaries.key('by hand'),
      });
      network.hands.byHand(devices.router, '/user/set', {
        '.id': network.hands.idOf(devices.router, '/user', { name: 'ops' }),
        password: canaries.text('by hand, a password'),
      });
      network.switches.byHand(devices.switch, `snmp-server community ${canaries.text('by hand, a switch')} ro`);
      await well('preview', '--json');
      await well('preview', '--diff');
      await well('refresh', '--yes', '--diff');
      expect(await shownNow()).toEqual({});

      await takenOver();
      expect(await shownNow()).toEqual({});

      stack.say(program(second));
      await well('preview', '--diff');
      await well('up', '--yes', '--skip-preview', '--diff');
      expect(await shownNow()).toEqual({});

      // Nothing of these is taken by a device: each says why, and may repeat what it was sent.
      for (const one of [...refused.map((resource) => [resource]), words]) {
        const kept = second.filter(({ name }) => one !== words || name !== 'switch');
        stack.say(program([...kept, ...one]));
        await run('preview', '--diff');
        expect((await run('up', '--yes', '--skip-preview', '--json')).code).not.toBe(0);
      }
      expect(await shownNow()).toEqual({});

      const [router, ...rest] = second;
      const args = router?.args as { readonly fragments: readonly object[] };
      const cutting = { type: 'DeviceIntent', name: 'router', args: { ...args, fragments: [...args.fragments, cut] } } as const; // prettier-ignore
      stack.say(program([cutting, ...rest], 30));
      const back = await run('up', '--yes', '--skip-preview');
      expect(back.text).toMatch(/\(reverted\)/);
      stack.say(program(first));
      await well('up', '--yes', '--skip-preview');
      await pause(8_000);
      const { items } = await network.ask<{ items: { id: string }[] }>('GET', `/device-backups?device=${devices.router}`); // prettier-ignore
      const oldest = items.at(-1)?.id ?? '';
      heard.push(JSON.stringify(await network.ask('POST', `/device-backups/${oldest}/restore/preview`, {})));
      heard.push(JSON.stringify(await network.ask('POST', `/device-backups/${oldest}/restore?reason=uji`, {})));
      for (let open = 1; open > 0; await pause(500)) {
        open = (await network.ask<{ items: object[] }>('GET', '/rollouts?open=true')).items.length;
      }
      expect(await shownNow()).toEqual({});

      await well('up', '--yes', '--skip-preview');
      heard.push(await stack.well('stack', 'export'), await stack.well('config'));
      await well('destroy', '--yes', '--diff');
      await pause(3_000);
      expect(await shownNow()).toEqual({});
      for (const part of ['/intents/', '/fragments', '/templates/', '/variables/export', '/versions/', '/difference', '/parts', '/found', '/rollouts/', '/device-backups/', '/text', '/channels', '/credentials', '/variables', '/audit', '/metrics', '/inventory/export']) {
        expect([...answered].some((path) => path.includes(part)), `something of ${part} was answered`).toBe(true);
      } // prettier-ignore
    },
  );

  it(
    'is shown nowhere in templates: held beside programs and alone, changed, drifted, wrong, refused, gone',
    { timeout: 600_000 },
    async () => {
      const alone = [templated.router, templated.terminal];
      expect(await rolled(alone)).toBe('done');
      expect(network.hands.rows(templated.router, '/user').map(({ name }) => name)).toContain('ops');
      expect(await shownNow()).toEqual({});

      network.hands.byHand(templated.router, '/interface/wireguard/set', {
        '.id': network.hands.idOf(templated.router, '/interface/wireguard', { name: 'wg9' }),
        'private-key': canaries.key('template by hand'),
      });
      network.hands.byHand(templated.router, '/system/note/set', { note: canaries.text('template note by hand') });
      await ask('POST', '/intents/look', { devices: alone });
      const { items } = await ask<{ items: { device: string }[] }>('GET', '/intents?state=drifted');
      expect(items.map(({ device }) => device)).toContain(templated.router);
      expect(await shownNow()).toEqual({});

      for (const template of templates[1] ?? []) {
        await ask('POST', '/templates/preview', { template });
        await ask('PUT', '/templates?reason=uji', template);
      }
      expect(await shownNow()).toEqual({});
      expect(await rolled(alone)).toBe('done');
      const document = { driver: 'routeros', fragments: templates[0]?.[0]?.fragments ?? [] };
      await ask('POST', `/intents/${templated.router}/compare`, document);
      expect(await shownNow()).toEqual({});

      for (const wrong of templatesWrong) {
        const isTaken = await ask('PUT', '/templates', wrong).then(() => true, () => false); // prettier-ignore
        expect(isTaken, wrong.name).toBe(wrong.name === 'uji-salah-variabel');
        if (!isTaken) continue;
        await ask('POST', '/templates/preview', { template: wrong });
        await expect(rolled(alone)).rejects.toThrow(/variable\.missing/);
        await ask('GET', `/templates/${wrong.name}/devices`);
        await ask('DELETE', `/templates/${wrong.name}`);
      }
      await ask('PUT', '/templates', templateRefused);
      expect(await rolled([templated.refusing])).toBe('stopped');
      expect(await shownNow()).toEqual({});

      for (const { name } of [...(templates[1] ?? []), templateRefused]) {
        await ask('POST', '/templates/preview', { remove: name });
        await ask('DELETE', `/templates/${name}`);
      }
      expect(await rolled(alone)).toBe('done');
      await pause(4_000);
      expect(await shownNow()).toEqual({});
    },
  );

  it(
    'is shown nowhere by a program that the console runs: previewed, applied, drifted, changed, refused, broken',
    { timeout: 900_000 },
    async () => {
      const runs = new ConsoleRuns(network, 'kahu');
      const { hands } = network;
      const ended = async (operation: string) => {
        const { number } = await runs.begin(operation);
        consoleRuns.push(number);
        const run = await runs.over(number);
        heard.push(JSON.stringify(run));
        return run;
      };
      const own = { scope: 'device', key: CanaryConsole.device, name: 'sandi', secret: true };
      await ask('PUT', '/variables', { ...own, value: canaries.text('console variable satu') });
      await desk.configured('satu');
      const wrong = () => ask('PUT', '/programs/passphrases/kahu', { passphrase: desk.wrongPassphrase });
      await expect(wrong()).rejects.toThrow(/program\.wrong-passphrase/);
      await desk.folder.withoutSalt('kahu', wrong);
      expect(await ended('preview')).toMatchObject({ state: 'failed', problem: { code: 'program.wrong-passphrase' } });
      await ask('PUT', '/programs/passphrases/kahu', { passphrase: desk.passphrase });
      const preview = await ended('preview');
      expect(preview).toMatchObject({ state: 'done', problem: null });
      expect(JSON.stringify(preview.entries)).toContain('[secret] [secret]');
      expect(await shownNow()).toEqual({});
      expect(await ended('up')).toMatchObject({ state: 'done', problem: null });
      expect(hands.rows(CanaryConsole.device, '/system/note')[0]?.['note']).toBe(canaries.text('console catatan satu'));
      await pause(4_000);
      expect(await shownNow()).toEqual({});

      hands.byHand(CanaryConsole.device, '/interface/wireguard/set', {
        '.id': hands.idOf(CanaryConsole.device, '/interface/wireguard', { name: 'wg8' }),
        'private-key': canaries.key('console by hand'),
      });
      await ask('POST', '/intents/look', { devices: [CanaryConsole.device] });
      expect(await ended('refresh')).toMatchObject({ state: 'done' });
      expect(await shownNow()).toEqual({});

      await ask('PUT', '/variables', { ...own, value: canaries.text('console variable dua') });
      await desk.configured('dua');
      expect(await ended('preview')).toMatchObject({ state: 'done' });
      expect(await ended('up')).toMatchObject({ state: 'done' });
      expect(hands.rows(CanaryConsole.device, '/system/note')[0]?.['note']).toBe(canaries.text('console catatan dua'));
      expect(await shownNow()).toEqual({});

      desk.refused();
      expect(await ended('preview')).toMatchObject({ state: 'done' });
      expect(await ended('up')).toMatchObject({ state: 'failed' });
      expect(await shownNow()).toEqual({});
      desk.broken();
      expect(await ended('preview')).toMatchObject({ state: 'failed' });
      await pause(4_000);
      expect(await shownNow()).toEqual({});
      for (const part of ['/programs/runs?', '/programs/runs/1/entries']) {
        expect(
          [...answered].some((path) => path.includes(part)),
          `something of ${part} was answered`,
        ).toBe(true);
      }
      say(`${canaries.names.length} canaries: ${canaries.names.join(', ')}`);
    },
  );
});
