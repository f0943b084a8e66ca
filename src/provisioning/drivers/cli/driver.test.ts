import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fragment } from '../../../../tests/support/device-bench.ts';
import { cliDocument, SwitchBench, switches } from '../../../../tests/support/switch-bench.ts';
import { user } from '../../../../agents/simulator/routeros/testing/small-backbone.ts';
import type { IntentDocument } from '../../../domain/intent.ts';

let bench: SwitchBench;
beforeAll(async () => {
  bench = await SwitchBench.start(120, { isDriven: true });
});
afterAll(() => bench.stop());

let runs = 0;
/** A whole change, confirmed over a session of its own. */
async function confirmed(
  device: string,
  document: IntentDocument,
  applied: IntentDocument | null = null,
): Promise<readonly string[]> {
  runs += 1;
  const run = `run-${runs}`;
  const steps = await bench.with(bench.target(device), async (session) => {
    const { until } = await session.arm(run, 60);
    expect(await session.rollbacks()).toEqual([{ state: 'armed', run, until: expect.any(Number) as number }]);
    return (await session.apply(document, { run, applied, until })).steps;
  });
  await bench.with(bench.target(device), async (session) => {
    expect(await session.confirm(document, { run, applied })).toEqual({ confirmed: true });
    expect(await session.rollbacks()).toEqual([]);
  });
  return steps.map(({ kind, subject }) => `${kind} ${subject}`);
}

const documents = {
  [switches.vrp]: cliDocument(
    fragment('vlan', 'vlan 30', { name: 'TAMU' }),
    fragment('vlans', 'global', { 'vlan.batch': '10\n30\n99', 'ntp-service.unicast-server': '10.73.0.1\n10.73.0.2' }),
    fragment('port', 'interface GigabitEthernet0/0/3', { 'port.link-type': 'access', 'port.default.vlan': '30', description: 'ruang tamu' }), // prettier-ignore
    fragment('user', 'aaa', { 'local-user.kedua': 'password irreversible-cipher canary-kedua\nprivilege level 3\nservice-type ssh' }), // prettier-ignore
  ),
  [switches.business]: cliDocument(
    fragment('vlans', 'vlan database', { vlan: '10\n30\n99' }),
    fragment('port', 'interface GigabitEthernet3', { 'switchport.mode': 'access', 'switchport.access.vlan': '30', description: 'ruang tamu' }), // prettier-ignore
    fragment('svi', 'interface vlan 30', { name: 'TAMU' }),
    fragment('user', 'global', { 'username.kedua': 'password canary-kedua privilege 1', 'sntp.server': '10.73.0.1 poll' }), // prettier-ignore
  ),
  [switches.ios]: cliDocument(
    fragment('vlan', 'vlan 30', { name: 'TAMU' }),
    fragment('port', 'interface GigabitEthernet1/0/3', { 'switchport.mode': 'access', 'switchport.access.vlan': '30', description: 'ruang tamu' }), // prettier-ignore
    fragment('user', 'global', { 'username.kedua': 'privilege 1 secret canary-kedua', 'ntp.server': '10.73.0.1\n10.73.0.2' }), // prettier-ignore
    fragment('archive', 'archive', { path: 'flash:arsip', maximum: '5' }),
  ),
  [switches.noName]: cliDocument(
    fragment('vlan', 'vlan 30', { name: 'TAMU' }),
    fragment('port', 'interface GigabitEthernet1/0/3', { 'switchport.mode': 'access', 'switchport.access.vlan': '30', description: 'ruang tamu' }), // prettier-ignore
    fragment('user', 'global', { 'username.kedua': 'privilege 1 secret canary-kedua', 'logging.host': '10.73.0.1\n10.73.0.2' }), // prettier-ignore
  ),
} as const;

