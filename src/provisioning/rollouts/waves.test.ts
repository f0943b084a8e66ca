import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InventoryDocument } from '../../inventory/document.ts';
import { readDocumentTopology } from '../../inventory/import/document-topology.ts';
import type { DeviceId } from '../../domain/ids.ts';
import { BlastRadii } from './blast-radius.ts';
import { ChangeGraph } from './change-graph.ts';
import { planWaves, type Wave } from './waves.ts';

type Device = NonNullable<InventoryDocument['devices']>[number];

const site = (code: string, kind: 'pop' | 'village' = 'village') =>
  ({ code, name: code, kind, network: 'smart-city', region: '' }) as const;
const router = (name: string, at: string): Device => ({
  name,
  site: at,
  role: 'router',
  gateway: true,
  protocol: 'snmp',
  address: '',
});
const terminal = (name: string, at: string): Device => ({
  name,
  site: at,
  role: 'terminal',
  protocol: 'mqtt',
  serial: name,
});

function documentOf(options: {
  readonly sites: readonly string[];
  readonly devices: readonly Device[];
  readonly links: readonly (readonly [string, string])[];
  readonly services?: InventoryDocument['services'];
}): InventoryDocument {
  return {
    format: 'arung-inventory/1',
    sites: options.sites.map((code, i) => site(code, i === 0 ? 'pop' : 'village')),
    devices: [...options.devices],
    links: options.links.map(([a, b], i) => ({
      name: `${a}--${b}--${i}`,
      medium: 'fibre' as const,
      capacityBps: 1e9,
      a: `${a}:p${i}`,
      b: `${b}:p${i}`,
    })),
    ...(options.services === undefined ? {} : { services: options.services }),
    agents: [{ name: 'local', attachedTo: [options.devices[0]?.name ?? ''] }],
  };
}

function planned(document: InventoryDocument, names: readonly string[] | 'all' = 'all', mostInWave = 25): Wave[] {
  const { topology, whole, services } = readDocumentTopology(JSON.stringify(document));
  const graph = new ChangeGraph(topology, whole);
  const all = graph.devices.map((_, index) => index);
  const devices = names === 'all' ? all : names.map((name) => graph.deviceIndex.get(name as DeviceId) ?? -1);
  return planWaves({ graph, radii: new BlastRadii(graph, services), devices, mostInWave });
}

/** What no path reaches without these devices, found with nothing but the document's links. */
function darkBy(document: InventoryDocument, gone: ReadonlySet<string>): Set<string> {
  const names = (document.devices ?? []).map(({ name }) => name);
  const pairs = (document.links ?? []).map(({ a, b }) => [a.split(':')[0] ?? '', b.split(':')[0] ?? ''] as const);
  const seen = new Set((document.agents?.[0]?.attachedTo ?? []).filter((name) => !gone.has(name)));
  for (let grew = true; grew;) {
    grew = false;
    for (const [a, b] of pairs) {
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const) {
        if (!seen.has(from) || seen.has(to) || gone.has(to)) continue;
        seen.add(to);
        grew = true;
      }
    }
  }
  return new Set(names.filter((name) => !seen.has(name)));
}

function darkSites(document: InventoryDocument, gone: ReadonlySet<string>): Set<string> {
  const dark = darkBy(document, gone);
  const devices = document.devices ?? [];
  return new Set(
    (document.sites ?? []).flatMap(({ code }) => {
      const here = devices.filter((device) => device.site === code);
      const gateways = here.filter(({ gateway }) => gateway === true);
      return (gateways.length > 0 ? gateways : here).every(({ name }) => dark.has(name)) ? [code] : [];
    }),
  );
}

/** A random network that hangs together: sites with one or two gateways, a tree and further links. */
const networks: fc.Arbitrary<InventoryDocument> = fc
  .record({
    parents: fc.array(fc.nat(), { minLength: 1, maxLength: 14 }),
    doubles: fc.array(fc.boolean(), { minLength: 15, maxLength: 15 }),
    extra: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 }),
  })
  .map(({ parents, doubles, extra }) => {
    const sites = ['s0', ...parents.map((_, i) => `s${i + 1}`)];
    const devices = sites.flatMap((code, i) => [
      router(`${code}-a`, code),
      ...(doubles[i] === true && i > 0 ? [router(`${code}-b`, code)] : []),
    ]);
    const at = (n: number, below: number): string => devices[n % below]?.name ?? '';
    const tree = devices.slice(1).map(({ name }, i) => [name, at(parents[i % parents.length] ?? 0, i + 1)] as const);
    const more = extra
      .map(([a, b]) => [at(a, devices.length), at(b, devices.length)] as const)
      .filter(([a, b]) => a !== b);
    return documentOf({ sites, devices, links: [...tree, ...more] });
  });

