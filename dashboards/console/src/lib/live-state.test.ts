import { describe, expect, it } from 'vitest';
import type {
  CauseView,
  DeltaMessage,
  EventView,
  LinkView,
  SnapshotMessage,
  StateView,
} from '../../../../src/live/messages.ts';
import type { IncidentView } from '../../../../src/domain/incident-view.ts';
import { LiveState } from './live-state.ts';

const none = { up: 0, down: 0, unreachable: 0, unknown: 0, maintenance: 0 };
const counts = (up: number) => ({ devices: { ...none, up: 3 * up }, sites: { ...none, up } });
const cause: CauseView = { name: 'palattae--kahu', since: 10, kind: 'link', id: 'l1', certainty: 0.97 };
const dark = (id: string, more: Partial<StateView> = {}): StateView => ({
  id,
  state: 'unreachable',
  since: 10,
  cause,
  ...more,
});
const link = (id: string, loadPercent: number): LinkView => ({
  id,
  state: 'up',
  since: 0,
  cause: null,
  abBps: 1,
  baBps: 1,
  loadPercent,
});
const event = (id: string, at: number): EventView => ({
  id,
  at,
  key: 'site.down',
  entityKind: 'site',
  entityId: 's1',
  entityName: 'Kahu',
  siteId: 's1',
  cause: null,
  arguments: {},
});
const snapshot = (more: Partial<SnapshotMessage> = {}): SnapshotMessage => ({
  room: 'everywhere',
  epoch: 'a',
  seq: 5,
  at: 100,
  topologyVersion: 1,
  devices: [],
  sites: [],
  links: [],
  counts: counts(10),
  services: [],
  incidents: [],
  uplinkBps: 1e9,
  ...more,
});
const delta = (more: Partial<DeltaMessage> = {}): DeltaMessage => ({
  ...snapshot(),
  services: null,
  seq: 6,
  events: [],
  ...more,
});

describe('the live picture', () => {
  it('keeps the services until a delta brings them anew, and adds up what rooms tell of one', () => {
    const state = new LiveState();
    const service = {
      id: 'v1',
      code: 'e-planning',
      name: 'e-Planning',
      state: 'up',
      since: 1,
      users: 5,
      lost: 0,
    } as const;
    state.snapshot(snapshot({ room: '73.08.01', services: [service] }));
    state.snapshot(snapshot({ room: '73.08.02', services: [{ ...service, users: 2 }] }));
    expect(state.services).toEqual([{ ...service, users: 7 }]);
    expect(state.delta(delta({ room: '73.08.01' }))?.services).toBe(false);
    expect(state.services).toHaveLength(1);
    const down = { ...service, state: 'down', lost: 5 } as const;
    expect(state.delta(delta({ room: '73.08.01', seq: 7, services: [down] }))?.services).toBe(true);
    expect(state.services[0]).toMatchObject({ users: 7, lost: 5 });
  });

  it('holds what is not up and forgets what comes back', () => {
    const state = new LiveState();
    state.snapshot(snapshot({ sites: [dark('s1'), dark('s2')], links: [link('l1', 40)] }));
    expect([...state.sites.keys()]).toEqual(['s1', 's2']);
    const changes = state.delta(delta({ sites: [dark('s1', { state: 'up', cause: null })], links: [link('l1', 50)] }));
    expect([...state.sites.keys()]).toEqual(['s2']);
    expect(state.links.get('l1')?.loadPercent).toBe(50);
    expect([...(changes?.sites ?? [])]).toEqual(['s1']);
    expect(changes?.all).toBe(false);
  });

  it('asks for a fresh start when a message is missing or the controller is another', () => {
    const state = new LiveState();
    expect(state.delta(delta())).toBeNull();
    state.snapshot(snapshot());
    expect(state.delta(delta({ seq: 8 }))).toBeNull();
    expect(state.delta(delta({ epoch: 'b' }))).toBeNull();
    expect(state.delta(delta({ seq: 6 }))).not.toBeNull();
  });

  it('ignores a repeat and keeps its place for the next handshake', () => {
    const state = new LiveState();
    state.snapshot(snapshot({ sites: [dark('s1')] }));
    state.delta(delta({ seq: 5, sites: [dark('s1', { state: 'up' })] }));
    expect(state.sites.has('s1')).toBe(true);
    expect(state.position()).toEqual({ rooms: { everywhere: { epoch: 'a', seq: 5 } } });
  });

  it('replaces everything that a snapshot no longer names', () => {
    const state = new LiveState();
    state.snapshot(snapshot({ sites: [dark('s1')], links: [link('l1', 1)] }));
    const changes = state.snapshot(snapshot({ epoch: 'b', seq: 0, sites: [dark('s2')] }));
    expect([...state.sites.keys()]).toEqual(['s2']);
    expect(state.links.size).toBe(0);
    expect([...changes.sites].sort()).toEqual(['s1', 's2']);
    expect(changes.all).toBe(true);
  });

  it('adds rooms beside each other and counts a room inside another once', () => {
    const state = new LiveState();
    state.snapshot(snapshot({ room: '73.08.01', counts: counts(4), uplinkBps: null }));
    state.snapshot(snapshot({ room: '73.08.02', counts: counts(6), uplinkBps: 2 }));
    expect(state.counts.sites.up).toBe(10);
    expect(state.uplinkBps).toBe(2);
    state.snapshot(snapshot({ room: '73.08', counts: counts(10), uplinkBps: 3 }));
    expect(state.counts.sites.up).toBe(10);
    expect(state.uplinkBps).toBe(3);
  });

  it('shows of two rooms the cause that may be named in full', () => {
    const state = new LiveState();
    const hidden: CauseView = { ...cause, kind: null, id: null, certainty: null };
    state.snapshot(snapshot({ room: '73.08.01', sites: [dark('s1', { cause: hidden })] }));
    state.snapshot(snapshot({ room: '73.08.02', sites: [dark('s1')] }));
    expect(state.sites.get('s1')?.cause?.kind).toBe('link');
  });

  it('keeps the last 1000 events, newest first and each once', () => {
    const state = new LiveState();
    state.snapshot(snapshot());
    state.addEvents(Array.from({ length: 1250 }, (_, index) => event(`e${index}`, index)));
    const changes = state.delta(delta({ events: [event('e1249', 1249), event('new', 1999)] }));
    expect(state.events).toHaveLength(1000);
    expect(state.events[0]?.id).toBe('new');
    expect(changes?.events.map((one) => one.id)).toEqual(['new']);
  });
});

