import type { Place } from '../../domain/notice.ts';

/** The way there from where the phone is; opens the map of the phone. Nothing is asked of that server before a press. */
export function mapLinkOf(place: Place | null): string | null {
  if (place === null || place.latitude === null || place.longitude === null) return null;
  const destination = `${place.latitude.toFixed(6)},${place.longitude.toFixed(6)}`;
  return `https://www.google.com/maps/dir/?api=1&destination=${encodeURIComponent(destination)}`;
}
