/**
 * The three resolutions in InfluxDB. Each is a retention policy of one database in 1.x and a bucket in 2.x, whose
 * bucket `arung/5m` InfluxQL sees as retention policy `5m` of the database `arung`: so one query reads both.
 */
export interface Tier {
  readonly name: 'raw' | '5m' | '1h';
  /** Distance of its entries in seconds; 0: as measured. */
  readonly stepS: number;
  /** Name of the retention policy. `autogen` is what both versions call the one that comes by itself. */
  readonly policy: 'autogen' | '5m' | '1h';
}

export const raw: Tier = { name: 'raw', stepS: 0, policy: 'autogen' };
export const fiveMinutes: Tier = { name: '5m', stepS: 300, policy: '5m' };
export const hourly: Tier = { name: '1h', stepS: 3_600, policy: '1h' };
/** From fine to coarse. */
export const tiers = [raw, fiveMinutes, hourly] as const;

/** Ages in seconds after which each resolution is dropped. */
export interface Retention {
  readonly rawS: number;
  readonly fiveMinutesS: number;
  readonly hourlyS: number;
}

const day = 86_400;
export const usualRetention: Retention = { rawS: 7 * day, fiveMinutesS: 90 * day, hourlyS: 730 * day };

export function keptFor(tier: Tier, retention: Retention): number {
  if (tier.name === 'raw') return retention.rawS;
  return tier.name === '5m' ? retention.fiveMinutesS : retention.hourlyS;
}

/** What a roll-up keeps of each field: field `in_bps` becomes `in_bps_min`, `in_bps_max` and so on. */
export const statistics = ['min', 'max', 'sum', 'count', 'last'] as const;
export type Statistic = (typeof statistics)[number];