describe('incidents of the live picture', () => {
  const incident = (id: string, more: Partial<IncidentView> = {}): IncidentView => ({
    id: id as IncidentView['id'],
    number: 1,
    name: 'INS-1',
    state: 'open',
    severity: 'critical',
    since: '2026-11-29T18:10:11.000Z',
    openedAt: '2026-11-29T18:10:20.000Z',
    clearedAt: null,
    endedAt: null,
    mergedInto: null,
    cause: {
      name: 'palattae--kahu',
      since: '2026-11-29T18:10:11.000Z',
      kind: null,
      id: null,
      reason: null,
      certainty: null,
    },
    rule: null,
    place: null,
    evidence: [],
    impact: {
      sites: { village: 0, district: 0, agency: 0, pop: 0 },
      devices: 0,
      terminals: 0,
      services: [],
      siteIds: [],
    },
    regionCodes: [],
    stage: 'new',
    takenBy: null,
    takenAt: null,
    told: { people: 0, messages: 0 },
    suppressed: 0,
    flaps: 0,
    silence: null,
    revision: 1,
    ...more,
  });

  it('come with the snapshot, change with deltas, and go when they are over', () => {
    const state = new LiveState();
    state.snapshot(snapshot({ incidents: [incident('a'), incident('b')] }));
    expect([...state.incidents.keys()]).toEqual(['a', 'b']);
    const changes = state.delta(delta({ incidents: [incident('a', { stage: 'taken', revision: 2 })] }));
    expect(changes?.incidents).toBe(true);
    expect(state.incidents.get('a' as IncidentView['id'])?.stage).toBe('taken');
    state.delta(delta({ seq: 7, incidents: [incident('a', { state: 'resolved', revision: 3 })] }));
    expect([...state.incidents.keys()]).toEqual(['b']);
    expect(state.delta(delta({ seq: 8, incidents: [] }))?.incidents).toBe(false);
  });

  it('of two rooms are shown as the one tells them that may name the cause', () => {
    const state = new LiveState();
    const named = incident('a', {
      cause: { name: 'x', since: '2026-11-29T18:10:11.000Z', kind: 'link', id: 'l1', reason: 'failed', certainty: 1 },
    });
    state.snapshot(snapshot({ room: '73.08.02', incidents: [named] }));
    state.snapshot(snapshot({ room: '73.08.03', incidents: [incident('a')] }));
    expect(state.incidents.get('a' as IncidentView['id'])?.cause.kind).toBe('link');
  });
});
