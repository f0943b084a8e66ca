import { describe, expect, it } from 'vitest';
import { countryOf, regencyOf as oneRegency } from '../../../../bench/synthetic-network.ts';
import type { Bounds } from './bounds.ts';
import { Clusters } from './clusters.ts';
import { InView, regencyOf } from './in-view.ts';
import { Network } from './network.ts';
import { DARK, DOWN, UNKNOWN, type StateCode } from './states.ts';
import { CLUSTERS } from './zooms.ts';

const everywhere: Bounds = [95, -10, 141, 5];
const country = new Network(countryOf(83_764).view);
const regency = new Network(oneRegency(372).view);
/** About as much as a screen shows at zoom 9.5. */
const near: Bounds = [117, -3, 118.4, -2.3];

describe('InView', () => {
  it('has all of a regency at every zoom', () => {
    const view = new InView(regency);
    expect(view.seen).toMatchObject({ sites: regency.sites, links: regency.links, regencies: null });
    expect(view.look(near, 9.5, CLUSTERS)).toBe(false);
  });

  it('has of a country the POPs and what joins regencies, as long as nothing else is told apart', () => {
    const view = new InView(country);
    expect(view.look(everywhere, 4.4, CLUSTERS)).toBe(true);
    expect(view.seen.sites.every((site) => site.kind === 'pop')).toBe(true);
    expect(view.seen.sites).toHaveLength(514);
    const place = (id: string) => regencyOf(country.siteById.get(id)?.regionCode ?? '');
    expect(view.seen.links.every((link) => link.trunk && place(link.a) !== place(link.b))).toBe(true);
  });

  it('has near by every site and link that lies in the view', () => {
    const view = new InView(country);
    view.look(near, 9.5, CLUSTERS);
    const [west, south, east, north] = near;
    const there = country.sites.filter(
      ({ longitude: x, latitude: y }) => x >= west && x <= east && y >= south && y <= north,
    );
    expect(there.length).toBeGreaterThan(50);
    const seen = new Set(view.seen.sites);
    expect(there.filter((site) => !seen.has(site))).toEqual([]);
    expect(seen.size).toBeLessThan(country.sites.length / 20);
    const links = new Set(view.seen.links);
    expect(there.flatMap(({ id }) => (country.linksOf.get(id) ?? []).filter((link) => !links.has(link)))).toEqual([]);
  });

  it('chooses anew only when the view leaves what was chosen, or another zoom tells more apart', () => {
    const view = new InView(country);
    view.look(near, 9.5, CLUSTERS);
    const moved = (x: number): Bounds => [near[0] + x, near[1], near[2] + x, near[3]];
    expect(view.look(moved(0.3), 9.5, CLUSTERS)).toBe(false);
    expect(view.look(moved(0.6), 9.5, CLUSTERS)).toBe(true);
    expect(view.look(moved(0.6), 9.9, CLUSTERS)).toBe(false);
    expect(view.look(moved(0.6), 10, CLUSTERS)).toBe(true);
  });

  it('keeps what is selected, wherever the map looks', () => {
    const view = new InView(country);
    const village = country.sites.find((site) => site.kind === 'village');
    view.look(everywhere, 4.4, CLUSTERS);
    view.keep({ kind: 'site', id: village?.id ?? '' });
    expect(view.look(everywhere, 4.4, CLUSTERS)).toBe(true);
    expect(view.seen.sites).toContain(village);
  });
});

describe('Clusters', () => {
  it.each([
    [2, 38],
    [5, 514],
    [8, 7_277 + 514],
  ])('gathers every site once, by codes of length %d', (length, codes) => {
    const found = new Clusters(country).at(length, new Map(), null);
    expect(found.reduce((sum, one) => sum + one.sites, 0)).toBe(country.sites.length);
    expect(found.flatMap((one) => one.codes)).toHaveLength(codes);
  });

  it('counts what is not up, and takes the worst', () => {
    const villages = regency.sites.filter((site) => site.kind === 'village');
    const states = new Map<string, StateCode>(
      ([DARK, DOWN, UNKNOWN] as const).map((state, index) => [villages[index]?.id ?? '', state]),
    );
    const found = new Clusters(regency).at(5, states, null);
    expect(found).toMatchObject([{ codes: ['73.08'], notUp: 3, worst: 'down', sites: regency.sites.length }]);
  });

  it('tells of the regencies in view only', () => {
    const code = '30.02';
    const all = new Clusters(country).at(8, new Map(), null);
    const some = new Clusters(country).at(8, new Map(), new Set([code]));
    expect(some).toEqual(all.filter((one) => one.codes.some((each) => each.startsWith(code))));
    expect(some.length).toBeGreaterThan(1);
  });
});
