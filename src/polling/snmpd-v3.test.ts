import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../tests/support/peers.ts';
import { Snmpd } from '../../tests/support/snmpd.ts';
import { systemClock } from '../domain/clock.ts';
import type { CredentialSecret } from '../domain/device.ts';
import { ArungError } from '../domain/errors.ts';
import { newId, type AgentId, type DeviceId, type SiteId } from '../domain/ids.ts';
import type { PollTarget } from '../domain/plan.ts';
import type { PointBatch } from '../domain/point.ts';
import { diagnose } from './diagnose.ts';
import { PollingEngine } from './engine.ts';
import { LocalAgent } from './local-agent.ts';
import { SnmpClient } from './snmp/client.ts';

type Secret = Extract<CredentialSecret, { kind: 'snmp-v3' }>;

const logger = pino({ level: 'silent' });
const authKey = 'kunci-autentikasi';
const privKey = 'kunci-kerahasiaan';

/** Ours, and snmpd's words for them. */
const auths = { md5: 'MD5', sha1: 'SHA', sha224: 'SHA-224', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };
const privs = { aes128: 'AES', aes192: 'AES-192', aes256: 'AES-256', aes192c: 'AES-192-C', aes256c: 'AES-256-C' };
const authNames = Object.keys(auths) as (keyof typeof auths)[];
const privNames = Object.keys(privs) as (keyof typeof privs)[];

const config = [
  'sysLocation Watampone',
  'createUser terbuka',
  'rouser terbuka noauth',
  'createUser tanpa-hak MD5 "kunci-autentikasi"',
  ...authNames.flatMap((auth) => [
    `createUser ${auth} ${auths[auth]} "${authKey}"`,
    `rouser ${auth} auth`,
    ...privNames.flatMap((priv) => [
      `createUser ${auth}-${priv} ${auths[auth]} "${authKey}" ${privs[priv]} "${privKey}"`,
      `rouser ${auth}-${priv} priv`,
    ]),
  ]),
];

const sealed: Secret = {
  kind: 'snmp-v3',
  user: 'sha256-aes128',
  level: 'authPriv',
  authProtocol: 'sha256',
  authKey,
  privProtocol: 'aes128',
  privKey,
};
const location = '1.3.6.1.2.1.1.6.0';
const sysUpTime = '1.3.6.1.2.1.1.3.0';

