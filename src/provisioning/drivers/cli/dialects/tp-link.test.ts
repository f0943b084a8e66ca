import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { user } from '../../../../../agents/simulator/routeros/testing/small-backbone.ts';
import { changesOn } from '../../../../../tests/support/changes-on.ts';
import { fragment } from '../../../../../tests/support/device-bench.ts';
import { cliDocument, SwitchBench, switches } from '../../../../../tests/support/switch-bench.ts';
import { CliConfiguration } from '../configuration.ts';
import { tpLink } from './tp-link.ts';

const device = switches.noName;

let bench: SwitchBench;
beforeAll(async () => {
  bench = await SwitchBench.start(136, { isDriven: true, as: { [device]: { vendor: 'TP-Link', model: 'TL-SG2008' } } });
});
afterAll(() => bench.stop());

const { applied, confirmed, ownPasswordChanged } = changesOn(() => bench, device);

/** The simulated maker for a while with something else about it. */
async function asMaker(change: Partial<ReturnType<typeof maker>>, work: () => Promise<void>): Promise<void> {
  const was = { ...maker() };
  try {
    Object.assign(maker(), change);
    await work();
  } finally {
    Object.assign(maker(), was);
  }
}
const maker = () => bench.box(device).maker;

const port = 'interface gigabitEthernet 1/0/3';
const uplink = 'interface gigabitEthernet 1/0/1';
const carries = 'switchport.general.allowed.vlan';
const document = cliDocument(
  fragment('vlan', 'vlan 30', { name: 'TAMU' }),
  fragment('port', port, { [carries]: '30 untagged', 'switchport.pvid': '30', description: 'ruang tamu' }),
  fragment('uplink', uplink, { [carries]: '10 tagged\n30 tagged\n99 tagged' }),
  fragment('user', 'global', { 'user.name.kedua': 'privilege user secret 0 canary-kedua' }),
  fragment('log', 'global', { 'logging.host.index': '1 10.73.0.1 6\n2 10.73.0.2 6' }),
);

