import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../../domain/ids.ts';
import type { Site } from '../../domain/site.ts';
import type { InventoryDocument } from '../../inventory/document.ts';
import { readDocumentTopology } from '../../inventory/import/document-topology.ts';
import { ChangePaths } from './paths.ts';

type Status = Site['rolloutStatus'];

const ids = (...names: readonly string[]): DeviceId[] => names as DeviceId[];

/** The first site is a POP; a device is the gateway of its site unless it is named `sw-…`. */
function pathsOf(options: {
  readonly sites: Readonly<Record<string, Status>>;
  /** Site of each device. */
  readonly devices: Readonly<Record<string, string>>;
  readonly links: readonly (readonly [string, string])[];
  readonly attachedTo?: readonly string[];
}): ChangePaths {
  const document: InventoryDocument = {
    format: 'arung-inventory/1',
    sites: Object.entries(options.sites).map(([code, rolloutStatus], i) => {
      return { code, name: code, kind: i === 0 ? 'pop' : 'village', network: 'smart-city', region: '', rolloutStatus };
    }),
    devices: Object.entries(options.devices).map(([name, site]) => {
      return { name, site, role: 'router', gateway: !name.startsWith('sw-'), protocol: 'snmp', address: '' };
    }),
    links: options.links.map(([a, b], i) => {
      return { name: `${a}--${b}`, medium: 'fibre', capacityBps: 1e9, a: `${a}:p${i}`, b: `${b}:p${i}` };
    }),
    agents: [{ name: 'local', attachedTo: [...(options.attachedTo ?? ['core'])] }],
  };
  const { topology, whole } = readDocumentTopology(JSON.stringify(document));
  return new ChangePaths({ topology: { current: () => topology, whole: () => whole }, services: () => [] });
}

describe("the controller's own path", () => {
  const devices = { core: 'pop', 'sw-pop': 'pop', desa: 'desa', lone: 'lone' };
  const links = [
    ['core', 'sw-pop'],
    ['core', 'desa'],
  ] as const;
  const sites = { pop: 'active', desa: 'active', lone: 'active' } as const;
  const cuts = (paths: ChangePaths, ...names: readonly string[]) => paths.worst(ids(...names)).cutsController;

  it('goes through what its agents are plugged into, and through nothing that is only assumed beside it', () => {
    const paths = pathsOf({ sites, devices, links, attachedTo: ['sw-pop'] });
    expect([cuts(paths, 'sw-pop'), cuts(paths, 'core'), cuts(paths, 'lone')]).toEqual([true, false, false]);
  });

  it('goes through the gateway with the most links where no agent is plugged in', () => {
    const paths = pathsOf({ sites, devices, links, attachedTo: [] });
    expect([cuts(paths, 'core'), cuts(paths, 'desa'), cuts(paths, 'lone')]).toEqual([true, false, false]);
    expect(cuts(paths, 'desa', 'sw-pop', 'lone')).toBe(false);
  });

  it('is not known where the inventory has no link and no agent is plugged in', () => {
    const paths = pathsOf({ sites: { pop: 'active' }, devices: { core: 'pop' }, links: [], attachedTo: [] });
    expect(cuts(paths, 'core')).toBe(false);
  });
});

describe('two rollouts', () => {
  it('never change one device at once, wherever it stands', () => {
    const paths = pathsOf({
      sites: { pop: 'active', desa: 'planned' },
      devices: { core: 'pop', desa: 'desa' },
      links: [['core', 'desa']],
    });
    for (const name of ['core', 'desa', 'not-known-yet']) {
      expect(paths.areIndependent(ids(name), ids(name)), name).toBe(false);
    }
    expect(paths.areIndependent(ids('not-known-yet'), ids('nor-this'))).toBe(true);
  });

  it('never change the last two gateways of a site at once', () => {
    const paths = pathsOf({
      sites: { pop: 'active', desa: 'active', other: 'active' },
      devices: { core: 'pop', 'sw-1': 'pop', 'sw-2': 'pop', gw1: 'desa', gw2: 'desa', other: 'other' },
      links: [
        ['core', 'sw-1'],
        ['core', 'sw-2'],
        ['sw-1', 'gw1'],
        ['sw-2', 'gw2'],
        ['sw-2', 'other'],
      ],
    });
    expect(paths.areIndependent(ids('gw1'), ids('gw2'))).toBe(false);
    expect(paths.areIndependent(ids('sw-1'), ids('gw2'))).toBe(false);
    expect(paths.areIndependent(ids('gw1'), ids('other'))).toBe(true);
  });
});

