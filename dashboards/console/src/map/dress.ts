import type { Map as LibreMap } from 'maplibre-gl';
import { drawIcons } from './icons.ts';
import { layers } from './layers.ts';
import type { Token } from './tokens.ts';

/** Gives every layer the colours of the theme and the zooms of the device; tells MapLibre only what differs. */
export function dress(map: LibreMap, token: Token, clustersUntil: number): void {
  for (const layer of layers(token, clustersUntil)) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) {
      const property = name as never;
      if (JSON.stringify(map.getPaintProperty(layer.id, property)) !== JSON.stringify(value)) {
        map.setPaintProperty(layer.id, property, value as never);
      }
    }
    if (layer.minzoom !== undefined) map.setLayerZoomRange(layer.id, layer.minzoom, layer.maxzoom ?? 24);
  }
}

/** Draws the signs in the theme's colours, for MapLibre and, as they come back, for the canvas above it. */
export async function paintIcons(map: LibreMap, token: Token): Promise<Record<string, ImageBitmap>> {
  const bitmaps: Record<string, ImageBitmap> = {};
  for (const [name, image] of Object.entries(drawIcons(token))) {
    if (map.hasImage(name)) map.updateImage(name, image);
    else map.addImage(name, image, { pixelRatio: 2 });
    bitmaps[name] = await createImageBitmap(image);
  }
  return bitmaps;
}
