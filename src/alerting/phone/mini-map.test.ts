import { beforeAll, describe, expect, it } from 'vitest';
import { computeGeography } from '../../territory/geography.ts';
import type { Topology } from '../../domain/topology.ts';
import { miniMap, type Ground, type LiveStates } from './mini-map.ts';
import type { MiniMap } from './phone-view.ts';
import { clipRing, type Point } from './plane.ts';

/** A grid of villages in two districts, a hub and a POP; the link between these two is the cause. */
const places = Array.from({ length: 36 }, (_, at) => ({
  code: `73.08.${at % 6 < 3 ? '01' : '02'}.${2001 + at}`,
  name: `Desa ${at}`,
  longitude: 120 + (at % 6) * 0.04,
  latitude: -5 + Math.floor(at / 6) * 0.04,
}));
const site = (id: string, kind: string, at: (typeof places)[number], name = at.name) =>
  [
    id,
    {
      id,
      code: id,
      name,
      kind,
      network: 'smart-city',
      regionCode: at.code,
      longitude: at.longitude,
      latitude: at.latitude,
    },
  ] as const;
const [first, last] = [places[0], places[35]] as [(typeof places)[number], (typeof places)[number]];
const hub = { ...first, longitude: 120.06, latitude: -4.93 };
const pop = { ...last, longitude: 120.14, latitude: -4.93 };
const topology = {
  version: 1,
  sites: new Map([
    ...places.map((place, at) => site(`desa-${at}`, 'village', place)),
    site('hub', 'district', hub, 'Kantor Camat <b>Kahu</b>'),
    site('pop', 'pop', pop, 'POP Palattae'),
  ]),
  devices: new Map(),
  agents: new Map(),
  links: new Map([
    [
      'cut',
      {
        id: 'cut',
        name: 'a--b',
        medium: 'fibre',
        capacityBps: 1e9,
        trunk: true,
        a: { siteId: 'hub' },
        b: { siteId: 'pop' },
      },
    ],
    [
      'sat',
      {
        id: 'sat',
        name: 'sat',
        medium: 'vsat',
        capacityBps: 1e6,
        trunk: false,
        a: { siteId: 'desa-1' },
        b: { siteId: 'pop' },
      },
    ],
  ]),
} as unknown as Topology;
const hurt = new Set(['hub', ...places.flatMap(({ code }, at) => (code.startsWith('73.08.01') ? [`desa-${at}`] : []))]);
const states: LiveStates = {
  stateOf: (kind, id) => ({
    state: kind === 'site' && hurt.has(id) ? 'unreachable' : id === 'cut' ? 'down' : 'up',
    since: 0,
    cause: null,
  }),
  linkLoad: () => ({ abBps: 9e8, baBps: 1e8, at: 0 }),
};
const cause = { kind: 'link', id: 'cut', name: 'a--b', reason: 'failed', since: 0, certainty: 0.97 } as const;

describe('the picture on the phone', () => {
  let ground: Ground | null;
  let map: MiniMap | null;
  beforeAll(() => {
    ground = computeGeography({ points: places, boundaries: [], boundariesSource: null });
    map = miniMap({ cause, hurt, topology, states, ground });
  });

  it('draws what is dark as one closed area, and nothing but numbers into its paths', () => {
    for (const path of [map?.land, map?.seams, map?.gaps, map?.dark]) expect(path).toMatch(/^[MLQZ0-9 -]+$/);
    expect(map?.dark.match(/M/g)).toHaveLength(1);
    expect(map?.dark.endsWith('Z')).toBe(true);
  });

  it('draws the cut from the end that lives, with the mark on it, and no line where there is no way', () => {
    expect(map?.links).toHaveLength(1);
    const [link] = map?.links ?? [];
    expect(link).toMatchObject({ state: 'cut', trunk: true, wired: true, load: 4 });
    const [x1 = 0, , x2 = 0] = link?.line ?? [];
    expect(x1).toBeGreaterThan(x2);
    expect(map?.mark?.x).toBeGreaterThan(x2);
    expect(map?.mark?.x).toBeLessThan(x1);
  });

  it('keeps everything that is hurt inside the frame, and names the ends of the cause', () => {
    const dots = map?.sites.filter(({ state }) => state === 'unreachable') ?? [];
    expect(dots).toHaveLength(hurt.size);
    for (const { x, y } of dots) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(716);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(472);
    }
    // a name is text, whatever is in it
    expect(map?.labels.map(({ text }) => text)).toEqual(expect.arrayContaining(['<b>Kahu</b>', 'Palattae']));
  });

  it('is drawn from points alone where no territories are known, and not at all where nothing has a place', () => {
    const bare = miniMap({ cause, hurt, topology, states, ground: null });
    expect(bare).toMatchObject({ land: '', dark: '' });
    expect(bare?.sites.length).toBeGreaterThan(hurt.size);
    const own = { ...cause, kind: 'controller', id: 'database' } as const;
    expect(miniMap({ cause: own, hurt: new Set(), topology, states, ground })).toBeNull();
  });

  it('cuts a ring to its frame', () => {
    const box = { width: 100, height: 100 };
    const ring: Point[] = [
      [-500, 50],
      [50, -500],
      [600, 50],
      [50, 600],
    ];
    for (const [x, y] of clipRing(ring, box, 10)) {
      expect(x).toBeGreaterThanOrEqual(-10.001);
      expect(x).toBeLessThanOrEqual(110.001);
      expect(y).toBeGreaterThanOrEqual(-10.001);
      expect(y).toBeLessThanOrEqual(110.001);
    }
  });
});
