import { describe, expect, it } from 'vitest';
import type { EventView } from '../../../../src/live/messages.ts';
import { breaksOf, whatChanged } from './changes.ts';
import { Network } from './network.ts';

const network = new Network({
  version: 1,
  sites: [],
  links: [{ id: 'trunk', name: 'trunk', medium: 'fibre', capacityBps: 1, trunk: true, a: 'a', b: 'b' }],
});
let next = 0;
const event = (key: string, entityId: string, at: number): EventView => ({
  id: String(next++),
  at,
  key,
  entityKind: key.slice(0, key.indexOf('.')),
  entityId,
  entityName: entityId,
  siteId: null,
  cause: null,
  arguments: {},
});
const keysOf = (events: EventView[]) => whatChanged(events, network).map((one) => one.key);

describe('whatChanged', () => {
  it('tells a cut once, not with every site and device behind it', () => {
    const events = [
      event('site.unreachable', 's1', 1000),
      event('site.unreachable', 's2', 1000),
      event('device.unreachable', 'd1', 1000),
      event('link.down', 'trunk', 900),
    ];
    expect(keysOf(events)).toEqual(['link.down']);
  });

  it('leaves out cables inside a site', () => {
    expect(keysOf([event('link.down', 'switch--terminal', 5)])).toEqual([]);
  });

  it('keeps sites that fell without a link, once for those that fell together', () => {
    const events = [event('site.down', 's1', 1000), event('site.down', 's2', 1010), event('site.down', 's3', 900_000)];
    expect(keysOf(events)).toHaveLength(2);
  });

  it('keeps restarts, imports and agents', () => {
    const kinds = ['device.restarted', 'inventory.imported', 'agent.silent', 'controller.started'];
    expect(keysOf(kinds.map((key, i) => event(key, 'x', i)))).toEqual(kinds);
  });
});

describe('breaksOf', () => {
  it('makes one sign of what broke in one moment, the worst', () => {
    const events = [event('site.down', 's', 7), event('link.down', 'trunk', 7), event('site.down', 's', 9)];
    expect(breaksOf(events)).toEqual([
      { at: 7, severity: 'critical' },
      { at: 9, severity: 'warning' },
    ]);
  });
});
