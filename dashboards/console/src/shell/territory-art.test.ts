import { describe, expect, it } from 'vitest';
import type { TerritoryView } from '../../../../src/api/views.ts';
import { territoryArt } from './territory-art.ts';

/** Two square villages of one district and one of another, side by side; outer edges in pieces, some the other way. */
const view: TerritoryView = {
  version: 'x',
  source: { kind: 'computed', text: '' },
  bounds: [120, -5, 123, -4],
  tiles: '',
  cornerKm: 0.6,
  regions: [
    { code: '73.08.01', name: 'District', latitude: -4.5, longitude: 120.5 },
    { code: '73.08.01.2001', name: 'A', latitude: -4.5, longitude: 120.5 },
    { code: '73.08.02.2001', name: 'C', latitude: -4.5, longitude: 122.5 },
  ],
  neighbours: [],
  edges: [
    ['73.08.01.2001', '', [121, -4, 120, -4, 120, -5, 121, -5]],
    ['73.08.01.2002', '', [121, -4, 122, -4]],
    ['73.08.01.2002', '', [122, -5, 121, -5]],
    ['', '73.08.02.2001', [122, -4, 123, -4, 123, -5, 122, -5]],
    ['73.08.01.2001', '73.08.01.2002', [121, -4, 121, -5]],
    ['73.08.01.2002', '73.08.02.2001', [122, -4, 122, -5]],
  ],
};

describe('the picture beside the sign-in', () => {
  const art = territoryArt(view);

  it('joins the outer edges into one closed coast', () => {
    expect(art.coast.match(/M/g)).toHaveLength(1);
    expect(art.coast.match(/Z/g)).toHaveLength(1);
    expect(art.coast.match(/L/g)?.length).toBeGreaterThanOrEqual(7);
  });

  it('tells seams of villages from gaps between districts', () => {
    expect(art.seams.match(/M/g)).toHaveLength(1);
    expect(art.districts.match(/M/g)).toHaveLength(1);
  });

  it('has a point for each village and none for a district', () => {
    expect(art.points).toHaveLength(2);
  });
});
