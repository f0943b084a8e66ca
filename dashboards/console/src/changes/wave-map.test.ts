import { describe, expect, it } from 'vitest';
import type { MapView } from '../../../../src/api/views.ts';
import type { Art } from '../shell/territory-art.ts';
import { frameOf, marksOf } from './wave-map.ts';

const art = { place: (x: number, y: number) => ({ x, y }) } as Art;
const site = (id: string, longitude: number) => ({ id, longitude, latitude: 2 }) as MapView['sites'][number];
const device = (name: string, siteId: string, wave: number, state: 'confirmed' | 'lost' | 'waiting') => ({ device: name, siteId, site: siteId, wave, state }); // prettier-ignore

describe('the map of waves', () => {
  it('draws a site as the one of its devices that most needs somebody', () => {
    const devices = [device('a', 's', 2, 'confirmed'), device('b', 's', 3, 'lost'), device('c', 't', 1, 'waiting'), device('d', 'nowhere', 1, 'lost')]; // prettier-ignore
    expect(marksOf(devices, [site('s', 10), site('t', 20)], art)).toEqual([
      { siteId: 's', x: 10, y: 2, wave: 2, state: 'lost', devices: 2 },
      { siteId: 't', x: 20, y: 2, wave: 1, state: 'waiting', devices: 1 },
    ]);
  });

  it('frames all of it, in the shape asked for, and not too near', () => {
    const box = frameOf([{ x: 0, y: 0 }, { x: 100, y: 10 }], 2, 50); // prettier-ignore
    expect(box).toEqual({ x: -15, y: -27.5, width: 130, height: 65 });
    expect(frameOf([{ x: 5, y: 5 }], 2, 50)).toEqual({ x: -20, y: -7.5, width: 50, height: 25 });
  });
});
