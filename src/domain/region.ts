import { Type, type Static } from 'typebox';
import type { RegionId } from './ids.ts';

/**
 * Regions carry the code of the Ministry of Home Affairs (Kemendagri): province `73`, regency `73.08`, district
 * (kecamatan) `73.08.01`, village (desa/kelurahan) `73.08.01.2003`. A code's prefix is its parent, so that aggregating
 * is cutting the code short.
 */
export const regionCodePattern = '^\\d{2}(\\.\\d{2}(\\.\\d{2}(\\.\\d{4})?)?)?$';
const regionCode = new RegExp(regionCodePattern);

export const RegionLevel = Type.Enum(['province', 'regency', 'district', 'village']);
export type RegionLevel = 'province' | 'regency' | 'district' | 'village';

export const Region = Type.Object({
  id: Type.Unsafe<RegionId>(Type.String()),
  code: Type.String({ pattern: regionCodePattern, examples: ['73.08.02.1001'] }),
  name: Type.String({ examples: ['Palattae'] }),
  level: Type.Unsafe<RegionLevel>(RegionLevel),
  /** Code of the region above; null for a province. */
  parentCode: Type.Union([Type.String(), Type.Null()]),
  /** WGS 84, degrees; where the region's own point lies, or null while nobody said. */
  latitude: Type.Union([Type.Number(), Type.Null()]),
  longitude: Type.Union([Type.Number(), Type.Null()]),
});
export type Region = Static<typeof Region>;

export function isRegionCode(text: string): boolean {
  return regionCode.test(text);
}

export function levelOfCode(code: string): RegionLevel {
  switch (code.length) {
    case 2:
      return 'province';
    case 5:
      return 'regency';
    case 8:
      return 'district';
    default:
      return 'village';
  }
}

/** The code one level up, or null for a province. */
export function parentOfCode(code: string): string | null {
  const dot = code.lastIndexOf('.');
  return dot < 0 ? null : code.slice(0, dot);
}

/** Whether `code` is `ancestor` or lies inside it. */
export function isWithin(code: string, ancestor: string): boolean {
  return code === ancestor || code.startsWith(ancestor + '.');
}
