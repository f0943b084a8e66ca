import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../domain/clock.ts';
import type { TerritoryTexts, TerritorySource } from './source.ts';
import type { Territory } from './territory.ts';
import { TerritoryService } from './territory-service.ts';

class Regions implements TerritorySource {
  input: TerritoryTexts;
  wake: () => void = () => {};
  constructor(input: TerritoryTexts) {
    this.input = input;
  }
  read(): Promise<TerritoryTexts> {
    return Promise.resolve(this.input);
  }
  onChange(wake: () => void): () => void {
    this.wake = wake;
    return () => {};
  }
}

const village = (i: number) => ({
  code: `73.08.01.${2001 + i}`,
  name: `Desa ${i}`,
  latitude: -4.6 + 0.03 * Math.floor(i / 5),
  longitude: 120 + 0.03 * (i % 5),
});
const inputOf = (n: number): TerritoryTexts => ({
  points: Array.from({ length: n }, (_, i) => village(i)),
  boundaries: [],
  boundariesSource: null,
});

const square = (x: number, y: number) => [
  [x, y],
  [x + 0.1, y],
  [x + 0.1, y + 0.1],
  [x, y + 0.1],
  [x, y],
];

describe('TerritoryService', () => {
  let dataDir: string;
  const services: TerritoryService[] = [];
  const log: string[] = [];
  const serve = async (source: TerritorySource) => {
    const logger = pino({ level: 'info' }, { write: (line: string) => void log.push(line) });
    const service = new TerritoryService({ source, dataDir, logger, clock: systemClock });
    services.push(service);
    await service.start();
    return service;
  };
  const viewOf = (service: TerritoryService) => JSON.parse(service.json()?.toString() ?? '') as Territory;
  const changed = async (service: TerritoryService, from: string | null) => {
    for (let i = 0; i < 800 && service.version() === from; i++) await new Promise((r) => setTimeout(r, 50));
    return viewOf(service);
  };

  beforeEach(async () => {
    log.length = 0;
    dataDir = await mkdtemp(join(tmpdir(), 'arung-territory-'));
  });
  afterEach(async () => {
    for (const service of services.splice(0)) await service.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('serves tiles in which the villages are found by name', async () => {
    const service = await serve(new Regions(inputOf(20)));
    await service.ready();
    const view = viewOf(service);
    expect(view.tiles).toBe(`/peta/${view.version}/{z}/{x}/{y}.pbf`);
    expect(view.neighbours.map((n) => n.name)).toContain('Teluk Bone');
    // Zoom 7 around 120.06 E, 4.56 S.
    const tile = await service.tile(view.version ?? '', 7, 106, 65);
    const text = gunzipSync(tile ?? Buffer.alloc(0)).toString('latin1');
    for (const word of ['tile', 'district', 'coast', 'Desa 7', '73.08.01.2007']) expect(text).toContain(word);
  });

  it('gives nothing for a version or an address that is none', async () => {
    const service = await serve(new Regions(inputOf(4)));
    await service.ready();
    expect(await service.tile('../../../etc', 3, 6, 4)).toBeNull();
    expect(await service.tile('0123456789abcdef', 3, 6, 4)).toBeNull();
    expect(await service.tile(service.version() ?? '', 9, 0, 0)).toBeNull();
    expect(await service.tile(service.version() ?? '', 3, 0.5, -1)).toBeNull();
  });

  it('makes a new version after a change, keeps the one before for open consoles and removes older ones', async () => {
    const source = new Regions(inputOf(5));
    const service = await serve(source);
    await service.ready();
    const versions = [service.version() ?? ''];
    for (const n of [6, 7]) {
      source.input = inputOf(n);
      source.wake();
      versions.push((await changed(service, versions.at(-1) ?? null)).version);
    }
    expect(new Set(versions).size).toBe(3);
    for (let i = 0; i < 40 && (await readdir(join(dataDir, 'tiles'))).length > 2; i++) {
      await new Promise((r) => setTimeout(r, 50));
    }
    expect((await readdir(join(dataDir, 'tiles'))).toSorted()).toEqual(versions.slice(1).toSorted());
  });

  it('starts again from what is on disk without making it anew', async () => {
    const first = await serve(new Regions(inputOf(6)));
    await first.ready();
    const before = first.version();
    await first.stop();
    const second = await serve(new Regions(inputOf(6)));
    await second.ready();
    expect(second.version()).toBe(before);
    expect(log.filter((line) => line.includes('territories made'))).toHaveLength(1);
  });

  it('draws territories as their boundaries are, which it does not parse itself', async () => {
    const { points } = inputOf(2);
    const [a, b] = [119.9, 120].map((west) => JSON.stringify({ type: 'Polygon', coordinates: [square(west, -4.6)] }));
    const boundaries = [
      { code: '73.08.01.2001', geometry: a ?? '' },
      { code: '73.08.01.2002', geometry: b ?? '' },
    ];
    const source = new Regions({ points, boundaries, boundariesSource: 'BIG 2024' });
    const service = await serve(source);
    await service.ready();
    const first = viewOf(service);
    expect(first.source).toEqual({ kind: 'imported', text: 'BIG 2024' });
    expect(first.edges.some(([left, right]) => left !== '' && right !== '')).toBe(true);
    source.input = { points, boundaries: boundaries.slice(0, 1), boundariesSource: 'BIG 2024' };
    source.wake();
    expect((await changed(service, first.version)).version).not.toBe(first.version);
  });

  it('serves an empty land for an empty inventory', async () => {
    const service = await serve(new Regions({ points: [], boundaries: [], boundariesSource: null }));
    await service.ready();
    expect(viewOf(service).regions).toEqual([]);
  });
});
