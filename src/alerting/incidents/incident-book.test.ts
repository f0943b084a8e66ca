import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertKey, causeKey, currentCause, type Alert, type AlertCause, type Subject } from '../../domain/alert.ts';
import { IncidentBook, type CauseGroup } from './incident-book.ts';

const noon = Date.UTC(2026, 10, 29, 4);

function causeOf(name: string, reason: AlertCause['reason'] = 'failed', certainty = 0.97): AlertCause {
  return { kind: 'link', id: name, name, reason, since: noon, certainty };
}

function alertOf(name: string, since = noon): Alert {
  const subject: Subject = { kind: 'device', id: name, name };
  return {
    key: alertKey('device.unreachable', subject),
    rule: 'device.unreachable',
    subject,
    severity: 'critical',
    since,
    cause: null,
  };
}

function group(cause: string, ...devices: readonly string[]): CauseGroup {
  return { cause: causeOf(cause), alerts: devices.map((name) => alertOf(name)) };
}

const kinds = (changes: readonly { readonly kind: string }[]): string[] => changes.map(({ kind }) => kind);

describe('IncidentBook', () => {
  it('opens one incident a cause, and resolves it when nothing has held for a minute', () => {
    const book = new IncidentBook();
    expect(kinds(book.update([group('kahu', 'a', 'b')], noon))).toEqual(['opened']);
    expect(book.update([group('kahu', 'a', 'b')], noon + 5_000)).toEqual([]);
    expect(kinds(book.update([group('kahu', 'a', 'b', 'c')], noon + 6_000))).toEqual(['spread']);
    expect(kinds(book.update([], noon + 60_000))).toEqual(['cleared']);
    expect(book.nextAt).toBe(noon + 120_000);
    expect(book.update([], noon + 119_000)).toEqual([]);
    expect(kinds(book.update([], noon + 120_000))).toEqual(['resolved']);
    expect(book.incidents).toEqual([]);
  });

  it('revises the cause of the same incident when evidence changes', () => {
    const book = new IncidentBook();
    const [opened] = book.update([group('router', 'a', 'b', 'c')], noon);
    const changes = book.update([group('cable', 'a', 'b', 'c')], noon + 4_000);
    expect(kinds(changes)).toEqual(['revised']);
    expect(changes[0]?.incident.id).toBe(opened?.incident.id);
    expect(changes[0]?.incident.causes.map(({ cause }) => cause.name)).toEqual(['router', 'cable']);
  });

  it('lets the part that has another cause be an incident of its own', () => {
    const book = new IncidentBook();
    const [first] = book.update([group('kahu', 'a', 'b', 'c', 'd')], noon);
    const changes = book.update([group('kahu', 'a', 'b', 'c'), group('d', 'd')], noon + 9_000);
    expect(kinds(changes).sort()).toEqual(['opened', 'spread']);
    expect(changes.find(({ kind }) => kind === 'spread')?.incident.id).toBe(first?.incident.id);
  });

  it('merges two that turn out to be one into the one that has the cause', () => {
    const book = new IncidentBook();
    book.update([group('x', 'a', 'b'), group('y', 'c')], noon);
    const changes = book.update([group('x', 'a', 'b', 'c')], noon + 1_000);
    expect(kinds(changes).sort()).toEqual(['merged', 'spread']);
    expect(changes.find((change) => change.kind === 'merged')).toMatchObject({
      into: { causes: [{ cause: { name: 'x' } }] },
    });
    expect(book.incidents).toHaveLength(1);
  });

  it('goes on as the same incident when it comes back before it was over, and waits longer once it flaps', () => {
    const book = new IncidentBook();
    const told: string[] = [];
    // Every 30 s another state, for an hour.
    for (let i = 0; i < 120; i += 1) {
      told.push(...kinds(book.update(i % 2 === 0 ? [group('radio', 'a')] : [], noon + i * 30_000)));
    }
    expect(told.filter((kind) => kind === 'opened')).toHaveLength(1);
    expect(told.filter((kind) => kind === 'resolved')).toHaveLength(0);
    const [incident] = book.incidents;
    expect(incident !== undefined && book.isFlapping(incident, noon + 3_600_000)).toBe(true);
    expect(book.update([], noon + 119 * 30_000 + 899_000)).toEqual([]);
    expect(kinds(book.update([], noon + 119 * 30_000 + 900_000))).toEqual(['resolved']);
  });

  it('does not take a new failure for the return of another that has cleared', () => {
    const book = new IncidentBook();
    book.update([group('kahu', 'a', 'b')], noon);
    book.update([], noon + 10_000);
    expect(kinds(book.update([group('a', 'a')], noon + 20_000))).toEqual(['opened']);
  });

  it('keeps each alert in one incident, whatever the groups do, in any order, across restarts', () => {
    const step = fc.record({
      // By device: its cause, or nothing.
      causes: fc.array(fc.option(fc.integer({ min: 0, max: 4 }), { nil: null }), { minLength: 8, maxLength: 8 }),
      afterMs: fc.integer({ min: 1_000, max: 90_000 }),
      restart: fc.boolean(),
      shuffle: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let plain = new IncidentBook();
        let shuffled = new IncidentBook();
        let now = noon;
        for (const { causes, afterMs, restart, shuffle } of steps) {
          now += afterMs;
          const groups = [0, 1, 2, 3, 4]
            .map((cause) =>
              group(`c${cause}`, ...causes.flatMap((one, device) => (one === cause ? [`d${device}`] : []))),
            )
            .filter(({ alerts }) => alerts.length > 0);
          if (restart) shuffled = new IncidentBook(shuffled.incidents);
          plain.update(groups, now);
          const order = new Map(groups.map((one) => [one, shuffle.next().value as number]));
          shuffled.update(
            [...groups].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)),
            now,
          );
          const view = (book: IncidentBook) =>
            book.incidents
              .map((one) => [
                one.state,
                causeKey(currentCause(one)),
                one.openedAt,
                [...one.alerts].sort(),
                one.causes.length,
              ])
              .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
          expect(view(shuffled)).toEqual(view(plain));
          const held = plain.incidents.flatMap((one) => [...one.alerts]);
          expect(held.sort()).toEqual(groups.flatMap((one) => one.alerts.map(({ key }) => key)).sort());
          const open = plain.incidents.filter((one) => one.state === 'open');
          expect(new Set(open.map((one) => causeKey(currentCause(one)))).size).toBe(open.length);
        }
        plain = new IncidentBook(plain.incidents);
        plain.update([], now + 1_000);
        plain.update([], now + 2_000_000);
        expect(plain.incidents).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
