import { describe, expect, it } from 'vitest';
import type { EventView } from '../../../../src/live/messages.ts';
import { foldEvents } from './event-folding.ts';

const event = (id: string, at: number, key = 'device.up'): EventView => ({
  id,
  at,
  key,
  entityKind: 'device',
  entityId: id,
  entityName: id,
  siteId: null,
  cause: null,
  arguments: {},
});
const burst = (count: number, from: number): EventView[] =>
  Array.from({ length: count }, (_, index) => event(`e${from}-${index}`, from - index));

describe('events of many at once', () => {
  it('fold into one line that counts the rest, and open by it', () => {
    const events = burst(30, 1_000_000);
    const lines = foldEvents(events, new Set());
    expect(lines).toHaveLength(5);
    const last = lines[4];
    expect(last?.kind === 'fold' && last.hidden).toBe(26);
    expect(foldEvents(events, new Set(['e1000000-0']))).toHaveLength(30);
  });

  it('fold though two kinds came in turns within a second', () => {
    const mixed = Array.from({ length: 20 }, (_, index) =>
      event(`m${index}`, 1_000_900 - index * 40, index % 2 === 0 ? 'device.up' : 'link.up'),
    );
    expect(foldEvents(mixed, new Set()).filter((line) => line.kind === 'fold')).toHaveLength(2);
  });

  it('stand newest first, whatever they are: nothing is moved for a fold that there is none of', () => {
    const events = [
      event('a', 1_002_000, 'inventory.updated'),
      event('b', 1_003_000, 'device.up'),
      event('c', 1_002_500, 'link.up'),
      event('d', 1_003_000, 'inventory.created'),
    ];
    const shown = foldEvents(events, new Set()).map((line) => (line.kind === 'event' ? line.event.id : 'fold'));
    expect(shown).toEqual(['d', 'b', 'c', 'a']);
  });

  it('stand newest first beside a fold, too', () => {
    const mixed = [...burst(30, 1_000_500), event('x', 1_000_600, 'link.up'), event('y', 1_000_490, 'link.up')];
    const times = foldEvents(mixed, new Set()).map((line) => (line.kind === 'event' ? line.event.at : line.sample.at));
    expect(
      foldEvents(mixed, new Set())
        .map(({ kind }) => kind)
        .filter((kind) => kind === 'fold'),
    ).toHaveLength(1);
    expect(times[0]).toBe(1_000_600);
    const shown = foldEvents(mixed, new Set()).flatMap((line) => (line.kind === 'event' ? [line.event.at] : []));
    expect(shown).toEqual(shown.toSorted((a, b) => b - a));
  });

  it('stay apart when another thing happened between, or long before', () => {
    const events = [
      ...burst(3, 1_000_000),
      event('x', 997_000, 'link.down'),
      ...burst(3, 990_000),
      ...burst(3, 500_000),
    ];
    expect(foldEvents(events, new Set())).toHaveLength(10);
  });
});
