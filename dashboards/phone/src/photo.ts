/** Longest side, pixels: the label of a fibre can be read, and 3G carries it in half a minute. */
const longest = 1600;
const quality = 0.78;

/** Smaller, upright and without what the camera wrote into it: a canvas keeps the picture alone. */
export async function smaller(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality));
  if (made === null) throw new Error('no picture');
  return made;
}
