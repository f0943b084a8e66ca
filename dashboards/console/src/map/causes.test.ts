import { describe, expect, it } from 'vitest';
import type { MapLink, MapSite } from '../../../../src/api/views.ts';
import type { CauseView, LinkView, StateView } from '../../../../src/live/messages.ts';
import { openCauses } from './causes.ts';
import { Network } from './network.ts';

const site = (id: string, kind: MapSite['kind'] = 'village'): MapSite => ({
  id,
  code: id,
  name: id,
  kind,
  network: 'smart-city',
  regionCode: `73.08.01.${id}`,
  districtName: null,
  latitude: -4.5,
  longitude: 120,
  uplinkMedium: 'fibre',
  devices: 3,
});
const link = (id: string, a: string, b: string, trunk = false): MapLink => ({
  id,
  name: id,
  medium: 'fibre',
  capacityBps: 1e9,
  trunk,
  a,
  b,
});
const villages = ['v1', 'v2', 'v3', 'v4', 'v5', 'v6'];
const network = new Network({
  version: 1,
  sites: [site('dc', 'pop'), site('hub', 'district'), ...villages.map((id) => site(id))],
  links: [link('dc--hub', 'dc', 'hub', true), ...villages.map((id) => link(`hub--${id}`, 'hub', id))],
});
const cut: CauseView = { kind: 'link', id: 'dc--hub', name: 'dc--hub', since: 1000, certainty: 0.97 };
const state = (id: string, word: StateView['state'], cause: CauseView | null = null, since = 1000): StateView => ({
  id,
  state: word,
  since,
  cause,
});
const byId = <T extends { readonly id: string }>(list: readonly T[]) => new Map(list.map((one) => [one.id, one]));
const linkView = (view: StateView, loadPercent: number | null = null): LinkView => ({
  ...view,
  abBps: null,
  baBps: null,
  loadPercent,
});
const causesOf = (parts: { sites?: StateView[]; devices?: StateView[]; links?: LinkView[] }) =>
  openCauses(
    { sites: byId(parts.sites ?? []), devices: byId(parts.devices ?? []), links: byId(parts.links ?? []) },
    network,
  );

describe('openCauses', () => {
  it('has nothing to say when all is up', () => {
    expect(causesOf({ links: [linkView(state('dc--hub', 'up'), 40)] })).toEqual([]);
  });

  it('makes one row of a cut and all that it darkens', () => {
    const causes = causesOf({
      sites: ['hub', ...villages].map((id) => state(id, 'unreachable', cut)),
      links: [linkView(state('dc--hub', 'down', cut))],
    });
    expect(causes).toHaveLength(1);
    expect(causes[0]).toMatchObject({ key: 'link:dc--hub', severity: 'critical', certainty: 0.97, since: 1000 });
    expect(causes[0]?.sites).toHaveLength(7);
  });

  it('keeps a cut that darkens nothing: the ring is a ring no more', () => {
    const causes = causesOf({ links: [linkView(state('dc--hub', 'down', cut))] });
    expect(causes).toMatchObject([{ kind: 'link', severity: 'warning', sites: [] }]);
  });

  it('does not take the dead ports of a device that is down for cut links', () => {
    const device: CauseView = { kind: 'device', id: 'r', name: 'rtr-v1', since: 5, certainty: 0.9 };
    const causes = causesOf({
      sites: [state('v1', 'down', device)],
      links: [linkView(state('hub--v1', 'down', device))],
    });
    expect(causes.map((cause) => cause.key)).toEqual(['device:r']);
    expect(causes[0]?.site?.id).toBe('v1');
  });

  it('puts unknown and maintenance last, each as one row, and never calls them down', () => {
    const causes = causesOf({
      sites: [
        state('v1', 'maintenance'),
        state('v2', 'maintenance'),
        state('v3', 'unknown'),
        state('v4', 'down', { kind: 'device', id: 'r4', name: 'rtr-v4', since: 9, certainty: 0.8 }),
      ],
    });
    expect(causes.map((cause) => [cause.severity, cause.sites.length])).toEqual([
      ['warning', 1],
      ['unknown', 1],
      ['maintenance', 2],
    ]);
  });

  it('names nothing but name and time of a cause outside the reader’s regions', () => {
    const foreign: CauseView = { kind: null, id: null, name: 'Tautan di luar', since: 77, certainty: null };
    const causes = causesOf({ sites: [state('v1', 'unreachable', foreign), state('v2', 'unreachable', foreign)] });
    expect(causes).toMatchObject([{ kind: 'hidden', id: null, name: 'Tautan di luar', since: 77, certainty: null }]);
    expect(causes[0]?.sites).toHaveLength(2);
  });

  it('warns of a link from 85 percent on', () => {
    const loads = (percent: number) => causesOf({ links: [linkView(state('dc--hub', 'up'), percent)] });
    expect(loads(84)).toEqual([]);
    expect(loads(85)).toMatchObject([{ kind: 'load', load: 85, severity: 'warning' }]);
  });

  it('gathers devices that are down at sites that are up, but not those behind a known cause', () => {
    const causes = causesOf({
      sites: [state('v1', 'unreachable', cut)],
      devices: [
        state('terminal-1', 'down', { kind: 'device', id: 'terminal-1', name: 't1', since: 50, certainty: 0.9 }, 50),
        state('terminal-2', 'down', { kind: 'device', id: 'terminal-2', name: 't2', since: 40, certainty: 0.9 }, 40),
        state('rtr-v1', 'unreachable', cut),
      ],
      links: [linkView(state('dc--hub', 'down', cut))],
    });
    expect(causes.find((cause) => cause.kind === 'devices')).toMatchObject({ devices: 2, since: 40 });
  });
});

describe('Network', () => {
  it('finds the data centre, the way to a site and what a link carries alone', () => {
    expect(network.root?.id).toBe('dc');
    expect(network.pathTo('v3').map((hop) => hop.site.id)).toEqual(['dc', 'hub', 'v3']);
    expect(network.behind('dc--hub')).toHaveLength(7);
    expect(network.behind('hub--v2').map((one) => one.id)).toEqual(['v2']);
  });
});
