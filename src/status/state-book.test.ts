import { describe, expect, it } from 'vitest';
import type { EntityState } from '../domain/reachability.ts';
import { StateBook } from './state-book.ts';

const up = (since: number): EntityState => ({ state: 'up', since, cause: null });
const down = (since: number): EntityState => ({ state: 'down', since, cause: null });

describe('StateBook after a restart', () => {
  const bookAfter = (before: EntityState): StateBook => {
    const book = new StateBook(new Map([['device:a', before]]));
    book.add('device', 'a', 1_000);
    return book;
  };

  it('goes on with what is as it was, in silence and as old as it is', () => {
    expect(bookAfter(up(10)).set('device', 'a', up(1_005))).toMatchObject({
      to: up(10),
      quiet: true,
      outageSince: null,
    });
    expect(bookAfter(down(10)).set('device', 'a', down(1_005))).toMatchObject({ to: down(10), quiet: true });
  });

  it('tells what changed meanwhile', () => {
    expect(bookAfter(up(10)).set('device', 'a', down(1_005))).toMatchObject({ to: down(1_005), quiet: false });
    expect(bookAfter(down(10)).set('device', 'a', up(1_005))).toMatchObject({
      to: up(1_005),
      quiet: false,
      outageSince: 10,
    });
  });

  it('takes what was worked on when it stopped for what was fine', () => {
    const worked: EntityState = { state: 'maintenance', since: 10, cause: null };
    expect(bookAfter(worked).set('device', 'a', up(1_005))).toMatchObject({ to: up(1_005), quiet: true, outageSince: null }); // prettier-ignore
    expect(bookAfter(worked).set('device', 'a', down(1_005))).toMatchObject({ to: down(1_005), quiet: false });
    const goesOn = bookAfter(worked);
    goesOn.set('device', 'a', { ...worked, since: 1_005 });
    expect(goesOn.set('device', 'a', up(2_000))).toMatchObject({ quiet: true, outageSince: null });
  });

  it('remembers only until the first word', () => {
    const book = bookAfter(up(10));
    book.set('device', 'a', down(1_005));
    expect(book.set('device', 'a', up(2_000))).toMatchObject({ to: up(2_000), quiet: false, outageSince: 1_005 });
  });
});
