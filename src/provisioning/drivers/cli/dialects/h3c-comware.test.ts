import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { user } from '../../../../../agents/simulator/routeros/testing/small-backbone.ts';
import { changesOn } from '../../../../../tests/support/changes-on.ts';
import { fragment } from '../../../../../tests/support/device-bench.ts';
import { cliDocument, SwitchBench, switches } from '../../../../../tests/support/switch-bench.ts';

const device = switches.vrp;

let bench: SwitchBench;
beforeAll(async () => {
  bench = await SwitchBench.start(135, { isDriven: true, as: { [device]: { vendor: 'H3C', model: 'S5130S-28P-EI' } } });
});
afterAll(() => bench.stop());

const { applied, confirmed, ownPasswordChanged } = changesOn(() => bench, device);

const document = cliDocument(
  fragment('vlan', 'vlan 30', { name: 'TAMU' }),
  fragment('port', 'interface GigabitEthernet0/0/3', { 'port.link-type': 'access', 'port.access.vlan': '30', description: 'ruang tamu' }), // prettier-ignore
  fragment('uplink', 'interface GigabitEthernet0/0/1', { 'port.trunk.permit.vlan': '10\n30\n99' }),
  fragment('user', 'local-user kedua class manage', { password: 'simple canary-kedua', 'service-type': 'ssh' }),
  fragment('log', 'global', { 'info-center.loghost': '10.73.0.1\n10.73.0.2' }),
);

describe('a switch of H3C', () => {
  it('is brought to a document, saved, and then is as it says; no secret that it hides is drift', async () => {
    await confirmed(document);
    expect(bench.savedOf(device)).toBe(bench.stateOf(device));
    expect(bench.shown(device)).not.toMatch(/arung-rollback|canary/);
    expect(bench.box(device).maker.users(bench.box(device).running).get('kedua')).toBe('canary-kedua');
    await bench.with(bench.target(device), async (session) => {
      expect(bench.driver.plan(document, await session.read([document]), document)).toEqual([]);
    });
  });

  it('gives a backup whose hashes are masked, without the mark of a run that waits', async () => {
    await applied(cliDocument(fragment('nama', 'global', { sysname: 'sw-h3c' })));
    const { text, masked } = await bench.with(bench.target(device), (session) => session.backup());
    expect(text).toContain('password hash $h$6$');
    expect(masked).not.toContain('$h$6$');
    expect(text).not.toContain('arung-rollback');
    bench.pass(240);
    await bench.untilReached(device);
    expect(bench.box(device).name).toBe(device);
    expect(bench.shown(device)).not.toContain('arung-rollback');
  });

  it('loses what is no longer listed', async () => {
    const fewer = cliDocument(...document.fragments.filter(({ key }) => key === 'uplink' || key === 'log'));
    await confirmed(fewer, document);
    expect(bench.shown(device)).not.toMatch(/TAMU|ruang tamu|kedua/);
  });

  it('is brought back to a backup line by line', async () => {
    const backup = await bench.with(bench.target(device), async (session) => (await session.backup()).text);
    bench.byHand(device, 'vlan 30', ' name LAIN', 'interface GigabitEthernet0/0/3', ' description tamu', 'undo snmp-agent', 'info-center loghost 10.73.9.9'); // prettier-ignore
    const restoring = bench.driver.restoring(backup);
    expect(JSON.stringify(restoring)).not.toMatch(/"#"|"return"|version 7/);
    await confirmed(restoring);
    await bench.with(bench.target(device), async (session) => {
      const { text } = await session.backup();
      expect(bench.driver.plan(restoring, await session.read([restoring]), null)).toEqual([]);
      expect(text).not.toMatch(/LAIN|tamu|10\.73\.9\.9/);
    });
  });

  it('is brought back within a minute where somebody reverts', async () => {
    const before = bench.stateOf(device);
    const run = await applied(cliDocument(fragment('nama', 'global', { sysname: 'mundur' })));
    expect(bench.box(device).reloadInS()).toBeGreaterThan(60);
    await bench.reverted(device, run, { commandTimeoutMs: 3_000 });
    expect(bench.stateOf(device)).toBe(before);
  });

  it.each([
    ['a trunk without the management VLAN', 'interface GigabitEthernet0/0/1', { 'port.trunk.permit.vlan': '10' }],
    ['another address', 'interface Vlan-interface99', { 'ip.address': '10.99.0.1 255.255.255.0' }],
    ['an uplink that is shut', 'interface GigabitEthernet0/0/1', { shutdown: 'yes' }],
    ['another gateway', 'global', { 'ip.route-static': '0.0.0.0 0.0.0.0 10.99.0.254' }],
  ])('heals by itself from %s', async (_, subject, values) => {
    const before = bench.stateOf(device);
    const bad = cliDocument(fragment('salah', subject, values));
    const end = bench
      .with(bench.target(device), async (session) => {
        const { until } = await session.arm('salah', 120);
        await session.apply(bad, { run: 'salah', applied: null, until });
      }, { commandTimeoutMs: 3_000 })
      .catch((error: unknown) => error); // prettier-ignore
    for (let tries = 0; tries < 2_400 && bench.answers(device); tries += 1) await new Promise((resolve) => setTimeout(resolve, 5)); // prettier-ignore
    expect(bench.answers(device)).toBe(false);
    bench.pass(240);
    await bench.untilReached(device);
    expect(bench.stateOf(device)).toBe(before);
    expect(await end).toMatchObject({ code: expect.stringMatching(/^(apply\.(lost|too-late)|rollback\.not-armed)$/) as string }); // prettier-ignore
  });

  it.each([
    ['clock.timezone', 'WITA add 08:00:00'],
    ['ntp-service.unicast-server', '10.73.0.1'],
  ])('is not given a line that may take its planned restart away: %s', async (property, value) => {
    const before = bench.stateOf(device);
    const clock = cliDocument(fragment('jam', 'global', { [property]: value }));
    await expect(applied(clock)).rejects.toMatchObject({ code: 'apply.undone', arguments: { said: expect.stringContaining('planned restart') as string } }); // prettier-ignore
    expect(bench.stateOf(device)).toBe(before);
    expect(bench.box(device).reloadInS()).toBeNull();
  });

  it('has its own password changed, and is found again with the new one', async () => {
    const change = cliDocument(fragment('saya', `local-user ${user.name} class manage`, { password: 'simple baru' }));
    await ownPasswordChanged(change);
  });

  it('is asked with the word of version 5 where its help does not know that of 7', async () => {
    const { maker } = bench.box(device);
    const was = { ...maker };
    const inFive = (pattern: RegExp): RegExp => new RegExp(pattern.source.replace('scheduler', 'schedule'));
    try {
      Object.assign(maker, {
        exec: maker.exec.map((one) => ({ ...one, pattern: inFive(one.pattern) })),
        help: maker.help?.map((page) => ({ ...page, after: page.after.replace('scheduler', 'schedule') })),
      });
      await confirmed(cliDocument(fragment('nama', 'global', { sysname: 'lima' })));
      expect(bench.box(device).name).toBe('lima');
    } finally {
      Object.assign(maker, was);
    }
  });
});
