import { describe, expect, it } from 'vitest';
import { alertKey, causeKey, currentCause, type Alert, type AlertCause, type Subject } from '../../domain/alert.ts';
import { newId, type ChannelId, type IncidentId, type PersonId } from '../../domain/ids.ts';
import { backbone } from '../../status/test-network.ts';
import { IncidentBook } from '../incidents/incident-book.ts';
import { decide, defaultNoticeRules } from './decisions.ts';
import type { DecidedNotice, KeptIncident, NoticeDraft, Progress } from './kept-incident.ts';
import { nobody, type Addressee, type PeopleNow } from './recipients.ts';
import { lookAt, type Observations } from './round.ts';
import { noServices } from './surroundings.ts';

const night = Date.UTC(2026, 10, 29, 18, 10);
const network = backbone(3, 12);
const { topology } = network;
const andi: Addressee = {
  person: { id: newId<PersonId>(), name: 'Andi' },
  why: 'area',
  level: 1,
  dueAt: 0,
  channels: [{ channelId: newId<ChannelId>(), address: 'andi' }],
};
const people: PeopleNow = {
  ...nobody,
  recipientsOf: (_, at) => [{ ...andi, dueAt: at }],
  addresseeOf: () => andi,
};

/** Random numbers that are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Everything behind hub 1, as it goes dark when the cable to it is cut. */
const behind: readonly Subject[] = (() => {
  const isBehind = (name: string): boolean => /^(h1|hub1|.*v1-\d+)$/.test(name);
  const devices = [...topology.devices.values()].filter(({ name }) => isBehind(name));
  const sites = [...topology.sites.values()].filter(({ name }) => isBehind(name));
  return [
    { kind: 'link', id: network.linkId('h0--h1'), name: 'h0--h1' },
    ...devices.map(({ id, name }): Subject => ({ kind: 'device', id, name })),
    ...sites.map(({ id, name }): Subject => ({ kind: 'site', id, name })),
  ];
})();

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => ({ item, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** As another controller reads it from the database: what is not kept there is gone. */
function afterRestart(kept: ReadonlyMap<IncidentId, KeptIncident>, monotonic: number, now: number) {
  return new Map(
    [...kept].map(([id, one]): [IncidentId, KeptIncident] => [
      id,
      {
        ...one,
        settling: { from: monotonic - (now - one.incident.openedAt), changedAt: monotonic },
        movedAt: now,
        restarted: new Map(),
      },
    ]),
  );
}

describe('what is decided of one failure', () => {
  it('is one incident and one message, in 1,000 orders of what is seen, with a restart in the middle of each', () => {
    const outcomes = new Map<string, number>();
    for (let seed = 1; seed <= 1_000; seed++) {
      const next = random(seed);
      const order = shuffled(behind, next);
      const linkAt = order.findIndex(({ kind }) => kind === 'link');
      const restartAt = Math.floor(next() * 24);
      let kept: ReadonlyMap<IncidentId, KeptIncident> = new Map();
      let number = 0;
      const progress = new Map<IncidentId, Progress>();
      const sent: NoticeDraft[] = [];
      for (let step = 0; step < 25; step++) {
        const passed = step < 10 ? step * 500 : (step - 5) * 1_000;
        const now = night + passed;
        const monotonic = passed + (step >= restartAt ? 1_000_000 : 0);
        if (step === restartAt) kept = afterRestart(kept, monotonic, now);
        // All is dark within five seconds; what was seen is blamed on the hub until the port of its cable was read.
        const seen = order.slice(0, Math.ceil((order.length * (step + 1)) / 10));
        const isKnown = seen.length > linkAt;
        const cause: AlertCause = isKnown
          ? {
              kind: 'link',
              id: network.linkId('h0--h1'),
              name: 'h0--h1',
              reason: 'failed',
              since: night,
              certainty: 0.97,
            }
          : { kind: 'device', id: network.id('h1'), name: 'h1', reason: 'failed', since: night, certainty: 0.8 };
        const alerts = seen.map((subject): Alert => {
          const rule = `${subject.kind}.${subject.kind === 'link' ? 'down' : 'unreachable'}`;
          const key = alertKey(`${subject.kind}.dark`, subject);
          return { key, rule, subject, severity: 'warning', since: night, cause };
        });
        const observed: Observations = {
          alerts: shuffled(alerts, next),
          surroundings: { topology, risks: [], notes: new Map(), deviceTags: new Map() },
          services: noServices,
          readings: { stateOf: () => null, portOf: () => null, opticalOf: () => null, voltageOf: () => null },
          people,
          restarted: new Map(),
          now,
          wall: now,
          monotonic,
        };
        const round = lookAt(kept, observed);
        const book = new IncidentBook();
        const decided = decide(round, {
          progress,
          people,
          topology,
          rules: defaultNoticeRules,
          now,
          wall: now,
          monotonic,
          isFlapping: ({ incident }) => book.isFlapping(incident, now),
        });
        kept = new Map([...round.incidents].map(([id, one]) => [id, { ...one, number: one.number ?? ++number }]));
        for (const draft of decided.notices) {
          sent.push(draft);
          const before = progress.get(draft.incidentId)?.notices ?? [];
          const notice: DecidedNotice = {
            ...draft,
            severity: draft.content.severity,
            cause: draft.content.cause,
            decidedAt: now,
          };
          progress.set(draft.incidentId, { takenBy: null, stage: 'new', notices: [...before, notice] });
        }
      }
      expect(number, `seed ${seed}`).toBe(1);
      const [incident] = kept.values();
      expect(incident?.alerts.length).toBe(behind.length);
      const said = sent
        .map(({ kind, content }) => `${kind} ${causeKey(content.cause).split('|')[1]?.split(':')[0]}`)
        .join(', ');
      outcomes.set(said, (outcomes.get(said) ?? 0) + 1);
      expect(incident !== undefined && currentCause(incident.incident).name).toBe('h0--h1');
    }
    // Of the incident itself once; nothing for any of the 49 things that lie behind.
    expect([...outcomes.keys()]).toEqual(['opened link']);
    expect(behind.length).toBeGreaterThan(45);
  }, 300_000);
});
