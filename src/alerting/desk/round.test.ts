import { describe, expect, it } from 'vitest';
import { alertKey, currentCause, type Alert, type AlertCause, type Subject } from '../../domain/alert.ts';
import type { IncidentId } from '../../domain/ids.ts';
import { TestNetwork } from '../../status/test-network.ts';
import { onBattery } from '../incidents/grouping.ts';
import type { KeptIncident } from './kept-incident.ts';
import { nobody } from './recipients.ts';
import { lookAt } from './round.ts';
import { noServices } from './surroundings.ts';

const noon = Date.UTC(2026, 10, 29, 4);
const network = new TestNetwork()
  .site('dc')
  .device('core', 'dc', { gateway: true })
  .attach('core')
  .site('hub')
  .device('h', 'hub', { gateway: true })
  .device('ups', 'hub', { role: 'ups' })
  .link('core', 'h')
  .link('h', 'ups', 'copper');
for (const village of ['near', 'far', 'third']) network.village(village).link('h', `r-${village}`);
const { topology } = network;

function alert(rule: string, subject: Subject, since: number, cause: AlertCause | null): Alert {
  return { key: alertKey(rule, subject), rule, subject, severity: 'critical', since, cause };
}

function dark(sites: readonly string[], since: number, cause: AlertCause): Alert[] {
  return sites.map((name) => alert('site.dark', { kind: 'site', id: network.siteId(name), name }, since, cause));
}

function dead(name: string, since: number): AlertCause {
  return { kind: 'device', id: network.id(name), name, reason: 'failed', since, certainty: 0.8 };
}

function look(kept: ReadonlyMap<IncidentId, KeptIncident>, alerts: readonly Alert[], now: number) {
  const round = lookAt(kept, {
    alerts,
    surroundings: { topology, risks: [], notes: new Map(), deviceTags: new Map() },
    services: noServices,
    readings: { stateOf: () => null, portOf: () => null, opticalOf: () => null, voltageOf: () => null },
    people: nobody,
    restarted: new Map(),
    now,
    wall: now,
    monotonic: now,
  });
  return round.incidents;
}

const causesOf = (incidents: ReadonlyMap<IncidentId, KeptIncident>) =>
  [...incidents.values()]
    .filter(({ incident }) => incident.state === 'open')
    .map(({ incident }) => `${currentCause(incident).reason} ${currentCause(incident).name}`);

describe('one round', () => {
  it('goes on with a power cut when the hub before it has used up its battery, however late', () => {
    const battery = alert(onBattery, { kind: 'site', id: network.siteId('hub'), name: 'hub' }, noon + 10_000, null);
    const villages = [
      ...dark(['near'], noon, dead('r-near', noon)),
      ...dark(['far'], noon + 2_000, dead('r-far', noon + 2_000)),
      battery,
    ];
    const cut = look(new Map(), villages, noon + 12_000);
    expect(causesOf(cut)).toEqual(['power near']);
    // Two hours later status says of all of them that the hub is dead.
    const late = noon + 7_200_000;
    const all = [
      ...dark(['near'], noon, dead('h', late)),
      ...dark(['far'], noon + 2_000, dead('h', late)),
      ...dark(['hub', 'third'], late, dead('h', late)),
      battery,
    ];
    const after = look(look(cut, villages, late - 1_000), all, late + 3_000);
    expect(causesOf(after)).toEqual(['power near']);
    expect([...after.keys()]).toEqual([...cut.keys()]);
  });

  it('lets what stays dark speak for itself five minutes after the rest of a power cut came back', () => {
    const failures = (names: readonly string[]) =>
      names.flatMap((name, i) => dark([name], noon + i * 1_000, dead(`r-${name}`, noon + i * 1_000)));
    const cut = look(new Map(), failures(['near', 'far', 'third']), noon + 10_000);
    expect(causesOf(cut)).toEqual(['power near']);
    const coming = look(cut, failures(['near']), noon + 3_600_000);
    expect(causesOf(coming)).toEqual(['power near']);
    expect(causesOf(look(coming, failures(['near']), noon + 3_600_000 + 299_000))).toEqual(['power near']);
    expect(causesOf(look(coming, failures(['near']), noon + 3_600_000 + 301_000))).toEqual(['failed r-near']);
  });
});
