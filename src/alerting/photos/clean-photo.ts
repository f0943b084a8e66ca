import { ArungError } from '../../domain/errors.ts';
import { cleanJpeg } from './jpeg.ts';
import { cleanPng } from './png.ts';
import { cleanWebp } from './webp.ts';

/** A photo that says nothing but what it shows. */
export interface CleanPhoto {
  readonly mediaType: 'image/jpeg' | 'image/png' | 'image/webp';
  readonly bytes: Buffer;
}

export const photoTypes = ['image/jpeg', 'image/png', 'image/webp'] as const;

/**
 * Takes out everything that is not needed to draw the picture: EXIF with place, time and serial numbers, XMP, IPTC,
 * comments, thumbnails, second pictures and whatever hangs behind the end. What may stay is listed, not what must go, so
 * that metadata that nobody knows yet goes too. What the file is, it says by itself, whatever it was called.
 */
export function cleanPhoto(bytes: Buffer): CleanPhoto {
  const jpeg = cleanJpeg(bytes);
  if (jpeg !== null) return { mediaType: 'image/jpeg', bytes: jpeg };
  const png = cleanPng(bytes);
  if (png !== null) return { mediaType: 'image/png', bytes: png };
  const webp = cleanWebp(bytes);
  if (webp !== null) return { mediaType: 'image/webp', bytes: webp };
  throw new ArungError('invalid', 'This is no photo in JPEG, PNG or WebP, or it is damaged: take it again.', {
    code: 'photo.unreadable',
  });
}
