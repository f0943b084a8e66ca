import type { Place } from './place.ts';

export const templateNamePattern = '^[a-z0-9][a-z0-9._-]{0,62}$';

/** Who says what templates say of a device, among the owners of its intent. */
export const templateOwner = 'arung:templates';

/** A template that holds for a device, and the nearest of its places that makes it so. */
export interface TemplateSource {
  readonly template: string;
  readonly place: Place;
}
