import { describe, expect, it } from 'vitest';
import { alertKey, type Alert, type AlertCause, type Subject } from '../../domain/alert.ts';
import { newId, type SharedRiskId } from '../../domain/ids.ts';
import { TestNetwork } from '../../status/test-network.ts';
import { groupByCause, onBattery, type Risk } from './grouping.ts';

const noon = Date.UTC(2026, 10, 29, 4);

/** Three villages on spurs of one hub, and a fourth behind the first. */
const network = new TestNetwork()
  .site('dc')
  .device('core', 'dc', { gateway: true })
  .attach('core')
  .village('kahu')
  .village('bonto')
  .village('tondong')
  .village('ulu')
  .link('core', 'r-kahu')
  .link('core', 'r-bonto')
  .link('core', 'r-tondong')
  .link('r-kahu', 'r-ulu');
const { topology } = network;

function alert(rule: string, subject: Subject, cause: AlertCause | null, since = noon): Alert {
  return { key: alertKey(rule, subject), rule, subject, severity: 'critical', since, cause };
}

/** A hub with a UPS and six villages behind it. */
const spread = new TestNetwork()
  .site('dc')
  .device('core', 'dc', { gateway: true })
  .attach('core')
  .site('hub')
  .device('h', 'hub', { gateway: true })
  .device('ups', 'hub', { role: 'ups' })
  .link('core', 'h')
  .link('h', 'ups', 'copper');
for (const village of ['near', 'far', 'v1', 'v2', 'v3', 'v4']) spread.village(village).link('h', `r-${village}`);

/** All that is dark at these villages, by one cause. */
function dark(cause: AlertCause, ...villages: readonly string[]): Alert[] {
  return darkAt(network, cause, ...villages);
}

function darkAt(where: TestNetwork, cause: AlertCause, ...sites: readonly string[]): Alert[] {
  const { devices } = where.topology;
  return sites.flatMap((site) => [
    alert('site.unreachable', { kind: 'site', id: where.siteId(site), name: site }, cause, cause.since),
    ...[...devices.values()]
      .filter(({ siteId }) => siteId === where.siteId(site))
      .map(({ id, name }) => alert('device.unreachable', { kind: 'device', id, name }, cause, cause.since)),
  ]);
}

function cut(link: string, since = noon): AlertCause {
  return { kind: 'link', id: network.linkId(link), name: link, reason: 'failed', since, certainty: 0.97 };
}

function dead(device: string, since = noon): AlertCause {
  return deadAt(network, device, since);
}

function deadAt(where: TestNetwork, device: string, since: number): AlertCause {
  return { kind: 'device', id: where.id(device), name: device, reason: 'failed', since, certainty: 0.8 };
}

function battery(village: string, since: number): Alert {
  return batteryAt(network, village, since);
}

function batteryAt(where: TestNetwork, site: string, since: number): Alert {
  return alert(onBattery, { kind: 'site', id: where.siteId(site), name: site }, null, since);
}

function power(village: string): AlertCause {
  return { kind: 'site', id: network.siteId(village), name: village, reason: 'power', since: noon, certainty: 0.7 };
}

function risk(kind: Risk['kind'], members: { sites?: readonly string[]; links?: readonly string[] }): Risk {
  return {
    id: newId<SharedRiskId>(),
    name: kind,
    kind,
    siteIds: (members.sites ?? []).map((name) => network.siteId(name)),
    linkIds: (members.links ?? []).map((name) => network.linkId(name)),
  };
}

const causes = (alerts: readonly Alert[], risks: readonly Risk[] = []) =>
  groupByCause(alerts, { topology, risks })
    .map(({ cause, alerts: of }) => `${cause.reason} ${cause.kind} ${cause.name} ${of.length}`)
    .sort();

