import { describe, expect, it } from 'vitest';
import type { Cause, EntityKind, EntityState } from '../domain/reachability.ts';
import { TestNetwork } from '../status/test-network.ts';
import { stateAlerts } from './state-alerts.ts';

const noon = Date.UTC(2026, 10, 29, 4);
const network = new TestNetwork().site('dc').device('core', 'dc', { gateway: true }).attach('core').village('kahu');
network.link('core', 'r-kahu');
const cut: Cause = {
  kind: 'link',
  id: network.linkId('core--r-kahu'),
  name: 'core--r-kahu',
  since: noon,
  certainty: 0.97,
};

function told(states: Readonly<Record<string, Partial<EntityState>>>) {
  const all = new Map(
    Object.entries(states).map(([key, state]) => [key, { since: noon, cause: null, ...state } as EntityState]),
  );
  return stateAlerts(
    {
      idsNotUp: (kind: EntityKind) =>
        [...all.keys()].filter((key) => key.startsWith(`${kind}:`)).map((key) => key.slice(kind.length + 1)),
      stateOf: (kind, id) => all.get(`${kind}:${id}`) ?? null,
    },
    network.topology,
  );
}

describe('stateAlerts', () => {
  it('makes an alert of all that is dark, each with the cause that status found', () => {
    const alerts = told({
      [`link:${network.linkId('core--r-kahu')}`]: { state: 'down', cause: cut },
      [`site:${network.siteId('kahu')}`]: { state: 'unreachable', cause: cut },
      [`device:${network.id('t-kahu')}`]: { state: 'unreachable', cause: cut },
    });
    expect(alerts.map(({ rule, subject }) => `${rule} ${subject.name}`)).toEqual([
      'link.down core--r-kahu',
      'device.unreachable t-kahu',
      'site.unreachable kahu',
    ]);
    expect(new Set(alerts.map(({ cause }) => `${cause?.reason} ${cause?.name}`))).toEqual(
      new Set(['failed core--r-kahu']),
    );
    // people call it by the places that it joins
    expect(alerts.map(({ cause }) => cause?.link)).toEqual(
      Array.from({ length: 3 }, () => ({ places: 'dc–kahu', medium: 'fibre' })),
    );
  });

  it('takes what is down without a cause for its own', () => {
    const [alert] = told({ [`device:${network.id('t-kahu')}`]: { state: 'down' } });
    expect(alert?.cause).toMatchObject({ kind: 'device', name: 't-kahu', reason: 'failed', since: noon });
  });

  it('tells a silent agent once, and nothing of planned work, of what was never heard, and of what is gone', () => {
    const silent: Cause = { kind: 'agent', id: 'a', name: 'POP Camming', since: noon - 5_000, certainty: 1 };
    const alerts = told({
      [`device:${network.id('r-kahu')}`]: { state: 'unknown', cause: silent },
      [`device:${network.id('s-kahu')}`]: { state: 'unknown', cause: silent },
      [`device:${network.id('core')}`]: { state: 'unknown' },
      [`device:${network.id('t-kahu')}`]: { state: 'maintenance' },
      'device:gone': { state: 'down' },
    });
    expect(alerts.map(({ key, since }) => [key, since])).toEqual([['agent.silent|agent:a', noon - 5_000]]);
  });
});