describe('devices at sites that are not active', () => {
  const wavesOf = (paths: ChangePaths, names: readonly string[], batch = 10) =>
    paths.waves(ids(...names), batch).map(({ devices }) => devices);

  it('have their place in the order: what lies behind them is first, and is in their radius', () => {
    const paths = pathsOf({
      sites: { pop: 'active', mid: 'building', mid2: 'planned', desa: 'active' },
      devices: { core: 'pop', mid: 'mid', mid2: 'mid2', desa: 'desa' },
      links: [
        ['core', 'mid'],
        ['mid', 'desa'],
        ['mid', 'mid2'],
      ],
    });
    const waves = paths.waves(ids('mid', 'mid2', 'desa'), 10);
    expect(waves.map(({ devices }) => devices)).toEqual([['desa'], ['mid2'], ['mid']]);
    expect(waves.at(-1)?.worst).toMatchObject({ devices: 3, sites: ['desa', 'mid', 'mid2'] });
    expect([...paths.behind(ids('mid'))].sort()).toEqual(['desa', 'mid', 'mid2']);
    expect(paths.areIndependent(ids('mid'), ids('desa'))).toBe(false);
    expect(paths.areLinked('mid' as DeviceId, 'mid2' as DeviceId)).toBe(true);
  });

  it('come after a canary and in batches', () => {
    const names = Array.from({ length: 25 }, (_, i) => `desa-${i}`);
    const paths = pathsOf({
      sites: { pop: 'active', ...Object.fromEntries(names.map((name) => [name, 'planned' as const])) },
      devices: { core: 'pop', ...Object.fromEntries(names.map((name) => [name, name])) },
      links: names.map((name) => ['core', name] as const),
    });
    expect(wavesOf(paths, names).map(({ length }) => length)).toEqual([1, 10, 10, 4]);
    expect(wavesOf(paths, ['core', 'just-made', 'made-too'])).toEqual([['just-made'], ['made-too'], ['core']]);
  });

  it('never change both gateways of a site, nor both of its paths, in a wave', () => {
    const paths = pathsOf({
      sites: { pop: 'active', canary: 'active', a: 'building', b: 'building', desa: 'building' },
      devices: { core: 'pop', canary: 'canary', a: 'a', b: 'b', gw1: 'desa', gw2: 'desa' },
      links: [
        ['core', 'canary'],
        ['core', 'a'],
        ['core', 'b'],
        ['a', 'gw1'],
        ['b', 'gw2'],
      ],
    });
    expect(wavesOf(paths, ['canary', 'a', 'b', 'gw1', 'gw2'])).toEqual([['gw1'], ['gw2'], ['canary', 'a'], ['b']]);
    expect(paths.areIndependent(ids('gw1'), ids('gw2'))).toBe(false);
  });

  it('are no path that the others could lean on', () => {
    const paths = pathsOf({
      sites: { pop: 'active', hub: 'active', spare: 'planned', desa: 'active' },
      devices: { core: 'pop', hub: 'hub', spare: 'spare', desa: 'desa' },
      links: [
        ['core', 'hub'],
        ['hub', 'desa'],
        ['core', 'spare'],
        ['spare', 'desa'],
      ],
    });
    expect([...paths.behind(ids('hub'))].sort()).toEqual(['desa', 'hub']);
    expect(paths.worst(ids('hub')).sites).toEqual(['desa', 'hub']);
    expect(paths.worst(ids('spare')).sites).toEqual(['spare']);
    expect(wavesOf(paths, ['core', 'hub', 'spare', 'desa'])).toEqual([['desa'], ['spare'], ['hub'], ['core']]);
  });

  it('are not where the controller is taken to stand', () => {
    const paths = pathsOf({
      sites: { pop: 'active', mid: 'building', desa: 'active' },
      devices: { core: 'pop', mid: 'mid', desa: 'desa' },
      links: [
        ['core', 'mid'],
        ['mid', 'desa'],
      ],
      attachedTo: [],
    });
    expect(wavesOf(paths, ['core', 'mid', 'desa'])).toEqual([['desa'], ['mid'], ['core']]);
  });
});