describe.each(Object.entries(switches))('a switch (%s)', (dialect, device) => {
  const document = documents[device];

  it('is brought to a document, saved, and then is as it says', async () => {
    const steps = await confirmed(device, document);
    expect(steps.length).toBe(document.fragments.length);
    expect(bench.savedOf(device)).toBe(bench.stateOf(device));
    expect(bench.shown(device)).not.toContain('arung-rollback');
    await bench.with(bench.target(device), async (session) => {
      const configuration = await session.read([document]);
      expect(bench.driver.plan(document, configuration, document)).toEqual([]);
    });
  });

  it('shows a change by hand as drift, and nothing of its secrets', async () => {
    const port = document.fragments.find(({ key }) => key === 'port');
    bench.byHand(device, port?.subject ?? '', ' description diganti');
    await bench.with(bench.target(device), async (session) => {
      const steps = bench.driver.plan(document, await session.read([document]), document);
      expect(steps).toMatchObject([{ kind: 'set', subject: port?.subject, changes: [{ property: 'description', before: 'diganti', after: 'ruang tamu' }] }]); // prettier-ignore
      expect(JSON.stringify(steps)).not.toContain('canary');
    });
    await confirmed(device, document, document);
  });

  it('loses what is no longer listed', async () => {
    const fewer = cliDocument(
      ...document.fragments.filter(({ key }) => key !== 'port' && key !== 'vlan' && key !== 'svi'),
    );
    await confirmed(device, fewer, document);
    expect(bench.shown(device)).not.toMatch(/ruang tamu|TAMU/);
  });

  it('gives its configuration whole and masked, without what changes by itself', async () => {
    const backup = () => bench.with(bench.target(device), (session) => session.backup());
    const first = await backup();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await backup()).toEqual(first);
    expect(first.text).toContain('99');
    expect(first.masked).toContain('•••');
    // What the device shows in clear, and what it shows as a hash.
    const hidden = [...first.text.matchAll(/(?:%\^%#\S+|\$(?:1a|9|15)\$\S+|community (?!read)\S+)/g)].map(
      ([found]) => found,
    );
    expect(hidden.length).toBeGreaterThan(1);
    for (const secret of hidden) expect(first.masked).not.toContain(secret);
  });

  it('is adopted by what it has, and that changes nothing', async () => {
    await bench.with(bench.target(device), async (session) => {
      const configuration = await session.read([]);
      const uplink = dialect === 'vrp' ? 'interface GigabitEthernet0/0/1' : dialect === 'business' ? 'interface GigabitEthernet1' : 'interface GigabitEthernet1/0/1'; // prettier-ignore
      const adopted = cliDocument(
        ...[uplink, 'global'].flatMap((subject) => bench.driver.fragments(configuration, subject)),
      );
      expect(adopted.fragments).toHaveLength(2);
      bench.driver.check(adopted);
      expect(bench.driver.plan(adopted, configuration, null)).toEqual([]);
    });
  });

  it('is as before when it refuses a line', async () => {
    const before = bench.stateOf(device);
    const bad = cliDocument(
      fragment('good', 'global', dialect === 'vrp' ? { sysname: 'nama-baru' } : { hostname: 'nama-baru' }),
      fragment('bad', 'global', { 'tidak.ada': 'canary-refused' }),
    );
    runs += 1;
    const refused = bench.with(bench.target(device), async (session) => {
      const { until } = await session.arm(`run-${runs}`, 60);
      await session.apply(bad, { run: `run-${runs}`, applied: null, until });
    });
    await expect(refused).rejects.toMatchObject({ code: 'apply.undone', arguments: { fragment: 'bad', subject: 'global' } }); // prettier-ignore
    expect(bench.stateOf(device)).toBe(before);
    await bench.with(bench.target(device), async (session) => expect(await session.rollbacks()).toEqual([]));
  });

  it('has its own password changed, and is found again with the new one', async () => {
    const line = { vrp: ['aaa', { 'local-user.arung': 'password irreversible-cipher baru\nprivilege level 15\nservice-type ssh' }], business: ['global', { 'username.arung': 'password baru privilege 15' }], ios: ['global', { 'username.arung': 'privilege 15 secret baru' }], noName: ['global', { 'username.arung': 'privilege 15 secret baru' }] } as const; // prettier-ignore
    const [subject, values] = line[dialect as keyof typeof line];
    const change = cliDocument(fragment('saya', subject, values));
    const after = bench.driver.credentialAfter(change, { user: user.name, password: user.password });
    expect(after).toEqual({ user: user.name, password: 'baru' });
    await bench.with(bench.target(device), async (session) => {
      const { until } = await session.arm('sandi', 600);
      await session.apply(change, { run: 'sandi', applied: null, until });
    });
    await expect(bench.driver.open(bench.target(device))).rejects.toMatchObject({ code: 'device.sign-in' });
    const target = { ...bench.target(device), credential: after, alternative: { credential: { user: user.name, password: user.password } } }; // prettier-ignore
    await bench.reverted(device, 'sandi', { commandTimeoutMs: 3_000, target });
    await bench.untilReached(device);
    await bench.with(bench.target(device), async (session) => expect(await session.rollbacks()).toEqual([]));
  });
});