async function until<T>(what: string, read: () => T | undefined | false, seconds = 40): Promise<T> {
  for (let i = 0; i < seconds * 20; i += 1) {
    const found = read();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come within ${seconds} s`);
}

describeWithPeer('snmpd', 'Debian’s snmpd over SNMPv3', (program) => {
  let snmpd: Snmpd;
  let engine: PollingEngine;
  let client: SnmpClient;

  function target(secret: Secret): PollTarget {
    return {
      deviceId: newId<DeviceId>(),
      siteId: newId<SiteId>(),
      agentId: newId<AgentId>(),
      name: 'srv-snmpd-01',
      role: 'server',
      gateway: false,
      protocol: 'snmp',
      address: '127.0.0.1',
      port: snmpd.port,
      serial: '',
      secret,
      profile: null,
      interfaces: [],
      backbone: false,
    };
  }

  const read = async (secret: Secret) => String((await client.get(target(secret), [location])).get(location)?.value);
  const refused = async (secret: Secret) => {
    const error: unknown = await client.get(target(secret), [sysUpTime]).catch((reason: unknown) => reason);
    if (!(error instanceof ArungError)) throw new Error(`${secret.user} was not refused: ${String(error)}`);
    return error.code;
  };

  beforeAll(async () => {
    snmpd = await Snmpd.start(program, config);
    engine = new PollingEngine({ clock: systemClock, logger, options: { reachabilityMs: 500 } });
    client = new SnmpClient(engine);
    await engine.start();
    for (let i = 0; i < 20; i += 1) {
      if ((await read(sealed).catch(() => null)) === 'Watampone') return;
    }
    throw new Error('snmpd did not start');
  });

  afterAll(async () => {
    await engine.stop();
    await snmpd.stop();
  });

  it('answers a user without keys', async () => {
    expect(await read({ kind: 'snmp-v3', user: 'terbuka', level: 'noAuthNoPriv' })).toBe('Watampone');
  });

  it.each(authNames)('answers a user who authenticates by %s', async (authProtocol) => {
    expect(await read({ kind: 'snmp-v3', user: authProtocol, level: 'authNoPriv', authProtocol, authKey })).toBe(
      'Watampone',
    );
  });

  const pairs = authNames.flatMap((auth) => privNames.map((priv) => [auth, priv] as const));
  it.each(pairs)('answers a user who authenticates by %s and encrypts by %s', async (authProtocol, privProtocol) => {
    const user = `${authProtocol}-${privProtocol}`;
    const secret = { kind: 'snmp-v3', user, level: 'authPriv', authProtocol, authKey, privProtocol, privKey } as const;
    expect(await read(secret)).toBe('Watampone');
  });

  it('is walked to the same end as over v2c', async () => {
    const rows = await client.walk(target(sealed), '1.3.6.1.2.1.2.2.1', { maxRows: 5_000 });
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.every((row) => row.oid.startsWith('1.3.6.1.2.1.2.2.1.'))).toBe(true);
  });

  it('says why it refuses: user, key, level, rights', async () => {
    expect({
      user: await refused({ ...sealed, user: 'orang-lain' }),
      key: await refused({ ...sealed, authKey: 'kunci-yang-salah' }),
      digest: await refused({ ...sealed, authProtocol: 'sha512' }),
      level: await refused({ ...sealed, user: 'sha256' }),
      rights: await refused({ kind: 'snmp-v3', user: 'tanpa-hak', level: 'authNoPriv', authProtocol: 'md5', authKey }),
    }).toEqual({
      user: 'polling.v3-unknown-user',
      key: 'polling.v3-wrong-digest',
      digest: 'polling.v3-wrong-digest',
      level: 'polling.v3-unsupported-level',
      rights: 'polling.not-authorized',
    });
  });

  it('says why it does not answer a wrong privacy key, which it meets with silence or a report', async () => {
    const code = await refused({ ...sealed, privKey: 'kunci-yang-salah' });
    expect(['polling.v3-decryption-error', 'polling.v3-silent', 'polling.timeout']).toContain(code);
    const diagnosis = await diagnose(target({ ...sealed, privKey: 'kunci-yang-salah' }), systemClock);
    expect(diagnosis.cause).toBe('user');
    expect(diagnosis.message).toContain('privacy');
  });

  it('has a reason on its page when it meets a wrong privacy key with silence', async () => {
    const device = target({ ...sealed, privKey: 'kunci-yang-salah' });
    const agent = agentFor(device, []);
    await agent.start();
    const report = await until('a reason', () => {
      const found = agent.deviceReport(device.deviceId);
      return found?.lastErrorCode === 'polling.v3-silent' && found;
    });
    expect(report.state).toBe('paused');
    expect(report.lastError).toContain('check the privacy key');
    await agent.stop();
  });

  it('is diagnosed', async () => {
    expect((await diagnose(target(sealed), systemClock)).cause).toBe('none');
    const wrong = await diagnose(target({ ...sealed, user: 'orang-lain' }), systemClock);
    expect(wrong).toMatchObject({ cause: 'user' });
    expect(wrong.message).toContain('does not know the SNMPv3 user');
  });

  it('is up with its values, through restarts, also when it forgets how often it started', async () => {
    const device = target(sealed);
    const batches: PointBatch[] = [];
    const agent = agentFor(device, batches);
    await agent.start();
    await until('a first answer', () => probes(batches).at(-1) === 1);

    await snmpd.end();
    await until('a miss', () => probes(batches).at(-1) === 0);
    snmpd.begin();
    batches.length = 0;
    await until('an answer after the restart', () => probes(batches).at(-1) === 1);
    expect(engine.peer(device).form.refusal).toBe(null);

    await snmpd.end();
    await snmpd.forget();
    batches.length = 0;
    await until('a miss', () => probes(batches).at(-1) === 0);
    snmpd.begin();
    await until('an answer after a start from nothing', () => probes(batches).at(-1) === 1);
    await agent.stop();
  });

  it('counts as there while it refuses, and the report says why; all is well once the user is right', async () => {
    await snmpd.end();
    await snmpd.configure(config.filter((line) => !line.includes('sha256-aes128 ')));
    await snmpd.forget();
    snmpd.begin();
    const device = target(sealed);
    const batches: PointBatch[] = [];
    const agent = agentFor(device, batches);
    await agent.start();
    const report = await until('a refusal', () => {
      const found = agent.deviceReport(device.deviceId);
      return found?.state === 'refused' && found;
    });
    expect(report.lastErrorCode).toBe('polling.v3-unknown-user');
    expect(report.lastError).toContain('srv-snmpd-01 (127.0.0.1:');
    await until('a sign of life', () => probes(batches).at(-1) === 1);
    expect(agent.statistics().withPlan).toBe(0);

    await snmpd.end();
    await snmpd.configure(config);
    snmpd.begin();
    await until('a plan', () => agent.statistics().withPlan === 1);
    expect(agent.deviceReport(device.deviceId)).toMatchObject({ state: 'polled', lastError: null });
    await agent.stop();
  });

  function agentFor(device: PollTarget, batches: PointBatch[]): LocalAgent {
    return new LocalAgent({
      targets: { targets: () => Promise.resolve([device]), onChange: () => () => undefined },
      agentId: device.agentId,
      plans: {
        planFor: () =>
          Promise.resolve({ id: 'aa'.repeat(32), deviceId: device.deviceId, ifTableLastChange: null, groups: [] }),
      },
      engine,
      bus: { publish: (batch) => void batches.push(batch), to: () => () => undefined },
      logger,
      dataDir: '/nonexistent',
    });
  }
});

/** What the probes found, in their order: 1 for an answer, 0 for none. */
function probes(batches: readonly PointBatch[]): readonly (number | undefined)[] {
  return batches.filter((batch) => batch.measurement === 'probe').map((batch) => batch.values[0]);
}
