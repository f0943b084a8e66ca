import { describe, expect, it } from 'vitest';
import type { EventView } from '../live/messages.ts';
import { restEvent } from './moments.ts';

const event: EventView = {
  id: '019ab3f0-6c1d-7cc3-98c4-dc0c0c07398f',
  at: 1_795_486_214_000,
  key: 'site.unreachable',
  entityKind: 'site',
  entityId: 'kahu',
  entityName: 'Kantor Desa Kahu',
  siteId: 'kahu',
  cause: { name: 'palattae--kahu', since: 1_795_486_211_000, kind: 'link', id: 'l1', certainty: 0.97 },
  arguments: { since: 1_795_486_211_000, outageS: 3 },
};

describe('an event as REST tells it', () => {
  it('writes its time, its cause’s and its arguments’ as ISO 8601, and leaves numbers that are no times', () => {
    expect(restEvent(event)).toEqual({
      ...event,
      at: '2026-11-24T02:10:14.000Z',
      cause: { ...event.cause, since: '2026-11-24T02:10:11.000Z' },
      arguments: { since: '2026-11-24T02:10:11.000Z', outageS: 3 },
    });
  });

  it('adds nothing where there is no cause and no argument', () => {
    const plain = { ...event, cause: null, arguments: {} };
    expect(restEvent(plain)).toEqual({ ...plain, at: '2026-11-24T02:10:14.000Z' });
  });
});
