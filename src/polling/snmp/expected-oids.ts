import { Shared } from '../shared.ts';
import type { ExpectedOids } from './request.ts';

const shared = new Shared<ExpectedOids>();

/** What is expected of an answer, once for all requests that expect the same. */
export function expectedOids(oids: readonly Uint8Array[]): ExpectedOids {
  const bytes = Buffer.concat(oids);
  const lengths = Uint16Array.from(oids, (oid) => oid.length);
  return shared.get(`${lengths.join(' ')} ${bytes.toString('latin1')}`, () => {
    const starts = new Uint16Array(oids.length);
    let at = 0;
    for (const [i, oid] of oids.entries()) {
      starts[i] = at;
      at += oid.length;
    }
    // Of its own and not of Node's pool: it lives long.
    return { count: oids.length, bytes: new Uint8Array(bytes), starts, lengths };
  });
}
