import { deflateSync, crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cleanPhoto } from './clean-photo.ts';

/** A baseline JPEG of one grey pixel (ITU-T T.81), with what a camera adds put behind its start. */
const pixel = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
  'base64',
);
const end = Buffer.from([0xff, 0xd9]);
const whole = pixel.subarray(-2).equals(end) ? pixel : Buffer.concat([pixel, end]);

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

const secret = 'GPS -4.9781 120.1207';
const added = [
  segment(0xe1, Buffer.from(`Exif\0\0MM\0*${secret}`)),
  segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${secret}`)),
  segment(0xed, Buffer.from(`Photoshop 3.0\0${secret}`)),
  segment(0xe2, Buffer.from(`MPF\0${secret}`)),
  segment(0xfe, Buffer.from(secret)),
];

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

const pngHead = Buffer.from('89504e470d0a1a0a', 'hex');
const header = Buffer.from('00000001000000010800000000', 'hex');
const png = (more: Buffer[]) =>
  Buffer.concat([
    pngHead,
    chunk('IHDR', header),
    ...more,
    chunk('IDAT', deflateSync(Buffer.from([0, 128]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);

function riff(chunks: readonly (readonly [string, Buffer])[]): Buffer {
  const body = Buffer.concat(
    chunks.map(([type, content]) => {
      const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
      head.writeUInt32LE(content.length, 4);
      return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
    }),
  );
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(body.length + 4, 4);
  return Buffer.concat([head, body]);
}

describe('a photo', () => {
  it('in JPEG keeps its picture and loses place, time, comments and what hangs behind its end', () => {
    const start = whole.subarray(0, 2);
    const behind = Buffer.concat([whole, Buffer.from(secret)]);
    const given = Buffer.concat([start, ...added, whole.subarray(2), behind]);
    expect(given.includes('GPS')).toBe(true);
    const { mediaType, bytes } = cleanPhoto(given);
    expect(mediaType).toBe('image/jpeg');
    expect(bytes.includes('GPS')).toBe(false);
    expect(bytes.includes('Exif')).toBe(false);
    expect(bytes.equals(cleanPhoto(whole).bytes)).toBe(true);
    expect(cleanPhoto(bytes).bytes.equals(bytes)).toBe(true);
    expect(bytes.subarray(-2).equals(end)).toBe(true);
  });

  it('in PNG loses every chunk that draws nothing', () => {
    const given = png([
      chunk('eXIf', Buffer.from(secret)),
      chunk('tEXt', Buffer.from(secret)),
      chunk('tIME', Buffer.alloc(7)),
    ]);
    const { mediaType, bytes } = cleanPhoto(Buffer.concat([given, Buffer.from(secret)]));
    expect(mediaType).toBe('image/png');
    expect(bytes.equals(png([]))).toBe(true);
  });

  it('in WebP loses EXIF and XMP, and says no longer that it has them', () => {
    const picture = Buffer.from('picture');
    const extended = Buffer.from([0x10 | 0x08 | 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const given = riff([
      ['VP8X', extended],
      ['VP8 ', picture],
      ['EXIF', Buffer.from(secret)],
      ['XMP ', Buffer.from(secret)],
    ]);
    const { mediaType, bytes } = cleanPhoto(given);
    expect(mediaType).toBe('image/webp');
    expect(
      bytes.equals(
        riff([
          ['VP8X', Buffer.from([0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
          ['VP8 ', picture],
        ]),
      ),
    ).toBe(true);
  });

  it('that is none, or is cut off anywhere, is refused and takes nothing down', () => {
    const good = [
      Buffer.concat([whole.subarray(0, 2), ...added, whole.subarray(2)]),
      png([chunk('tEXt', Buffer.from(secret))]),
      riff([['VP8 ', Buffer.from('picture')]]),
    ];
    for (const bytes of good) {
      for (let length = 0; length < bytes.length; length++) {
        expect(() => cleanPhoto(bytes.subarray(0, length)), `${length} of ${bytes.length}`).toThrow(/photo/);
      }
    }
    for (const text of ['', '<svg onload=alert(1)>', 'GIF89a', '\xff\xd8\xff\xd8\xff\xd8']) {
      expect(() => cleanPhoto(Buffer.from(text, 'latin1'))).toThrow(/no photo/);
    }
    expect(() => cleanPhoto(Buffer.alloc(3 * 1024 * 1024 + 1))).toThrow(/no photo/);
  });
});
