import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { systemAccess, type Access } from '../domain/access.ts';
import type { UserId } from '../domain/ids.ts';
import { Vault } from '../vault/vault.ts';
import { SecondFactor, secondFactorColumns } from './second-factor.ts';
import { SessionList } from './session-list.ts';
import { Sessions } from './sessions.ts';
import { Users } from './users.ts';

const logger = pino({ level: 'silent' });
const root = systemAccess('test');
const password = 'palattae-kahu-1';

describe('the second factor', () => {
  let database: TestDatabase;
  let folder: string;
  let vault: Vault;
  let audit: AuditLog;
  let users: Users;
  let secondFactor: SecondFactor;
  let sessions: Sessions;
  let id: UserId;
  let access: Access;
  let made = 0;
  let now = Date.UTC(2026, 10, 24);
  const clock = { now: () => now, monotonic: () => now };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-factor-'));
    database = await createTestDatabase();
    const { db } = database;
    vault = new Vault({ db, keyFile: join(folder, 'key'), columns: secondFactorColumns, logger });
    await vault.start();
    audit = new AuditLog({ db, logger, clock });
    users = new Users({ db, audit, clock });
    await users.ensureAdministrator({ password });
    secondFactor = new SecondFactor({ db, audit, vault, clock });
  });
  afterAll(async () => {
    await vault.stop();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    const { db } = database;
    sessions = new Sessions({ db, audit, logger, clock, secondFactor });
    const name = `siti${++made}`;
    const grants = [{ role: 'administrator' as const, regionCode: null }];
    const { user } = await users.create(root, { name, password, grants });
    id = user.id;
    access = { kind: 'user', id, name, grants: [] };
  });

  const codeOf = (secret: string, at = now) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at });
  const signIn = (code?: string) =>
    sessions.signIn({ name: access.name, password, address: '10.1.1.1', userAgent: 'test', code });
  async function turnOn(): Promise<{ secret: string; recovery: readonly string[] }> {
    const { secret } = await secondFactor.begin(access, id);
    const recovery = await secondFactor.confirm(access, id, codeOf(secret));
    now += 60_000;
    return { secret, recovery };
  }

  it('asks nobody for a code before its first code was given', async () => {
    const { uri, secret } = await secondFactor.begin(access, id);
    expect(new URL(uri).searchParams.get('secret')).toBe(secret);
    await expect(secondFactor.confirm(access, id, '000000')).rejects.toMatchObject({ code: 'second-factor.wrong' });
    await signIn();
    expect(await secondFactor.state(id)).toEqual({ on: false, since: null, recoveryCodesLeft: 0 });
  });

  it('lets in with the code of now, once, and says what is missing or wrong otherwise', async () => {
    const { secret } = await turnOn();
    await expect(signIn()).rejects.toMatchObject({ kind: 'unauthenticated', code: 'sign-in.code-needed' });
    const code = codeOf(secret);
    await signIn(code.slice(0, 3) + ' ' + code.slice(3));
    await expect(signIn(code)).rejects.toMatchObject({ code: 'sign-in.wrong-code' });
    await expect(signIn(codeOf(secret, now - 120_000))).rejects.toMatchObject({ code: 'sign-in.wrong-code' });
    now += 30_000;
    await signIn(codeOf(secret));
  });

  it('lets only one of two in that bring the same code at once', async () => {
    const { secret } = await turnOn();
    const code = codeOf(secret);
    const results = await Promise.allSettled([secondFactor.check(id, code), secondFactor.check(id, code)]);
    const answers = results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'));
    expect(answers.sort()).toEqual(['right', 'wrong']);
  });

  it('slows who guesses codes with a known password, whether codes are sent or not', async () => {
    await turnOn();
    const answers: unknown[] = [];
    for (let n = 0; n < 6; n++)
      answers.push(await signIn(n % 2 === 0 ? '000000' : undefined).catch((error) => error.code));
    expect(answers).toContain('sign-in.paused');
    now += 3_600_000;
  });

  it('takes each recovery code once', async () => {
    const { recovery } = await turnOn();
    const [first = '', second = ''] = recovery;
    expect(recovery).toHaveLength(10);
    await signIn(first.toUpperCase());
    await expect(signIn(first)).rejects.toMatchObject({ code: 'sign-in.wrong-code' });
    await signIn(second);
    expect((await secondFactor.state(id)).recoveryCodesLeft).toBe(8);
  });

  it('is removed with a code of it, or by who manages users, and is then asked for no more', async () => {
    const { secret } = await turnOn();
    await expect(secondFactor.begin(access, id)).rejects.toMatchObject({ code: 'second-factor.on' });
    await expect(secondFactor.removeOwn(access, id, '000000')).rejects.toMatchObject({ code: 'second-factor.wrong' });
    await secondFactor.removeOwn(access, id, codeOf(secret));
    await signIn();
    await turnOn();
    await secondFactor.remove(root, id);
    await signIn();
    await turnOn();
    await users.resetByName(access.name);
    expect((await secondFactor.state(id)).on).toBe(false);
  });

  it('is kept sealed, and sealed anew by a rotation of the key', async () => {
    const { secret } = await turnOn();
    const row = await database.db
      .selectFrom('user_second_factor')
      .select('secret')
      .where('user_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row.secret.includes(Buffer.from(secret))).toBe(false);
    expect(await vault.rotate()).toBeGreaterThan(0);
    await signIn(codeOf(secret));
  });

  it('opens nothing but the session to whom the rule asks for one, until it is there', async () => {
    const { db } = database;
    const strict = new Sessions({ db, audit, logger, clock, secondFactor, secondFactorRule: 'administrators' });
    const { secret: cookie } = await strict.signIn({ name: access.name, password, address: '10.1.1.2', userAgent: '' });
    expect((await strict.identify(cookie))?.mustSetSecondFactor).toBe(true);
    await turnOn();
    expect((await strict.identify(cookie))?.mustSetSecondFactor).toBe(false);
    const viewer = await users.create(root, {
      name: `budi${made}`,
      password,
      grants: [{ role: 'viewer', regionCode: null }],
    });
    const other = await strict.signIn({ name: viewer.user.name, password, address: '10.1.1.2', userAgent: '' });
    expect((await strict.identify(other.secret))?.mustSetSecondFactor).toBe(false);
  });

  it('shows where somebody is signed in, and ends sessions, never another person’s', async () => {
    const { db } = database;
    const list = new SessionList({ db, audit });
    await signIn();
    const { secret: cookie } = await signIn();
    const seen = await list.of(id);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatchObject({ address: '10.1.1.1', userAgent: 'test' });
    const stranger = await users.create(root, { name: `tono${made}`, password, grants: [] });
    const target = seen[0]?.id ?? '';
    await expect(list.end(access, stranger.user, target)).rejects.toMatchObject({ code: 'session.unknown' });
    const current = (await sessions.identify(cookie))?.sessionId ?? '';
    await list.end(access, { id, name: access.name }, current);
    expect(await sessions.identify(cookie)).toBeNull();
    expect(await list.end(root, { id, name: access.name }, 'all')).toBe(1);
    expect(await list.of(id)).toEqual([]);
  });
});
