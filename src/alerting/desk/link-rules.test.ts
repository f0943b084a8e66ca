import { describe, expect, it } from 'vitest';
import { alertKey, type Alert, type Subject } from '../../domain/alert.ts';
import { nobodyHurt } from '../../domain/incident.ts';
import type { EntityState } from '../../domain/reachability.ts';
import { backbone } from '../../status/test-network.ts';
import { alertsNow } from './alerts-now.ts';
import { evidenceFor } from './evidence.ts';
import { noServices } from './surroundings.ts';

const network = backbone(2, 2);
const cut = Date.UTC(2026, 10, 29, 18, 10);
const subject: Subject = { kind: 'link', id: network.linkId('core--h0'), name: 'core--h0' };
const lowLight = (since: number): Alert => ({
  key: alertKey('optical.low', subject),
  rule: 'optical.low',
  subject,
  severity: 'warning',
  since,
  cause: null,
});

/** What is alerted of a link in a state by the rule that a light is low; null: nothing. `held`: of the open incidents. */
function alertOf(
  state: EntityState,
  light: Alert,
  more: { readonly held?: readonly Alert[]; readonly now?: number } = {},
): Alert | null {
  const up: EntityState = { state: 'up', since: 0, cause: null };
  const alerts = alertsNow({
    states: {
      idsNotUp: (kind) => (kind === 'link' && state.state !== 'up' ? [subject.id] : []),
      stateOf: (kind, id) => (kind === 'link' && id === subject.id ? state : up),
      measuredOf: () => up,
    },
    topology: network.topology,
    services: noServices,
    rules: [light],
    foreign: [],
    faults: [],
    blindness: null,
    ownAgentId: null,
    held: more.held ?? [],
    now: more.now ?? cut + 60_000,
  });
  return alerts.find(({ rule }) => rule === 'optical.low') ?? null;
}

function told(...given: Parameters<typeof alertOf>): Alert {
  const found = alertOf(...given);
  if (found === null) throw new Error('it is not alerted at all');
  return found;
}

const down: EntityState = {
  state: 'down',
  since: cut,
  cause: { kind: 'link', id: subject.id, name: subject.name, since: cut, certainty: 0.97 },
};
const back = (since: number): EntityState => ({ state: 'up', since, cause: null });

describe('low light on a link that is cut', () => {
  it('is part of the cut', () => {
    const { cause } = told(down, lowLight(cut + 30_000));
    expect(cause).toMatchObject({ kind: 'link', id: subject.id, reason: 'failed' });
  });

  it('is told as light that is gone, with the port, and not as a bound that was passed', () => {
    const light = {
      ...lowLight(cut + 30_000),
      evidence: [{ key: 'rule.value', arguments: { rule: 'optical.low', field: 'value', value: -40, bound: -25 } }],
    };
    const alert = told(down, light);
    const { cause } = alert;
    if (cause === null) throw new Error('it is no part of the cut');
    const evidence = evidenceFor(
      { cause, alerts: [alert], hurt: nobodyHurt },
      {
        surroundings: { topology: network.topology, risks: [], notes: new Map(), deviceTags: new Map() },
        readings: {
          stateOf: () => ({ state: 'up', since: 0, cause: null }),
          portOf: () => ({ status: 'down', since: cut }),
          opticalOf: () => null,
          voltageOf: () => null,
        },
        restarted: new Map(),
      },
    );
    expect(evidence[0]?.key).toBe('link.no-light');
    expect(evidence.map(({ key }) => key)).not.toContain('rule.value');
  });

  it('is a story of its own where it was low long before', () => {
    expect(told(down, lowLight(cut - 3_600_000)).cause).toBeNull();
  });

  it('is no news when the link has just come back, and speaks for itself where it is low still after that', () => {
    const repaired = cut + 600_000;
    const light = lowLight(cut + 30_000);
    expect(alertOf(back(repaired), light, { now: repaired + 40_000 })).toBeNull();
    expect(told(back(repaired), light, { now: repaired + 301_000 }).cause).toBeNull();
  });

  it('goes on as the story of its own that it was before the cut', () => {
    const repaired = cut + 600_000;
    const light = lowLight(cut - 3_600_000);
    expect(told(back(repaired), light, { held: [light], now: repaired + 40_000 }).cause).toBeNull();
  });

  it('is a story of its own where the link was up all the time', () => {
    expect(told(back(0), lowLight(cut)).cause).toBeNull();
  });
});
