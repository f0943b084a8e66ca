/** Chunks that draw the picture (RFC 9649, section 2); EXIF, XMP, colour profiles and animations stay behind. */
const drawing = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH']);
const alphaFlag = 0x10;

/** Null for what is no whole WebP of one picture. */
export function cleanWebp(bytes: Buffer): Buffer | null {
  if (bytes.length < 20 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') {
    return null;
  }
  const kept: Buffer[] = [];
  let pictures = 0;
  const whole = 8 + bytes.readUInt32LE(4);
  if (whole > bytes.length) return null;
  for (let at = 12; at + 8 <= whole;) {
    const size = bytes.readUInt32LE(at + 4);
    const end = at + 8 + size + (size % 2);
    if (at + 8 + size > whole) return null;
    const type = bytes.toString('latin1', at, at + 4);
    const chunk = Buffer.from(bytes.subarray(at, Math.min(end, whole)));
    if (type === 'VP8 ' || type === 'VP8L') pictures += 1;
    if (type === 'VP8X') {
      if (size < 10) return null;
      chunk.writeUInt8(chunk.readUInt8(8) & alphaFlag, 8);
    }
    if (drawing.has(type)) kept.push(chunk);
    at = end;
  }
  if (pictures !== 1) return null;
  const body = Buffer.concat(kept);
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(4 + body.length, 4);
  return Buffer.concat([head, body]);
}
