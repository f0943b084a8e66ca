import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addressFor, canaryThings } from '../support/canary-things.ts';
import { Canaries, everyRow, filesBelow, ProcessSampler } from '../support/canaries.ts';
import { everyAnswer } from '../support/every-answer.ts';
import { describeWithPeer } from '../support/peers.ts';
import { CanaryPrograms, devices } from '../support/pulumi/canary-program.ts';
import { ManagedNetwork } from '../support/pulumi/controller.ts';
import { Stack, type Said } from '../support/pulumi/stack.ts';

/**
 * A canary in every field that takes a secret, searched for in everything that anybody could read: the state, what the CLI
 * says, the log, every answer of the API, the live stream, the rows of the database, the files of the data folder, command
 * lines and environments of processes. What is left out: `PULUMI_CONFIG`, in which Pulumi itself hands a program its
 * configuration, and `ARUNG_TOKEN`, which the user sets; both are readable by the same user alone.
 */
const leftOut = /^(PULUMI_CONFIG|ARUNG_TOKEN)$/;
const say = (text: string): void => void process.stdout.write(`pulumi-canaries: ${text}\n`);
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

  // Made before anything runs: what the program says is in its configuration.
  const first = programs.taken('satu');
  const second = programs.taken('dua');
  const refused = programs.refused('tiga');
  const words = programs.words('empat');
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
    network = await ManagedNetwork.start(81);
    canaries.shaped('the token', network.token);
    socket = io(network.url, {
      extraHeaders: { authorization: `Bearer ${network.token}` },
      transports: ['websocket'],
      reconnection: false,
    });
    socket.onAny((...message: unknown[]) => streamed.push(message));
    for (const { method, path, body } of things) {
      heard.push(JSON.stringify(await network.ask(method, path, body)));
    }
    const { items } = await network.ask<{ items: { id: string; kind: string }[] }>('GET', '/channels');
    for (const { id, kind } of items) {
      const test = { address: addressFor(kind) };
      const answer = await network.ask('POST', `/channels/${id}/test`, test).catch((error: unknown) => String(error));
      heard.push(JSON.stringify(answer));
    }
    stack = new Stack(pulumi, { ARUNG_URL: network.url, ARUNG_TOKEN: network.token, ARUNG_LOOK_AGE_S: '0' });
    await stack.well('stack', 'init', 'kahu');
    await stack.setSecret('test:kenari', JSON.stringify(programs.secrets));
  }, 300_000);
  afterAll(async () => {
    sampler?.stop();
    socket?.disconnect();
    stack?.remove();
    await network?.stop();
  });

  /** Where which of them is shown. */
  async function shownNow(): Promise<Readonly<Record<string, readonly string[]>>> {
    const found: Record<string, readonly string[]> = {};
    const look = (where: string, text: string): void => {
      const names = canaries.in(text);
      if (names.length > 0) found[where] = names;
    };
    for (const [path, text] of filesBelow(stack.folder)) look(path, text);
    heard.forEach((text, at) => look(`the CLI, or an answer to who planted (${at})`, text));
    look('the log', network.log);
    look('the live stream', JSON.stringify(streamed));
    sampler.seen.forEach((text) => look(`a process: ${text.slice(0, 60)}`, text));
    const names = Object.values(devices);
    const answers = await everyAnswer({
      url: network.url,
      headers: { authorization: `Bearer ${network.token}` },
      routes: network.routes,
      keys: names,
      more: [
        '/metrics',
        '/api/v1/events?limit=500',
        '/api/v1/audit?limit=500',
        '/api/v1/inventory/export?format=json',
        '/api/v1/inventory/export?format=csv&list=credentials',
        ...names.map((name) => `/api/v1/variables/resolved?device=${name}`),
        ...['/interface/wireguard', '/interface/wireguard/peers', '/snmp/community', '/user', '/system/script'].map(
          (subject) => `/api/v1/intents/${devices.router}/found?subject=${encodeURIComponent(subject)}`,
        ),
        ...[devices.switch, devices.ios].map((name) => `/api/v1/intents/${name}/found?driver=cli&subject=global`),
        `/api/v1/intents/${devices.terminal}/found?driver=zkteco&subject=comm`,
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

  it(
    'is shown nowhere: made, read again, read back after a hand, changed, refused, gone back, restored, gone',
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
      for (const part of ['/intents/', '/versions/', '/difference', '/parts', '/found', '/rollouts/', '/device-backups/', '/text', '/channels', '/credentials', '/variables', '/audit', '/metrics', '/inventory/export']) {
        expect([...answered].some((path) => path.includes(part)), `something of ${part} was answered`).toBe(true);
      } // prettier-ignore
      say(`${canaries.names.length} canaries: ${canaries.names.join(', ')}`);
    },
  );
});
