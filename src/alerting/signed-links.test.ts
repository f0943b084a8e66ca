import { hkdfSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { plantIncident, plantPerson } from '../../tests/support/incident.ts';
import type { IncidentId, PersonId } from '../domain/ids.ts';
import { SignedLinks } from './signed-links.ts';

const keysFrom = (secret: Buffer) => ({
  derive: (label: string) => Buffer.from(hkdfSync('sha256', secret, '', label, 32)),
});

describe('a signed link', () => {
  let database: TestDatabase;
  let links: SignedLinks;
  let incident: IncidentId;
  let other: IncidentId;
  let person: PersonId;
  let colleague: PersonId;

  beforeAll(async () => {
    database = await createTestDatabase();
    links = new SignedLinks({ db: database.db, keys: keysFrom(randomBytes(32)) });
    incident = await plantIncident(database.db);
    other = await plantIncident(database.db);
    person = await plantPerson(database.db, { name: 'Andi Baso' });
    colleague = await plantPerson(database.db, { name: 'Besse Tenri' });
  });
  afterAll(() => database.drop());

  it('names its incident and its person, and nobody else', async () => {
    const token = links.tokenFor(incident, person);
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(await links.read(token)).toEqual({ incidentId: incident, personId: person });
    expect(links.tokenFor(incident, person)).toBe(token);
    expect(await links.read(links.tokenFor(other, colleague))).toEqual({ incidentId: other, personId: colleague });
  });

  it('opens no other incident and speaks for no other person when its parts are put together anew', async () => {
    const own = Buffer.from(links.tokenFor(incident, person), 'base64url');
    const foreign = Buffer.from(links.tokenFor(other, colleague), 'base64url');
    for (const parts of [
      [foreign.subarray(0, 5), own.subarray(5)],
      [own.subarray(0, 5), foreign.subarray(5, 10), own.subarray(10)],
      [own.subarray(0, 10), foreign.subarray(10)],
    ]) {
      expect(await links.read(Buffer.concat(parts).toString('base64url'))).toBeNull();
    }
  });

  it('is refused with any one of its bits changed', async () => {
    const token = Buffer.from(links.tokenFor(incident, person), 'base64url');
    for (let bit = 0; bit < token.length * 8; bit++) {
      const changed = Buffer.from(token);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(await links.read(changed.toString('base64url')), `bit ${bit}`).toBeNull();
    }
  });

  it('is refused when another key made it, and when it is no token at all', async () => {
    const stranger = new SignedLinks({ db: database.db, keys: keysFrom(randomBytes(32)) });
    expect(await links.read(stranger.tokenFor(incident, person))).toBeNull();
    const token = links.tokenFor(incident, person);
    for (const text of ['', 'x', `${token}=`, token.slice(1), ` ${token.slice(1)}`, '💣'.repeat(32), `${token}\0`]) {
      expect(await links.read(text), JSON.stringify(text)).toBeNull();
    }
  });

  it('ends when its person is made inactive, and is back when the person is', async () => {
    const token = links.tokenFor(incident, colleague);
    await database.db.updateTable('people').set({ active: false }).where('id', '=', colleague).execute();
    expect(await links.read(token)).toBeNull();
    await database.db.updateTable('people').set({ active: true }).where('id', '=', colleague).execute();
    expect(await links.read(token)).not.toBeNull();
  });
});
