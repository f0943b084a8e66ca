import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeWithPeer, itWithPeer } from '../../../tests/support/peers.ts';
import { dnsProbe, type DnsCheck } from './dns.ts';
import { IcmpProbe, parseFping } from './icmp.ts';
import { ntpProbe } from './ntp.ts';
import type { ProbeBudget, ProbeOutcome } from './probe.ts';
import { Probes } from './probes.ts';
import { snmpProbe } from './snmp.ts';

const budget: ProbeBudget = { timeoutMs: 15_000, concurrency: 8 };
const codeOf = (outcome: ProbeOutcome | undefined): string => `${outcome?.state} ${outcome?.reason?.code ?? ''}`.trim();

const children: ChildProcess[] = [];
const sockets: Socket[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  for (const socket of sockets.splice(0)) socket.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function runs(program: string, args: readonly string[]): void {
  children.push(spawn(program, args, { stdio: 'ignore' }));
}

async function udp(answer: (socket: Socket, question: Buffer, from: RemoteInfo) => void): Promise<number> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.on('message', (question, from) => answer(socket, question, from));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket.address().port;
}

async function freeUdpPort(): Promise<number> {
  const port = await udp(() => undefined);
  const socket = sockets.pop();
  await new Promise<void>((resolve) => socket?.close(resolve));
  return port;
}

describe('an ICMP probe', () => {
  itWithPeer('fping', 'sends the echo requests of all targets, and takes nothing but addresses', async () => {
    const checks = [
      ...Array.from({ length: 60 }, (_, host) => ({ kind: 'icmp', address: `127.0.7.${host + 1}` }) as const),
      { kind: 'icmp', address: '-I lo 127.0.0.1' } as const,
      { kind: 'icmp', address: '::1' } as const,
    ];
    const outcomes = await new IcmpProbe().run(checks, { ...budget, timeoutMs: 4_000 });
    expect(outcomes.slice(0, 60).map(codeOf)).toEqual(Array.from({ length: 60 }, () => 'up'));
    expect(outcomes[0]?.values).toMatchObject({ loss_percent: 0 });
    expect(outcomes[0]?.values.rtt_max_ms).toBeGreaterThanOrEqual(outcomes[0]?.values.rtt_min_ms ?? Infinity);
    expect(outcomes[0]?.values.jitter_ms).toBeGreaterThanOrEqual(0);
    expect(codeOf(outcomes[60])).toBe('down probe.icmp-address');
  });

  it('reads what fping says: round trips, losses and nothing else', () => {
    const said = [
      '127.0.0.1 : 0.05 - 0.07',
      '10.0.0.9  : - - -',
      '::1       : 0.1 0.2 0.3',
      'ICMP Host Unreachable from 10.0.0.1 for ICMP Echo sent to 10.0.0.9',
      '10.0.0.8 : 1.0 oops',
    ];
    expect(Object.fromEntries(parseFping(said.join('\n')))).toEqual({
      '127.0.0.1': [0.05, Number.NaN, 0.07],
      '10.0.0.9': [Number.NaN, Number.NaN, Number.NaN],
      '::1': [0.1, 0.2, 0.3],
    });
  });

  it('says that there is no fping, rather than that everything is down', async () => {
    const probe = new IcmpProbe({ program: '/tidak/ada/fping' });
    const [outcome] = await probe.run([{ kind: 'icmp', address: '127.0.0.1' }], budget);
    expect(codeOf(outcome)).toBe('down probe.icmp-no-fping');
  });
});

