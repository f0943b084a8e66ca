import type { Translation } from './translation.ts';
import type { mapId } from './map.id.ts';

/** The map's texts, English. */
export const mapEn = {} as const satisfies Translation<typeof mapId>;
