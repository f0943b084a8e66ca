export const availabilityGroups = ['device', 'site', 'district', 'service'] as const;
export type AvailabilityGroup = (typeof availabilityGroups)[number];

/**
 * How a period was spent, in seconds; of a district it is the sum over its sites. `upS + downS + unreachableS` is the
 * time in which the state was known and no work was planned, and `percent` the share of `upS` in it: null when there is
 * none. `outages` counts the unbroken times of being down or unreachable.
 */
export interface Spent {
  readonly upS: number;
  readonly downS: number;
  readonly unreachableS: number;
  readonly unknownS: number;
  readonly plannedS: number;
  readonly outages: number;
  readonly longestOutageS: number;
  readonly percent: number | null;
}

export interface AvailabilityRow extends Spent {
  /** Id of the device, site or service; a district's code. */
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly siteName: string | null;
  readonly districtName: string | null;
  readonly regionCode: string;
  /** How many devices, sites or services it sums up: 1, except for a district. */
  readonly entities: number;
}
