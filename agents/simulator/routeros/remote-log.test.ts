import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeMessage } from './remote-log.ts';
import { encodeSentence, SentenceReader } from './sentence.ts';
import { smallBackbone, user, type SmallBackbone } from './testing/small-backbone.ts';
import { SyslogReceiver } from './testing/syslog-receiver.ts';

let backbone: SmallBackbone;
let receiver: SyslogReceiver;
beforeEach(async () => {
  backbone = await smallBackbone(52);
  receiver = await SyslogReceiver.start();
});
afterEach(async () => {
  receiver.stop();
  await backbone.simulator.stop();
});

const router = 'rtr-c-01';
const byHand = (path: string, ...words: readonly string[]) => backbone.simulator.hand(router, path, words);

/** A rule that sends to the receiver; what is told of it itself is taken away. */
async function sends(rule: readonly string[] = ['topics=system,info'], action: readonly string[] = []): Promise<void> {
  byHand('/system/logging/action/add', 'name=arung', 'target=remote', 'remote=127.0.0.1', `remote-port=${receiver.port}`, ...action); // prettier-ignore
  byHand('/system/logging/add', 'action=arung', ...rule);
  await receiver.heard();
}

const note = (text = 'lain') => byHand('/system/note/set', `note=${text}`);

/** Commands of one session of the API, each after the answer to the one before. */
async function overApi(...sentences: readonly (readonly string[])[]): Promise<void> {
  const socket = connect(backbone.ports.api, backbone.addressOf(router));
  const reader = new SentenceReader();
  const login = ['/login', `=name=${user.name}`, `=password=${user.password}`];
  for (const sentence of [login, ...sentences]) {
    socket.write(encodeSentence(sentence));
    for (let isDone = false; !isDone;) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      isDone = [...reader.push(chunk)].some(([kind]) => kind === '!done');
    }
  }
  socket.destroy();
}

