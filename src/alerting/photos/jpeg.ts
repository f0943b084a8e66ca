/**
 * JPEG markers (ITU-T T.81, table B.1) that draw the picture: frames, tables, scans, restart interval. Of the
 * application segments only JFIF's and Adobe's stay, which say how colours are meant.
 */
const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const drawing = new Set([
  0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf, 0xc4, 0xcc, 0xdb, 0xdc, 0xdd,
]);

/** Null for what is no whole JPEG. Its first picture alone: phones hang others, and films, behind it. */
export function cleanJpeg(bytes: Buffer): Buffer | null {
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) return null;
  const kept: Buffer[] = [bytes.subarray(0, 2)];
  let framed = false;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1; // a fill byte
      continue;
    }
    if (marker === endOfImage) break;
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (end < at + 4 || end > bytes.length) return null;
    const segment = bytes.subarray(at, end);
    if (marker === startOfScan) {
      const scanEnd = endOfScan(bytes, end);
      if (scanEnd === null || !framed) return null;
      kept.push(bytes.subarray(at, scanEnd));
      at = scanEnd;
      if (bytes[at + 1] === endOfImage) {
        kept.push(Buffer.from([0xff, endOfImage]));
        return Buffer.concat(kept);
      }
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xcc) framed = true;
    if (drawing.has(marker)) kept.push(segment);
    else if (marker === 0xe0 && segment.length >= 16 && says(segment, 'JFIF\0')) kept.push(withoutThumbnail(segment));
    else if (marker === 0xee && says(segment, 'Adobe')) kept.push(segment);
    at = end;
  }
  return null;
}

/** Where the entropy-coded data ends: at the next marker that is no stuffed zero and no restart. */
function endOfScan(bytes: Buffer, from: number): number | null {
  for (let at = bytes.indexOf(0xff, from); at !== -1 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes.readUInt8(at + 1);
    if (marker !== 0 && marker !== 0xff && !(marker >= 0xd0 && marker <= 0xd7)) return at;
  }
  return null;
}

function says(segment: Buffer, name: string): boolean {
  return segment.subarray(4, 4 + name.length).toString('latin1') === name;
}

/** JFIF 1.02: version, density, then a thumbnail of width times height; that of no size stays. */
function withoutThumbnail(segment: Buffer): Buffer {
  const plain = Buffer.from(segment.subarray(0, 18));
  plain.writeUInt16BE(16, 2);
  plain.writeUInt16BE(0, 16);
  return plain;
}
