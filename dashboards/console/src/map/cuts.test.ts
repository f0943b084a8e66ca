import { describe, expect, it } from 'vitest';
import type { MapSite } from '../../../../src/api/views.ts';
import type { StateView } from '../../../../src/live/messages.ts';
import { cutsOf } from './cuts.ts';
import { Network } from './network.ts';
import { DARK, type StateCode } from './states.ts';
import { nextInDirection } from './walk.ts';

const site = (id: string, longitude: number, latitude = -4.5): MapSite => ({
  id,
  code: id,
  name: id,
  kind: id === 'dc' ? 'pop' : 'village',
  network: 'smart-city',
  regionCode: '73.08.01.2001',
  districtName: null,
  latitude,
  longitude,
  uplinkMedium: null,
  devices: 1,
});
const link = (a: string, b: string, medium = 'fibre') => ({
  id: `${a}--${b}`,
  name: '',
  medium,
  capacityBps: 1e9,
  trunk: false,
  a,
  b,
});
const network = new Network({
  version: 1,
  sites: [site('dc', 120), site('a', 120.1), site('b', 120.2), site('c', 120.1, -4.4)],
  links: [link('dc', 'a'), link('b', 'a'), link('dc', 'c', 'vsat')],
});
const down = (id: string): [string, StateView] => [id, { id, state: 'down', since: 1, cause: null }];
const states = (dark: string[]): ReadonlyMap<string, StateCode> => new Map(dark.map((id) => [id, DARK]));

describe('cutsOf', () => {
  it('draws a cut from its live end, dotted beyond the gap', () => {
    // The link is written b to a, but b is the dark end.
    const { cuts, lines } = cutsOf(network, new Map([down('b--a')]), states(['b']), () => 100);
    expect(lines.features.map((f) => f.properties.end)).toEqual(['live', 'dead']);
    expect(lines.features[0]?.geometry.coordinates[0]).toEqual([120.1, -4.5]);
    expect(lines.features[1]?.geometry.coordinates[1]).toEqual([120.2, -4.5]);
    expect(cuts).toHaveLength(1);
  });

  it('leaves both pieces live where a ring goes on', () => {
    const { lines } = cutsOf(network, new Map([down('dc--a')]), states([]), () => 100);
    expect(lines.features.map((f) => f.properties.end)).toEqual(['live', 'live']);
  });

  it('lets links between two dark ends die without red', () => {
    const { cuts, dead } = cutsOf(network, new Map([down('dc--a')]), states(['a', 'b']), () => 100);
    expect(cuts.map((cut) => cut.linkId)).toEqual(['dc--a']);
    expect([...dead]).toEqual(['b--a']);
  });

  it('never draws a line for VSAT', () => {
    expect(cutsOf(network, new Map([down('dc--c')]), states(['c']), () => 100).lines.features).toEqual([]);
  });
});

describe('nextInDirection', () => {
  it('walks to the neighbour in that direction and stays where there is none', () => {
    expect(nextInDirection(network, 'dc', 'east')).toBe('a');
    expect(nextInDirection(network, 'a', 'east')).toBe('b');
    expect(nextInDirection(network, 'a', 'north')).toBe('c');
    expect(nextInDirection(network, 'dc', 'west')).toBe('dc');
  });

  it('begins at the data centre', () => {
    expect(nextInDirection(network, null, 'north')).toBe('dc');
  });
});
