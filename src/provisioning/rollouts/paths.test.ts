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
  const { topology } = readDocumentTopology(JSON.stringify(document));
  return new ChangePaths({
    topology: { current: () => topology, onChange: () => () => undefined },
    services: () => [],
  });
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