describe('waves of a rollout', () => {
  it('take each device once, never cut a site by two that would not by one, and never both ends of a link', () => {
    fc.assert(
      fc.property(networks, fc.integer({ min: 1, max: 6 }), (document, most) => {
        const waves = planned(document, 'all', most);
        const names = waves.flatMap(({ devices }) => devices as readonly string[]);
        expect(names.toSorted()).toEqual((document.devices ?? []).map(({ name }) => name).toSorted());
        for (const { devices, worst } of waves) {
          expect(devices.length).toBeLessThanOrEqual(most);
          const gone = new Set<string>(devices);
          const together = darkSites(document, gone);
          const oneByOne = new Set(devices.flatMap((device) => [...darkSites(document, new Set([device]))]));
          expect([...together].toSorted()).toEqual([...oneByOne].toSorted());
          expect(worst.sites).toEqual([...together].toSorted());
          expect(worst.devices).toBe(darkBy(document, gone).size);
          for (const { a, b } of document.links ?? []) {
            expect(gone.has(a.split(':')[0] ?? '') && gone.has(b.split(':')[0] ?? '')).toBe(false);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('change what lies behind a device before the device', () => {
    fc.assert(
      fc.property(networks, (document) => {
        const waves = planned(document);
        const waveOf = new Map(waves.flatMap(({ devices }, i) => devices.map((device) => [device as string, i])));
        for (const { name } of document.devices ?? []) {
          for (const behind of darkBy(document, new Set([name]))) {
            if (behind === name) continue;
            expect(waveOf.get(behind)).toBeLessThan(waveOf.get(name) ?? -1);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('keep the two sides of a ring and the two gateways of a site apart, and let leaves go together', () => {
    const ring = documentOf({
      sites: ['dc', 'west', 'east', 'far', 'leaf1', 'leaf2'],
      devices: [
        router('dc', 'dc'),
        router('west', 'west'),
        router('east', 'east'),
        router('far-a', 'far'),
        router('far-b', 'far'),
        router('leaf1', 'leaf1'),
        router('leaf2', 'leaf2'),
      ],
      links: [
        ['dc', 'west'],
        ['dc', 'east'],
        ['west', 'far-a'],
        ['east', 'far-b'],
        ['far-a', 'far-b'],
        ['far-a', 'leaf1'],
        ['far-a', 'leaf2'],
      ],
    });
    expect(planned(ring).map(({ devices }) => devices)).toEqual([
      ['leaf1'],
      ['leaf2'],
      ['far-b'],
      ['far-a'],
      ['east'],
      ['west'],
      ['dc'],
    ]);
  });

  it('begin with one device, the canary, and fill the waves after it', () => {
    const names = Array.from({ length: 9 }, (_, i) => `v${i}`);
    const star = documentOf({
      sites: ['dc', ...names],
      devices: [router('dc', 'dc'), ...names.map((name) => router(name, name))],
      links: names.map((name) => ['dc', name] as const),
    });
    expect(planned(star, names, 4).map(({ devices }) => devices.length)).toEqual([1, 4, 4]);
  });

  it('say what a wave could cut: sites, terminals, services that run there or are used there, the controller', () => {
    const document = documentOf({
      sites: ['dc', 'hub', 'desa'],
      devices: [router('core', 'dc'), router('hub', 'hub'), router('desa', 'desa'), terminal('T1', 'desa')],
      links: [
        ['core', 'hub'],
        ['hub', 'desa'],
        ['desa', 'T1'],
      ],
      services: [
        { code: 'plan', name: 'e-Planning', site: 'dc', url: 'https://plan.example/', usedBy: ['village'] },
        { code: 'desa-web', name: 'Web', site: 'desa', url: 'https://desa.example/', usedBy: ['pop'] },
      ],
    });
    const [, , hub, core] = planned(document);
    expect(hub?.worst).toEqual({
      devices: 3,
      sites: ['desa', 'hub'],
      terminals: 1,
      services: ['desa-web'],
      servicesMissed: ['plan'],
      cutsController: false,
    });
    expect(core?.worst).toMatchObject({ services: ['desa-web', 'plan'], cutsController: true });
  });
});