describe('what a simulated router tells its log server', () => {
  it('is who changed what, from its own address, over the API', async () => {
    await sends();
    await overApi(['/ip/firewall/filter/add', '=chain=forward', '=action=accept'], ['/ip/address/print']);
    const from = backbone.addressOf(router);
    expect(await receiver.heard()).toEqual([
      { from, text: `<30>system,info,account user ${user.name} logged in via api` },
      { from, text: `<30>system,info filter rule added by ${user.name}` },
    ]);
  });

  it('is the same over REST and by hand', async () => {
    await sends();
    const authorization = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
    const url = `http://${backbone.addressOf(router)}:${backbone.ports.www}/rest/ip/address`;
    const body = JSON.stringify({ address: '10.9.0.1/24', interface: 'bridge' });
    const made = await fetch(url, { method: 'PUT', body, headers: { authorization, 'content-type': 'application/json' } }); // prettier-ignore
    expect(made.status).toBe(201);
    await fetch(url, { headers: { authorization } });
    byHand('/ip/address/remove', '?address=10.9.0.1/24');
    expect(await receiver.texts()).toEqual([
      `<30>system,info address added by ${user.name}`,
      '<30>system,info address removed by admin',
    ]);
  });

  it('is each change of a script that somebody runs', async () => {
    await sends();
    byHand('/system/script/add', 'name=satu', 'source=/system note set note=skrip');
    byHand('/system/script/run', 'numbers=satu');
    expect(await receiver.texts()).toEqual(['<30>system,info item added by admin', '<30>system,info item changed by admin']); // prettier-ignore
  });

  it.each([
    ['is refused', () => expect(() => byHand('/system/note/set', 'tak-ada=1')).toThrow()],
    ['reads', () => byHand('/system/note/print')],
    ['changes no configuration', () => backbone.simulator.routers.router(router)?.run({ path: '/system/backup/save', arguments: new Map(), queries: [], by: 'admin' })], // prettier-ignore
  ])('is nothing of a command that %s', async (_, command) => {
    await sends();
    command();
    expect(await receiver.texts()).toEqual([]);
    note();
    expect(await receiver.texts()).toHaveLength(1);
  });

  it.each([
    ['the rule is disabled', ['topics=system', 'disabled=yes']],
    ['the rule wants another topic', ['topics=system,error']],
    ['the rule wants it without one of its topics', ['topics=system,!info']],
  ])('is nothing where %s', async (_, rule) => {
    await sends(rule);
    note();
    expect(await receiver.texts()).toEqual([]);
    byHand('/system/logging/set', '?action=arung', 'topics=system', 'disabled=no');
    expect(await receiver.texts()).toEqual(['<30>system,info item changed by admin']);
  });

  it('is nothing while it is cut off, or what it sends is dropped on the way', async () => {
    await sends();
    backbone.simulator.cut('b--c', true);
    note();
    backbone.simulator.cut('b--c', false);
    const drop = ['chain=forward', 'action=drop', 'protocol=udp', `dst-port=${receiver.port}`];
    backbone.simulator.hand('rtr-b-01', '/ip/firewall/filter/add', drop);
    note();
    expect(await receiver.texts()).toEqual([]);
    backbone.simulator.hand('rtr-b-01', '/ip/firewall/filter/remove', ['?action=drop']);
    note();
    expect(await receiver.texts()).toHaveLength(1);
  });

  it('is told once for an action that two rules name, and no more once the action is gone', async () => {
    await sends();
    byHand('/system/logging/add', 'topics=info', 'action=arung');
    note();
    expect(await receiver.texts()).toEqual(['<30>system,info item added by admin', '<30>system,info item changed by admin']); // prettier-ignore
    byHand('/system/logging/action/set', '?name=arung', 'target=memory');
    note();
    expect(await receiver.texts()).toEqual([]);
  });

  it('has the form of BSD where it is asked for, and the prefix of its rule', async () => {
    await sends(['topics=info', 'prefix=pusat'], ['bsd-syslog=yes']);
    note();
    const [text = ''] = await receiver.texts();
    expect(text).toMatch(/^<30>[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} rtr-c-01 pusat: item changed by admin$/); // prettier-ignore
    byHand('/system/logging/action/set', '?name=arung', 'bsd-syslog=no');
    expect(await receiver.texts()).toEqual(['<30>system,info pusat: item changed by admin']);
  });

  it('is nothing where no rule names the action, or the action no server', async () => {
    byHand('/system/logging/action/add', 'name=arung', 'target=remote', `remote-port=${receiver.port}`);
    note();
    byHand('/system/logging/add', 'topics=info', 'action=arung');
    note();
    expect(await receiver.texts()).toEqual([]);
    byHand('/system/logging/action/set', '?name=arung', 'remote=127.0.0.1');
    expect(await receiver.texts()).toEqual(['<30>system,info item changed by admin']);
  });

  it('has the severity of its topics, of all that the router logs', async () => {
    await sends(['topics=!debug']);
    const log = (topics: string) => backbone.simulator.routers.router(router)?.log(topics, 'satu');
    log('system,error,critical');
    log('script,error');
    log('script,warning');
    log('script,debug');
    backbone.simulator.reboot(router);
    await expect.poll(() => backbone.simulator.network.devices.get(router)?.on).toBe(true);
    expect(await receiver.texts()).toEqual([
      '<26>system,error,critical satu',
      '<27>script,error satu',
      '<28>script,warning satu',
      '<30>system,info router rebooted',
    ]);
  });

  it('is not kept in its own log', async () => {
    await sends();
    note();
    const log = backbone.simulator.routers.router(router)?.rows('/log') ?? [];
    expect(log.filter(({ message }) => message?.includes('changed') === true)).toEqual([]);
  });
});

describe('what a change is called', () => {
  it.each([
    ['/ip/route/set', 'route changed by x'],
    ['/ip/firewall/nat/move', 'nat rule moved by x'],
    ['/interface/vlan/disable', 'device changed by x'],
    ['/interface/enable', 'device changed by x'],
    ['/user/comment', 'user changed by x'],
    ['/user/group/add', 'item added by x'],
    ['/ip/pool/unset', 'item changed by x'],
    ['/file/remove', null],
    ['/ip/address/print', null],
    ['/system/reboot', null],
  ])('is so for %s', (path, message) => {
    expect(changeMessage(path, 'x')).toBe(message);
  });
});
