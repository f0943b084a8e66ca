import { createHmac, timingSafeEqual } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { IncidentId, PersonId } from '../domain/ids.ts';

/** Whom a link was made for, and about what. */
export interface LinkHolder {
  readonly incidentId: IncidentId;
  readonly personId: PersonId;
}

/** What makes keys for other uses out of the vault's. */
export interface KeySource {
  derive(label: string): Buffer;
}

/** Bytes: the ends of both ids, by which the rows are found, and what proves that we made it. */
const endLength = 5;
const proofLength = 14;
const tokenPattern = /^[A-Za-z0-9_-]{32}$/;

/**
 * Links that let one person act on one incident, without signing in. A token is 32 characters, so that a message with it
 * stays one SMS: the last 5 bytes of the incident's id and of the person's, and 112 bits of HMAC-SHA256 over both ids
 * whole. It stands in no table. It ends when the person is made inactive, when the key of the vault is rotated, and (see
 * `PhoneDesk`) with the incident.
 */
export class SignedLinks {
  readonly #db: Kysely<Database>;
  readonly #keys: KeySource;

  constructor(options: { readonly db: Kysely<Database>; readonly keys: KeySource }) {
    this.#db = options.db;
    this.#keys = options.keys;
  }

  /** For `/i/{token}` below the address that people reach Arung at. The same for the same two, always. */
  tokenFor(incidentId: IncidentId, personId: PersonId): string {
    return Buffer.concat([endOf(incidentId), endOf(personId), this.#proof(incidentId, personId)]).toString('base64url');
  }

  /** Null for what we did not make, and for a person who is gone or no longer active. Changes nothing. */
  async read(token: string): Promise<LinkHolder | null> {
    if (!tokenPattern.test(token)) return null;
    const bytes = Buffer.from(token, 'base64url');
    const proof = bytes.subarray(2 * endLength);
    const [incidents, people] = await Promise.all([
      this.#db
        .selectFrom('incidents')
        .select('id')
        .where(sql<string>`right(id::text, 10)`, '=', bytes.subarray(0, endLength).toString('hex'))
        .execute(),
      this.#db
        .selectFrom('people')
        .select('id')
        .where(sql<string>`right(id::text, 10)`, '=', bytes.subarray(endLength, 2 * endLength).toString('hex'))
        .where('active', '=', true)
        .execute(),
    ]);
    for (const { id: incidentId } of incidents) {
      for (const { id: personId } of people) {
        if (timingSafeEqual(this.#proof(incidentId, personId), proof)) return { incidentId, personId };
      }
    }
    return null;
  }

  #proof(incidentId: IncidentId, personId: PersonId): Buffer {
    return createHmac('sha256', this.#keys.derive('arung signed link of an incident, 1'))
      .update(`${incidentId}|${personId}`)
      .digest()
      .subarray(0, proofLength);
  }
}

/** The last bytes of a UUID, which are random (RFC 9562, section 5.7). */
function endOf(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex').subarray(-endLength);
}