describe('a switch of TP-Link', () => {
  it('is brought to a document, saved, and then is as it says; no secret that it hides is drift', async () => {
    await confirmed(document);
    expect(bench.savedOf(device)).toBe(bench.stateOf(device));
    expect(bench.shown(device)).toContain('  switchport general allowed vlan 10,30,99 tagged\n');
    expect(bench.shown(device)).toContain('  description "ruang tamu"\n');
    expect(bench.shown(device)).not.toMatch(/arung-rollback|canary/);
    expect(maker().users(bench.box(device).running).get('kedua')).toBe('canary-kedua');
    await bench.with(bench.target(device), async (session) => {
      expect(bench.driver.plan(document, await session.read([document]), document)).toEqual([]);
    });
  });

  it('loses what the document lists no more', async () => {
    const less = cliDocument(
      fragment('uplink', uplink, { [carries]: '10 tagged\n99 tagged' }),
      fragment('log', 'global', { 'logging.host.index': '1 10.73.0.3 6' }),
    );
    await confirmed(less, document);
    const shown = bench.shown(device);
    expect(shown).toContain('logging host index 1 10.73.0.3 6');
    expect(shown).not.toMatch(/TAMU|vlan 30|kedua|ruang tamu|pvid|index 2/);
  });

  it('gives a backup whose hashes and communities are masked, without the mark of a run that waits', async () => {
    await applied(cliDocument(fragment('nama', 'global', { hostname: 'sw-tplink' })));
    expect(bench.shown(device)).toContain('arung-rollback');
    const { text, masked } = await bench.with(bench.target(device), (session) => session.backup());
    expect(text).toContain(`user name ${user.name} privilege admin secret 5 $1$`);
    expect(text).toContain('snmp-server community "rahasia" read-only');
    expect(masked).not.toMatch(/\$1\$|rahasia/);
    expect(text).not.toContain('arung-rollback');
    bench.pass(240);
    await bench.untilReached(device);
    expect(bench.box(device).name).toBe(device);
  });

  it.each([
    ['an uplink without the management VLAN', uplink, { [carries]: '10 tagged' }],
    ['an uplink that carries it without its tag', uplink, { [carries]: '10 tagged\n99 untagged' }],
    ['another address', 'interface vlan 99', { 'ip.address': '10.99.0.1 255.255.255.0' }],
    ['an uplink that is shut', uplink, { shutdown: 'yes' }],
    ['a management interface that is shut', 'interface vlan 99', { shutdown: 'yes' }],
    ['another gateway', 'global', { 'ip.route': '0.0.0.0 0.0.0.0 10.99.0.254' }],
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

  it('heals by itself when its management VLAN is listed no more', async () => {
    const good = cliDocument(fragment('kelola', 'vlan 99', { name: 'MANAJEMEN' }));
    await confirmed(good);
    const before = bench.stateOf(device);
    const bad = cliDocument(fragment('lain', 'vlan 40', { name: 'LAIN' }));
    const end = bench
      .with(bench.target(device), async (session) => {
        const { until } = await session.arm('hilang', 120);
        await session.apply(bad, { run: 'hilang', applied: good, until });
      }, { commandTimeoutMs: 3_000 })
      .catch((error: unknown) => error); // prettier-ignore
    for (let tries = 0; tries < 2_400 && bench.answers(device); tries += 1) await new Promise((resolve) => setTimeout(resolve, 5)); // prettier-ignore
    expect(bench.answers(device)).toBe(false);
    expect(bench.shown(device)).not.toMatch(/^vlan .*99/m);
    bench.pass(240);
    await bench.untilReached(device);
    expect(bench.stateOf(device)).toBe(before);
    expect(await end).toMatchObject({ code: expect.stringMatching(/^(apply\.(lost|too-late)|rollback\.not-armed)$/) as string }); // prettier-ignore
  });

  it.each([
    ['its clock', { 'system-time.ntp': 'UTC+08:00 10.73.0.1 10.73.0.2 12' }],
    ['the file that it starts with', { 'boot.config': 'filename config2 startup' }],
  ])('is not given a line about %s: it would not go back as planned', async (_, values) => {
    const before = bench.stateOf(device);
    await expect(applied(cliDocument(fragment('jam', 'global', values)))).rejects.toMatchObject({ code: 'apply.undone', arguments: { said: expect.stringContaining('planned restart') as string } }); // prettier-ignore
    expect(bench.stateOf(device)).toBe(before);
    expect(bench.box(device).reloadInS()).toBeNull();
  });

  it('is not told to forget its planned restart by a document', () => {
    const forget = (property: string) => () => bench.driver.check(cliDocument(fragment('x', 'global', { [property]: 'cancel' }))); // prettier-ignore
    expect(forget('reboot-schedule')).toThrow();
    expect(forget('reboot-sched')).toThrow();
  });

  it('is not changed where its help shows no way to see the time that is left', async () => {
    const before = bench.stateOf(device);
    const help = maker().help?.map((page) => ({ ...page, words: page.words.filter(([word]) => word !== 'reboot-schedule') })); // prettier-ignore
    await asMaker(help === undefined ? {} : { help }, async () => {
      await expect(applied(document)).rejects.toMatchObject({ code: 'rollback.unsupported' });
    });
    expect(bench.stateOf(device)).toBe(before);
    expect(bench.box(device).reloadInS()).toBeNull();
  });

  it.each([
    ['Restart planned for 10:00', 'a time that is none'],
    ['Reboot schedule at 2026-12-01 10:00 (in 2 minutes)\nSave before reboot: Yes', 'one that saves first'],
  ])('is not changed where it shows %j: %s', async (shown) => {
    const before = bench.stateOf(device);
    const exec = maker().exec.map(
      (one) =>
      one.pattern.test('show reboot-schedule') ? { ...one, run: (_: unknown, __: unknown, terminal: { write(lines: readonly string[]): void }) => terminal.write(shown.split('\n')) } : one, // prettier-ignore
    );
    await asMaker({ exec }, async () => {
      await expect(applied(document)).rejects.toMatchObject({ code: 'rollback.unproven' });
    });
    expect(bench.stateOf(device)).toBe(before);
    expect(bench.box(device).reloadInS()).toBeNull();
  });

  it('is told to forget its planned restart, also where it asks whether it shall', async () => {
    const configuring = maker().configuring?.map(
      (one) =>
      one.pattern.test('reboot-schedule cancel') ? { ...one, run: (found, box, terminal) => terminal.ask('Cancel the reboot schedule. Continue? (Y/N):', (answer) => { if (/^y/i.test(answer)) one.run(found, box, terminal); }) } satisfies typeof one : one, // prettier-ignore
    );
    await asMaker(configuring === undefined ? {} : { configuring }, async () => {
      await confirmed(cliDocument(fragment('tamu', 'vlan 31', { name: 'TAMU-2' })));
    });
    expect(bench.box(device).reloadInS()).toBeNull();
  });

  it('has its ports in VLAN 1 again as they were at first, without a tag', () => {
    expect(tpLink.negate('no switchport general allowed vlan 1', null)).toEqual(['switchport general allowed vlan 1 untagged']); // prettier-ignore
    expect(tpLink.negate('no lldp', null)).toEqual(['lldp']);
  });

  it('keeps its own ACL of the number that the mark needs, and is not changed', async () => {
    bench.byHand(device, 'access-list create 999 name tamu');
    const before = bench.stateOf(device);
    await expect(applied(document)).rejects.toMatchObject({ code: 'rollback.unsupported' });
    expect(bench.stateOf(device)).toBe(before);
    bench.byHand(device, 'no access-list create 999');
  });

  it.each(['baru', '"baru"'])(
    'has its own password changed, typed as %s, and is found again with the new one',
    async (typed) => {
      const change = cliDocument(fragment('saya', 'global', { [`user.name.${user.name}`]: `privilege admin secret 0 ${typed}` })); // prettier-ignore
      await ownPasswordChanged(change);
    },
  );

  it('is read as people published its configurations, with VLANs in a list and texts in quotes', () => {
    const text = ['!TL-SG3210', '#', 'vlan 20-22,207', '#', 'vlan 20', ' name "of-mgmt"', '#', 'hostname "gkc"', 'contact-info ""', '#', 'snmp-server community "publik" read-only "viewDefault"', '#', 'interface gigabitEthernet 1/0/1', '#', 'interface gigabitEthernet 1/0/2', '  switchport general allowed vlan 20-21 tagged', '  description "dua kata"', '#', 'end']; // prettier-ignore
    const read = new CliConfiguration(0, text.join('\r\n'), tpLink);
    // Some are not indented.
    const flat = new CliConfiguration(0, text.map((line) => line.trim()).join('\n'), tpLink);
    expect([...flat.sections]).toEqual([...read.sections]);
    expect(read.lines('vlan 20')).toEqual(['name of-mgmt']);
    expect([...read.sections.keys()]).toEqual(['global', 'vlan 20', 'vlan 21', 'vlan 22', 'vlan 207', 'interface gigabitEthernet 1/0/1', 'interface gigabitEthernet 1/0/2']); // prettier-ignore
    expect(read.lines('global')).toEqual(['hostname gkc', 'contact-info ""', 'snmp-server community publik read-only viewDefault']); // prettier-ignore
    expect(read.lines('interface gigabitEthernet 1/0/2')).toEqual(['switchport general allowed vlan 20 tagged', 'switchport general allowed vlan 21 tagged', 'description "dua kata"']); // prettier-ignore
  });
});
