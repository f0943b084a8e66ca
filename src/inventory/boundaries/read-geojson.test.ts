import { describe, expect, it } from 'vitest';
import { readGeoJson } from './read-geojson.ts';

describe('a GeoJSON that is larger than one of boundaries', () => {
  const head = '{"type":"FeatureCollection","features":[';
  it.each([
    ['nested without end', head + '['.repeat(10_000_000), 'boundary.syntax'],
    ['of features without end', `${head}${'{},'.repeat(3_100_000)}{}]}`, 'boundary.too-large'],
  ])('%s is refused, and soon', (_, text, code) => {
    const started = performance.now();
    expect(() => readGeoJson(text, {})).toThrow(expect.objectContaining({ code }));
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
