import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { newId } from '../domain/ids.ts';
import { Vault } from './vault.ts';

const logger = pino({ level: 'silent' });
const columns = [{ table: 'credentials', id: 'id', sealed: 'secret' }];

describe('Vault', () => {
  let database: TestDatabase;
  let folder: string;
  let keyFile: string;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await sql`truncate vault_key`.execute(database.db);
    await sql`truncate credentials cascade`.execute(database.db);
    folder = mkdtempSync(join(tmpdir(), 'arung-vault-'));
    keyFile = join(folder, 'keys', 'arung.key');
    return () => rmSync(folder, { recursive: true, force: true });
  });

  async function started(): Promise<Vault> {
    const vault = new Vault({ db: database.db, keyFile, columns, logger });
    await vault.start();
    return vault;
  }

  async function storeSecret(vault: Vault, plain: string): Promise<string> {
    const id = newId<never>() as string;
    await sql`insert into credentials (id, name, kind, secret) values (${id}, ${id}, 'snmp-v2c', ${vault.seal(plain, id)})`.execute(
      database.db,
    );
    return id;
  }

  async function readSecret(vault: Vault, id: string): Promise<string> {
    const { rows } = await sql<{ secret: Buffer }>`select secret from credentials where id = ${id}`.execute(
      database.db,
    );
    return vault.open(rows[0]?.secret ?? Buffer.alloc(0), id);
  }

  it('makes a key file that only its owner may read, and uses it again', async () => {
    const first = await started();
    const sealed = first.seal('public-community', 'row-1');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect((await started()).open(sealed, 'row-1')).toBe('public-community');
  });

  it('opens what it sealed, in its row only', async () => {
    const vault = await started();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uuid(), fc.uuid(), (plain, row, other) => {
        const sealed = vault.seal(plain, row);
        expect(vault.open(sealed, row)).toBe(plain);
        if (row !== other) expect(() => vault.open(sealed, other)).toThrow(/does not open/);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a sealed secret with any bit changed or any part cut off', async () => {
    const vault = await started();
    const sealed = vault.seal('secret', 'row');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => vault.open(changed, 'row')).toThrow(/does not open/);
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(() => vault.open(sealed.subarray(0, length), 'row')).toThrow(/does not open/);
    }
  });

  it('never seals the same text to the same bytes, nor shows it in them', async () => {
    const vault = await started();
    const [one, two] = [vault.seal('planted-secret', 'row'), vault.seal('planted-secret', 'row')];
    expect(one.equals(two)).toBe(false);
    expect(one.includes('planted-secret')).toBe(false);
  });

  it('refuses a key file that others may read', async () => {
    await started();
    chmodSync(keyFile, 0o640);
    await expect(started()).rejects.toMatchObject({ code: 'vault.key-file-open' });
  });

  it('refuses to start without the key when there are secrets, and makes no other', async () => {
    await storeSecret(await started(), 'x');
    renameSync(keyFile, `${keyFile}.away`);
    await expect(started()).rejects.toMatchObject({ code: 'vault.key-lost' });
    expect(existsSync(keyFile)).toBe(false);
    renameSync(`${keyFile}.away`, keyFile);
    await started();
  });

  it('refuses another key than the one that sealed', async () => {
    await storeSecret(await started(), 'x');
    rmSync(keyFile);
    await sql`update vault_key set key_id = 'ffffffff'`.execute(database.db);
    const other = new Vault({ db: database.db, keyFile, columns: [], logger });
    await other.start();
    await sql`update vault_key set key_id = 'ffffffff'`.execute(database.db);
    await expect(started()).rejects.toMatchObject({ code: 'vault.wrong-key' });
  });

  it('rotates the key: everything opens with the new one, and the old one opens nothing', async () => {
    const vault = await started();
    const oldKey = readFileSync(keyFile);
    const ids = await Promise.all(['a', 'b', 'c'].map((plain) => storeSecret(vault, plain)));
    expect(await vault.rotate()).toBe(3);
    expect(readFileSync(keyFile).equals(oldKey)).toBe(false);
    expect(await Promise.all(ids.map((id) => readSecret(vault, id)))).toEqual(['a', 'b', 'c']);
    const again = await started();
    expect(await readSecret(again, ids[0] ?? '')).toBe('a');
  });

  it('goes on with the new key when another process rotated it', async () => {
    const [controller, command] = [await started(), await started()];
    const id = await storeSecret(controller, 'kept');
    await command.rotate();
    expect(await readSecret(controller, id)).toBe('kept');
    expect(await readSecret(command, await storeSecret(controller, 'new'))).toBe('new');
  });

  it('finishes a rotation that was cut off after its commit', async () => {
    const vault = await started();
    const oldKey = readFileSync(keyFile);
    const id = await storeSecret(vault, 'kept');
    await vault.rotate();
    renameSync(keyFile, `${keyFile}.next`);
    writeFileSync(keyFile, oldKey, { mode: 0o600 });
    expect(await readSecret(await started(), id)).toBe('kept');
  });

  it('rolls a rotation back when a secret does not open, and keeps the old key', async () => {
    const vault = await started();
    const id = await storeSecret(vault, 'kept');
    await sql`insert into credentials (id, name, kind, secret) values (${newId<never>()}, 'broken', 'ssh', '\\x01'::bytea)`.execute(
      database.db,
    );
    await expect(vault.rotate()).rejects.toMatchObject({ code: 'vault.unopened' });
    expect(await readSecret(await started(), id)).toBe('kept');
  });
});
