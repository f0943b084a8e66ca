import { Type } from 'typebox';
import { roles, type Role } from '../domain/access.ts';
import { regionCodePattern } from '../domain/region.ts';

/** Shapes that sign-in, users and tokens share. */
export const RoleName = Type.Unsafe<Role>(Type.Enum([...roles]));
export const RegionCodeOrEverywhere = Type.Union(
  [Type.String({ pattern: regionCodePattern, examples: ['73.08.02'] }), Type.Null()],
  { description: 'A region and all below it; null means everywhere.' },
);
export const GrantInput = Type.Object({ role: RoleName, regionCode: RegionCodeOrEverywhere });
export const GrantOutput = Type.Object({
  role: RoleName,
  regionCode: RegionCodeOrEverywhere,
  regionName: Type.Union([Type.String(), Type.Null()]),
});
export const Language = Type.Unsafe<'id' | 'en'>(Type.Enum(['id', 'en']));
export const LanguageOrNone = Type.Union([Language, Type.Null()]);
export const Moment = Type.String({ format: 'date-time', examples: ['2026-11-24T07:30:00.000Z'] });
export const MomentOrNone = Type.Union([Moment, Type.Null()]);
export const IdParameter = Type.Object({ id: Type.String({ pattern: '^[0-9a-f-]{36}$' }) });
export const Password = Type.String({ minLength: 1, maxLength: 1024, format: 'password' });