describeWithPeer('dnsmasq', 'a DNS probe of a real name server', (dnsmasq) => {
  it('finds a name, misses another and wants the right answer', async () => {
    const port = await freeUdpPort();
    const options = `--keep-in-foreground --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --pid-file=
      --listen-address=127.0.0.1 --bind-interfaces --port=${port} --local=/bone.test/
      --host-record=planning.bone.test,10.73.8.5 --mx-host=bone.test,mail.bone.test,10`;
    runs(dnsmasq, options.split(/\s+/));
    const ask = async (more: Partial<DnsCheck>): Promise<ProbeOutcome | undefined> => {
      const check = { kind: 'dns', server: '127.0.0.1', port, name: 'planning.bone.test', ...more } as const;
      return (await dnsProbe.run([check], budget))[0];
    };
    await vi.waitFor(async () => expect(codeOf(await ask({}))).toBe('up'), { timeout: 20_000, interval: 50 });
    expect(codeOf(await ask({ expect: '10.73.8.5' }))).toBe('up');
    const other = await ask({ expect: '10.73.8.6' });
    expect([codeOf(other), other?.reason?.arguments]).toEqual(['down probe.dns-answer', { got: '10.73.8.5' }]);
    expect(codeOf(await ask({ name: 'budget.bone.test' }))).toBe('down probe.no-such-name');
    expect(codeOf(await ask({ name: 'bone.test', type: 'MX', expect: 'mail.bone.test' }))).toBe('up');
    expect(codeOf(await ask({ name: 'contoh.example' }))).toBe('down probe.dns-refused');
  });
});

describe('a DNS probe', () => {
  it('is down in time when nobody answers, when rubbish does, and when the server is no address', async () => {
    const silent = await udp(() => undefined);
    const rubbish = await udp((socket, question, from) =>
      socket.send(question.subarray(0, 5), from.port, from.address),
    );
    const ask = (server: string, port: number): DnsCheck => ({ kind: 'dns', server, port, name: 'a.test' });
    const outcomes = await dnsProbe.run([ask('127.0.0.1', silent), ask('127.0.0.1', rubbish), ask('ns.example', 53)], {
      timeoutMs: 400,
      concurrency: 3,
    });
    expect(outcomes.map((outcome) => outcome.state)).toEqual(['down', 'down', 'down']);
    expect(codeOf(outcomes[0])).toBe('down probe.timeout');
    expect(codeOf(outcomes[2])).toBe('down probe.dns-server');
  });
});

describeWithPeer('chronyd', 'an NTP probe of a real time server', (chronyd) => {
  it('measures how far its clock is from ours', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arung-ntp-'));
    folders.push(folder);
    const port = await freeUdpPort();
    writeFileSync(
      join(folder, 'chrony.conf'),
      `local stratum 8\nport ${port}\nbindaddress 127.0.0.1\nallow 127.0.0.1\ncmdport 0\nbindcmdaddress /\npidfile ${folder}/pid\n`,
    );
    runs(chronyd, ['-d', '-x', '-U', '-f', join(folder, 'chrony.conf')]);
    await vi.waitFor(
      async () => {
        const [outcome] = await ntpProbe.run([{ kind: 'ntp', host: '127.0.0.1', port }], budget);
        expect(codeOf(outcome)).toBe('up');
        expect(outcome?.values.value).toBe(8);
        expect(Math.abs(outcome?.values.offset_ms ?? Infinity)).toBeLessThan(500);
      },
      { timeout: 20_000, interval: 100 },
    );
  });
});

