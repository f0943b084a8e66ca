import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithinHours } from '../../domain/hours.ts';
import { newId, type ChannelId, type DutyId, type PersonId, type TeamId } from '../../domain/ids.ts';
import type { PeopleBook } from '../../domain/people-book.ts';
import type { Duty, HoursOfWeek, Person, Team } from '../../domain/person.ts';
import { recipientsOf, type Recipient, type RoutingFacts } from './routing.ts';

const timeZone = 'Asia/Makassar';
const office: HoursOfWeek = { weekdays: [1, 2, 3, 4, 5], from: '08:00', to: '16:00', timeZone };
const night: HoursOfWeek = { weekdays: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00', timeZone };
const channels = [{ channelId: newId<ChannelId>(), address: 'inbox' }];
const team: Team = { id: newId<TeamId>(), name: 'Jaringan', escalateAfterS: 600 };
const at = (text: string) => Date.parse(`${text}+08:00`);
/** Monday. */
const noon = at('2026-11-30T12:00:00');
const deepNight = at('2026-12-01T02:10:00');

function person(name: string, more: Partial<Person> = {}): Person {
  return {
    id: newId<PersonId>(),
    name,
    teamId: team.id,
    userId: null,
    language: null,
    regionCodes: ['73.08'],
    networks: [],
    level: 1,
    workingHours: [office],
    quietHours: null,
    channels,
    active: true,
    managedBy: 'console',
    ...more,
  };
}
function duty({ id }: Person, from: string, to: string): Duty {
  const span = { from: new Date(at(from)).toISOString(), to: new Date(at(to)).toISOString() };
  return { id: newId<DutyId>(), personId: id, note: '', ...span };
}
const book = (people: Person[], duties: Duty[] = []): PeopleBook => ({ people, teams: [team], duties });
const facts = (more: Partial<RoutingFacts> = {}): RoutingFacts => ({
  severity: 'critical',
  regionCodes: ['73.08.02.1001'],
  networks: ['smart-city'],
  isOwnFault: false,
  ...more,
});
const told = (recipients: readonly Recipient[]) =>
  recipients.map((one) => `${one.person.name} ${one.why} +${(one.dueAt - (recipients[0]?.dueAt ?? 0)) / 1000}`);

const kahu = person('Kahu', { regionCodes: ['73.08.02'] });
const bone = person('Bone');
const head = person('Kepala', { level: 2 });
const week = (one: Person) => duty(one, '2026-11-30T08:00:00', '2026-12-07T08:00:00');

describe('who is told', () => {
  it('is at work the one with the smallest area, and then the next level', () => {
    expect(told(recipientsOf(facts(), book([bone, head, kahu]), noon))).toEqual(['Kahu area +0', 'Kepala level +600']);
  });

  it('is who is on duty before who has the smaller area, and of two on duty who has it', () => {
    expect(told(recipientsOf(facts(), book([bone, kahu], [week(bone)]), noon))[0]).toBe('Bone duty +0');
    const both = book([bone, kahu], [week(bone), week(kahu)]);
    expect(told(recipientsOf(facts(), both, noon))[0]).toBe('Kahu duty +0');
  });

  it('is at night nobody but who is on duty, for what is critical', () => {
    const all = book([kahu, bone, head], [week(bone)]);
    const [first] = recipientsOf(facts(), all, deepNight);
    expect(first).toMatchObject({ person: bone, why: 'duty', dueAt: deepNight });
    const [later] = recipientsOf(facts({ severity: 'warning' }), all, deepNight);
    expect(later).toMatchObject({ person: bone, dueAt: at('2026-12-01T08:00:00') });
  });

  it('waits until work begins when nobody is on duty', () => {
    const [first] = recipientsOf(facts(), book([kahu]), deepNight);
    expect(first).toMatchObject({ person: kahu, why: 'area', dueAt: at('2026-12-01T08:00:00') });
  });

  it('is of a higher level when nobody of the lower ones may be woken', () => {
    expect(told(recipientsOf(facts(), book([kahu, head], [week(head)]), deepNight))[0]).toBe('Kepala duty +0');
  });

  it('hears in quiet hours only of what is critical', () => {
    const always = person('Selalu', { workingHours: [], quietHours: night });
    expect(recipientsOf(facts(), book([always]), deepNight)[0]?.dueAt).toBe(deepNight);
    for (const severity of ['warning', 'info'] as const) {
      expect(recipientsOf(facts({ severity }), book([always]), deepNight)[0]?.dueAt).toBe(at('2026-12-01T06:00:00'));
    }
  });

  it('is after a hand-over the one who came on duty, as the next step and not at once', () => {
    const [before, after] = [person('Sebelum'), person('Sesudah')];
    const handOver = '2026-12-01T02:15:00';
    const duties = [duty(before, '2026-11-24T08:00:00', handOver), duty(after, handOver, '2026-12-08T08:00:00')];
    const people = book([before, after, head], duties);
    expect(told(recipientsOf(facts(), people, deepNight))).toEqual([
      'Sebelum duty +0',
      'Sesudah duty +600',
      expect.stringContaining('Kepala level'),
    ]);
    // Without a hand-over nobody else of the level is woken.
    const same = book([before, after, head], [week(before)]);
    expect(told(recipientsOf(facts(), same, deepNight))[1]).toContain('Kepala level');
  });

  it('is near when nobody covers it, and never of another regency', () => {
    const libureng = person('Libureng', { regionCodes: ['73.08.05'] });
    const soppeng = person('Soppeng', { regionCodes: ['73.12'] });
    expect(told(recipientsOf(facts(), book([soppeng, libureng]), noon))).toEqual(['Libureng fallback +0']);
    expect(recipientsOf(facts(), book([soppeng]), noon)).toEqual([]);
  });

  it('is of a person whose area is hurt when nobody covers the cause', () => {
    const hurt = person('Terdampak', { regionCodes: ['73.08.09'] });
    const near = person('Dekat', { regionCodes: ['73.08.02.1002'] });
    const regionCodes = ['73.08.02.1001', '73.08.09.2001'];
    expect(told(recipientsOf(facts({ regionCodes }), book([near, hurt]), noon))[0]).toBe('Terdampak area +0');
  });

  it('is for a fault of Arung itself who answers for the most', () => {
    const all = person('Semua', { regionCodes: [] });
    const own = facts({ isOwnFault: true, regionCodes: [], networks: [] });
    expect(told(recipientsOf(own, book([kahu, bone, all]), noon))[0]).toBe('Semua area +0');
    expect(told(recipientsOf(own, book([kahu, bone]), noon))[0]).toBe('Bone fallback +0');
  });

  it('is one person only for what is for the digest', () => {
    expect(recipientsOf(facts({ severity: 'info' }), book([kahu, bone, head]), noon)).toHaveLength(1);
  });
});

describe('whatever the book is', () => {
  const region = fc.constantFrom('73', '73.08', '73.08.02', '73.08.02.1001', '73.08.03', '73.12');
  const hours = fc.constantFrom<HoursOfWeek>(office, night, { ...office, timeZone: 'Europe/Berlin' });
  const anyone = fc.record({
    name: fc.string({ minLength: 1, maxLength: 3 }),
    regionCodes: fc.array(region, { maxLength: 2 }),
    level: fc.integer({ min: 1, max: 4 }),
    workingHours: fc.array(hours, { maxLength: 2 }),
    quietHours: fc.option(hours),
    active: fc.boolean(),
    channels: fc.constantFrom(channels, []),
    networks: fc.constantFrom<Person['networks']>([], ['smart-office'], ['smart-city']),
  });
  const dutySpan = fc.record({
    of: fc.nat(),
    day: fc.integer({ min: -2, max: 3 }),
    days: fc.integer({ min: 1, max: 3 }),
  });
  const world = fc.record({
    people: fc.array(anyone, { minLength: 1, maxLength: 8 }),
    duties: fc.array(dutySpan, { maxLength: 6 }),
    severity: fc.constantFrom('critical' as const, 'warning' as const, 'info' as const),
    after: fc.integer({ min: 0, max: 7 * 86_400_000 }),
  });

  it('tells exactly one first, the levels in their order, nobody twice, and nobody in quiet hours what is not critical', () => {
    fc.assert(
      fc.property(world, ({ people: drafts, duties: spans, severity, after }) => {
        const people = drafts.map(({ name, ...draft }) => person(name, draft));
        const duties = spans.map(({ of, day, days }) => {
          const from = noon + day * 86_400_000;
          const span = { from: new Date(from).toISOString(), to: new Date(from + days * 86_400_000).toISOString() };
          return {
            id: newId<DutyId>(),
            personId: people[of % people.length]?.id ?? newId<PersonId>(),
            note: '',
            ...span,
          };
        });
        const moment = noon + after;
        const asked = facts({ severity });
        const steps = recipientsOf(asked, book(people, duties), moment);
        const shuffled = book(people.toReversed(), duties.toReversed());
        expect(recipientsOf(asked, shuffled, moment)).toEqual(steps);

        const covers = people.some(
          (one) =>
            one.active &&
            one.channels.length > 0 &&
            (one.networks.length === 0 || one.networks.includes('smart-city')) &&
            (one.quietHours === null ||
              one.workingHours.length === 0 ||
              one.workingHours.every((h) => h !== one.quietHours)) &&
            (one.regionCodes.length === 0 || one.regionCodes.some((code) => '73.08.02.1001'.startsWith(code))),
        );
        if (covers) expect(steps.length).toBeGreaterThan(0);
        expect(new Set(steps.map((step) => step.person.id)).size).toBe(steps.length);
        for (const [index, step] of steps.entries()) {
          const before = steps[index - 1];
          expect(step.dueAt).toBeGreaterThanOrEqual(before === undefined ? moment : before.dueAt + 600_000);
          if (before !== undefined) expect(step.level).toBeGreaterThanOrEqual(before.level);
          expect(step.person.active && step.channels.length > 0).toBe(true);
          const quiet = step.person.quietHours;
          if (severity !== 'critical' && quiet !== null) expect(isWithinHours([quiet], step.dueAt)).toBe(false);
        }
      }),
      { numRuns: 50 },
    );
  }, 120_000);
});
