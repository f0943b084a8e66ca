/**
 * Where the map begins to show more. In Indonesia's latitudes a kilometre is 6.6 px wide at zoom 9, and twice that at
 * the next: MID is 12.5 px, NEAR 24, CLOSE 40, AGENCIES 60.
 */
export const CLUSTERS = 8.6;
/** A phone has room for clusters longer. */
export const CLUSTERS_ON_PHONE = 9.4;
export const REGENCIES = 7.4;
export const PROVINCES = 5;
export const MID = 9.93;
export const NEAR = 10.87;
export const CLOSE = 11.6;
export const AGENCIES = 12.2;
export const FAREST = 3;
export const CLOSEST = 15;