describe('an NTP probe', () => {
  /** An answer of RFC 4330 whose clock is `aheadMs` ahead. */
  const answerTo = (question: Buffer, aheadMs: number, more: { leap?: number; stratum?: number } = {}): Buffer => {
    const answer = Buffer.alloc(48);
    answer[0] = ((more.leap ?? 0) << 6) | (4 << 3) | 4;
    answer[1] = more.stratum ?? 2;
    answer.write('RATE', 12, 'latin1');
    question.copy(answer, 24, 40, 48);
    const at = (Date.now() + aheadMs) / 1000 + 2_208_988_800;
    for (const offset of [32, 40]) {
      answer.writeUInt32BE(Math.floor(at) % 2 ** 32, offset);
      answer.writeUInt32BE(Math.floor((at % 1) * 2 ** 32), offset + 4);
    }
    return answer;
  };
  const ask = async (port: number, timeoutMs = 15_000): Promise<ProbeOutcome | undefined> =>
    (await ntpProbe.run([{ kind: 'ntp', host: '127.0.0.1', port }], { timeoutMs, concurrency: 1 }))[0];

  it('tells a clock that is wrong, one that nobody set, and one that refuses', async () => {
    const served = (aheadMs: number, more: Parameters<typeof answerTo>[2] = {}): Promise<number> =>
      udp((socket, question, from) => socket.send(answerTo(question, aheadMs, more), from.port, from.address));
    const wrong = await ask(await served(90_000));
    expect(codeOf(wrong)).toBe('degraded probe.ntp-offset');
    expect(Math.abs((wrong?.values.offset_ms ?? 0) - 90_000)).toBeLessThan(5_000);
    expect(codeOf(await ask(await served(0, { leap: 3 })))).toBe('down probe.ntp-unsynchronised');
    const refused = await ask(await served(0, { stratum: 0 }));
    expect([codeOf(refused), refused?.reason?.arguments]).toEqual(['down probe.ntp-refused', { code: 'RATE' }]);
  });

  it('leaves no socket behind when its name is found too late', async () => {
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => /^udp/i.test(name)).length;
    const silent = await udp(() => undefined);
    const before = sockets();
    const stop = new AbortController();
    const checks = Array.from({ length: 8 }, () => ({ kind: 'ntp', host: 'localhost', port: silent }) as const);
    const asked = ntpProbe.run(checks, { timeoutMs: 15_000, concurrency: 8, signal: stop.signal });
    stop.abort();
    expect((await asked).map(codeOf)).toEqual(checks.map(() => 'down probe.stopped'));
    // As long as looking it up takes, and more.
    await lookup('localhost');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sockets()).toBeLessThanOrEqual(before);
  });

  it('takes no answer to another question, none from a client, and none that is too short', async () => {
    const forged = await udp((socket, question, from) => {
      const good = answerTo(question, 500_000);
      const stranger = Buffer.from(good);
      stranger.writeUInt32BE(1, 28);
      const client = Buffer.from(good);
      client[0] = (4 << 3) | 3;
      for (const answer of [stranger, client, good.subarray(0, 40)]) socket.send(answer, from.port, from.address);
    });
    expect(codeOf(await ask(forged, 500))).toBe('down probe.timeout');
  });
});

describe('an SNMP probe', () => {
  it('holds a number against its limits', async () => {
    const probe = snmpProbe({
      get: async (_target, oids) => new Map(oids.map((oid) => [oid, { value: oid === '1.3.1' ? 42 : 'x' }])),
    });
    const check = (oid: string, more: object = {}) => ({ kind: 'snmp', target: {} as never, oid, ...more }) as const;
    const outcomes = await probe.run(
      [check('1.3.1'), check('1.3.1', { max: 40 }), check('1.3.1', { min: 50 }), check('1.3.2')],
      budget,
    );
    expect(outcomes.map(codeOf)).toEqual([
      'up',
      'degraded probe.snmp-high',
      'degraded probe.snmp-low',
      'down probe.snmp-no-number',
    ]);
  });
});

describe('the family', () => {
  it('runs kinds side by side and answers in the order it was asked', async () => {
    const probes = new Probes({ snmp: { get: async () => new Map() }, fping: '/tidak/ada/fping' });
    const outcomes = await probes.run(
      [
        { kind: 'dns', server: 'x', name: 'y' },
        { kind: 'icmp', address: '127.0.0.1' },
        { kind: 'dns', server: 'z', name: 'y' },
      ],
      budget,
    );
    expect(outcomes.map(codeOf)).toEqual([
      'down probe.dns-server',
      'down probe.icmp-no-fping',
      'down probe.dns-server',
    ]);
  });
});