describe('groupByCause', () => {
  it('makes one group of what status says has one cause', () => {
    expect(causes(dark(cut('core--r-kahu'), 'kahu', 'ulu'))).toEqual(['failed link core--r-kahu 8']);
  });

  it('keeps two failures apart that have nothing in common', () => {
    const alerts = [...dark(cut('core--r-kahu'), 'kahu'), ...dark(dead('r-bonto', noon + 2_000), 'bonto')];
    expect(causes(alerts)).toEqual(['failed device r-bonto 4', 'failed link core--r-kahu 4']);
  });

  it('sees the feeder behind sites that went dark at once, those behind them included', () => {
    const feeder = risk('power-feeder', { sites: ['kahu', 'ulu', 'bonto', 'tondong'] });
    const alerts = [
      ...dark(cut('core--r-kahu'), 'kahu', 'ulu'),
      ...dark(dead('r-bonto', noon + 20_000), 'bonto'),
      ...dark(cut('core--r-tondong', noon + 40_000), 'tondong'),
    ];
    expect(causes(alerts, [feeder])).toEqual(['power shared-risk power-feeder 16']);
    const [group] = groupByCause(alerts, { topology, risks: [feeder] });
    expect(group?.cause).toMatchObject({ since: noon, certainty: 0.9 });
  });

  it('does not blame a feeder for what failed hours apart, for one failure, or for a small part of it', () => {
    const feeder = risk('power-feeder', { sites: ['kahu', 'bonto'] });
    const apart = [...dark(dead('r-kahu'), 'kahu'), ...dark(dead('r-bonto', noon + 7_200_000), 'bonto')];
    expect(causes(apart, [feeder])).toHaveLength(2);
    expect(causes(dark(dead('r-kahu'), 'kahu'), [feeder])).toEqual(['failed device r-kahu 4']);
    const wide = risk('power-feeder', { sites: ['kahu', 'bonto', 'tondong', 'ulu', 'dc'] });
    const small = [...dark(dead('r-bonto'), 'bonto'), ...dark(dead('r-tondong'), 'tondong')];
    expect(causes(small, [wide])).toHaveLength(2);
  });

  it('takes what lies behind a failure neither for a feeder nor against it', () => {
    const feeder = risk('power-feeder', { sites: ['kahu', 'ulu', 'bonto', 'tondong', 'dc'] });
    const alerts = [...dark(cut('core--r-kahu'), 'kahu', 'ulu'), ...dark(dead('r-bonto'), 'bonto')];
    // Two of the four that tell anything: tondong and dc have power.
    const [group] = groupByCause(alerts, { topology, risks: [feeder] });
    expect(group?.cause.certainty).toBeCloseTo(0.7);
  });

  it('clears a feeder of which sites without a battery lived on, until a hub before them had used up its own', () => {
    const sites = ['hub', 'near', 'far', 'v1', 'v2', 'v3', 'v4'].map((name) => spread.siteId(name));
    const feeder: Risk = { ...risk('power-feeder', {}), siteIds: sites };
    const told = (hubSince: number) => {
      const alerts = [
        ...darkAt(spread, deadAt(spread, 'r-near', noon), 'near'),
        ...darkAt(spread, deadAt(spread, 'r-far', noon + 2_000), 'far'),
        ...darkAt(spread, deadAt(spread, 'h', hubSince), 'hub', 'v1', 'v2', 'v3', 'v4'),
        batteryAt(spread, 'hub', noon + 1_000),
      ];
      return groupByCause(alerts, { topology: spread.topology, risks: [feeder] }).map(({ cause }) => cause.name);
    };
    // Four of its seven sites were seen to live 200 s longer than those that lost their power.
    expect(told(noon + 200_000)).toEqual(['near']);
    // Nobody saw whether these four have power.
    expect(told(noon + 3_000)).toEqual(['power-feeder']);
  });

  it('keeps the name of a power cut when a hub that lived on its battery darkens all of it', () => {
    const first = [
      ...darkAt(spread, deadAt(spread, 'r-near', noon), 'near'),
      ...darkAt(spread, deadAt(spread, 'r-far', noon + 2_000), 'far'),
      batteryAt(spread, 'hub', noon + 10_000),
    ];
    const [cut] = groupByCause(first, { topology: spread.topology, risks: [] });
    expect(cut?.cause).toMatchObject({ reason: 'power', name: 'near' });
    const before = new Map((cut?.alerts ?? []).map(({ key }) => [key, cut?.cause as AlertCause]));
    // From now on status says of all of them that the hub is dead.
    const hub = deadAt(spread, 'h', noon + 900_000);
    const all = [...darkAt(spread, hub, 'near', 'far', 'hub', 'v1'), batteryAt(spread, 'hub', noon + 10_000)];
    const named = (alerts: readonly Alert[]) =>
      groupByCause(alerts, { topology: spread.topology, risks: [], before }).map(
        ({ cause }) => `${cause.reason} ${cause.name}`,
      );
    expect(named(all)).toEqual(['power near']);
    // Without a battery that says so, the dead hub is another failure.
    expect(named(all.filter(({ rule }) => rule !== onBattery))).toEqual(['failed h']);
  });

  it('sees the duct in which two cables were cut, not the power of the sites at their ends', () => {
    const duct = risk('duct', { links: ['core--r-kahu', 'core--r-bonto'] });
    const feeder = risk('power-feeder', { sites: ['kahu', 'bonto', 'tondong', 'ulu'] });
    const alerts = [...dark(cut('core--r-kahu'), 'kahu', 'ulu'), ...dark(cut('core--r-bonto', noon + 1_000), 'bonto')];
    expect(causes(alerts, [duct])).toEqual(['shared-risk shared-risk duct 12']);
    // Both explain both: the one that lost all that it carries is the better explanation.
    expect(causes(alerts, [feeder, duct])).toEqual(['shared-risk shared-risk duct 12']);
  });

  it('says power of a site whose UPS went on battery before it went dark', () => {
    const alerts = [battery('bonto', noon - 2_400_000), ...dark(dead('r-bonto'), 'bonto')];
    expect(causes(alerts)).toEqual(['power site bonto 5']);
  });

  it('leaves a battery alone whose site is lit, or that began after the site was dark', () => {
    const alerts = [battery('tondong', noon), battery('bonto', noon + 600_000), ...dark(dead('r-bonto'), 'bonto')];
    expect(causes(alerts)).toEqual(['failed device r-bonto 4', 'rule site bonto 1', 'rule site tondong 1']);
  });

  it('sees the feeder when only batteries say so yet, and keeps to it as the sites go dark one by one', () => {
    const feeder = risk('power-feeder', { sites: ['kahu', 'bonto', 'tondong'] });
    const batteries = [battery('kahu', noon), battery('bonto', noon + 20_000), battery('tondong', noon + 50_000)];
    expect(causes(batteries, [feeder])).toEqual(['power shared-risk power-feeder 3']);
    const later = [...batteries, ...dark(dead('r-bonto', noon + 3_000_000), 'bonto')];
    expect(causes(later, [feeder])).toEqual(['power shared-risk power-feeder 7']);
    // One site is one sign, however much of it says so.
    const one = [battery('bonto', noon - 60_000), ...dark(dead('r-bonto'), 'bonto')];
    expect(causes(one, [risk('power-feeder', { sites: ['bonto', 'kahu'] })])).toEqual(['power site bonto 5']);
  });

  it('keeps the rest with its feeder while the others come back, and lets it go when it is told to', () => {
    const feeder = risk('power-feeder', { sites: ['kahu', 'bonto', 'tondong'] });
    const all = ['kahu', 'bonto', 'tondong'].flatMap((name) => dark(dead(`r-${name}`), name));
    const [told] = groupByCause(all, { topology, risks: [feeder] });
    const left = dark(dead('r-bonto'), 'bonto');
    const before = new Map(told?.alerts.map(({ key }) => [key, told.cause]));
    expect(groupByCause(left, { topology, risks: [feeder], before })).toMatchObject([
      { cause: { name: 'power-feeder' } },
    ]);
    expect(groupByCause(left, { topology, risks: [feeder] })).toMatchObject([{ cause: { name: 'r-bonto' } }]);
  });

  it('sees a power cut in three sites that went dark at once, each by itself, though no feeder is known', () => {
    const alerts = [
      ...dark(cut('core--r-kahu'), 'kahu', 'ulu'),
      ...dark(dead('r-bonto', noon + 2_000), 'bonto'),
      ...dark(cut('core--r-tondong', noon + 30_000), 'tondong'),
    ];
    expect(causes(alerts)).toEqual(['power site kahu 16']);
    // Two are chance, and so are three within an hour.
    expect(causes(alerts.slice(0, 12))).toHaveLength(2);
    const apart = [...alerts.slice(0, 12), ...dark(cut('core--r-tondong', noon + 1_800_000), 'tondong')];
    expect(causes(apart)).toHaveLength(3);
    // Two batteries at once tell of the grid.
    expect(causes([battery('kahu', noon), battery('bonto', noon + 20_000)])).toEqual(['power site kahu 2']);
    // What was said first goes on to be its name while more is found, and while it comes back.
    const before = new Map(dark(dead('r-bonto', noon), 'bonto').map(({ key }) => [key, power('bonto')]));
    const named = (some: readonly Alert[]) =>
      groupByCause(some, { topology, risks: [], before }).map(({ cause }) => `${cause.reason} ${cause.name}`);
    expect(named(alerts)).toEqual(['power bonto']);
    expect(named(dark(dead('r-bonto', noon + 2_000), 'bonto'))).toEqual(['power bonto']);
  });

  it('puts what the inventory knows no way to with what it fell silent with', () => {
    const stray: AlertCause = { ...dead('r-ulu', noon + 3_000), certainty: 0.5 };
    const alerts = [...dark(cut('core--r-kahu'), 'kahu'), ...dark(stray, 'ulu')];
    expect(causes(alerts)).toEqual(['failed link core--r-kahu 8']);
    expect(causes(dark(stray, 'ulu'))).toEqual(['failed device r-ulu 4']);
    const later = [...dark(cut('core--r-kahu'), 'kahu'), ...dark({ ...stray, since: noon + 30_000 }, 'ulu')];
    expect(causes(later)).toHaveLength(2);
  });

  it('gives the same groups whatever the order', () => {
    const feeder = risk('power-feeder', { sites: ['kahu', 'bonto', 'tondong'] });
    const alerts = [
      ...dark(cut('core--r-kahu'), 'kahu', 'ulu'),
      ...dark(dead('r-bonto', noon + 20_000), 'bonto'),
      battery('bonto', noon - 1_000),
      battery('tondong', noon),
    ];
    const once = causes(alerts, [feeder]);
    for (let i = 0; i < alerts.length; i += 1) {
      const turned = [...alerts.slice(i), ...alerts.slice(0, i)].toReversed();
      expect(causes(turned, [feeder])).toEqual(once);
    }
  });
});
