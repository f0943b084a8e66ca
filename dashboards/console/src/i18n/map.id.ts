/** The map's texts, Indonesian. */
export const mapId = {} as const;
