import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { systemAccess, type Access, type Role } from '../domain/access.ts';
import { newId, type RegionId, type UserId } from '../domain/ids.ts';
import { ApiTokens } from './api-tokens.ts';
import { Authenticator } from './authenticator.ts';
import { Revocations, type Revocation } from './revocations.ts';
import { absoluteMs, idleMs, Sessions } from './sessions.ts';
import { Users } from './users.ts';

const logger = pino({ level: 'silent' });
const root = systemAccess('test');
const password = 'palattae-kahu-1';

describe('sign-in and rights', () => {
  let database: TestDatabase;
  let users: Users;
  let sessions: Sessions;
  let tokens: ApiTokens;
  let revocations: Revocations;
  let authenticator: Authenticator;
  let now = Date.UTC(2026, 10, 24);
  const clock = { now: () => now, monotonic: () => now };

  beforeAll(async () => {
    database = await createTestDatabase();
    for (const [code, level] of [
      ['73', 'province'],
      ['73.08', 'regency'],
      ['73.08.01', 'district'],
      ['73.08.02', 'district'],
    ]) {
      await sql`insert into regions (id, code, name, level) values (${newId<RegionId>()}, ${code}, ${`region ${code}`}, ${level})`.execute(
        database.db,
      );
    }
    revocations = new Revocations({ url: () => database.url, logger });
    await revocations.start();
  });
  afterAll(async () => {
    await revocations.stop();
    await database.drop();
  });
  beforeEach(async () => {
    await sql`truncate users, api_tokens cascade`.execute(database.db);
    const audit = new AuditLog({ db: database.db, logger, clock });
    users = new Users({ db: database.db, audit, clock });
    sessions = new Sessions({ db: database.db, audit, logger, clock });
    tokens = new ApiTokens({ db: database.db, audit, clock });
    authenticator = new Authenticator({ sessions, tokens, revocations });
    await users.ensureAdministrator({ password });
  });

  const signIn = (name: string, word = password, address = '10.1.1.1') =>
    sessions.signIn({ name, password: word, address, userAgent: 'test' });
  const cookie = (secret: string) => ({ cookie: `arung_session=${secret}` });
  const grant = (role: Role, regionCode: string | null) => ({ role, regionCode });
  const make = async (name: string, role: Role, regionCode: string | null): Promise<UserId> =>
    (await users.create(root, { name, password, grants: [grant(role, regionCode)] })).user.id;
  const administratorOf = (regionCode: string): Access => ({
    kind: 'user',
    id: null,
    name: 'district',
    grants: [grant('administrator', regionCode)],
  });

  describe('the first administrator', () => {
    it('shows what a user might elsewhere to nobody of the region they come to', async () => {
      const audit = new AuditLog({ db: database.db, logger, clock });
      const id = await make('pindah', 'viewer', '73.08.02');
      await users.update(root, id, { grants: [grant('viewer', '73.08.01')] });
      const seen = async (access: Access) => JSON.stringify(await audit.list(access, { entityId: id, limit: 10 }));
      expect(await seen(administratorOf('73.08.01'))).toBe('[]');
      expect(await seen(administratorOf('73.08.02'))).not.toContain('73.08.01');
      expect(await seen(root)).toContain('73.08.01');
    });

    it('is made once, with a one-time password where none was given', async () => {
      expect(await users.ensureAdministrator({ password: 'another' })).toBeNull();
      await sql`truncate users cascade`.execute(database.db);
      const both = await Promise.all([users.ensureAdministrator(), users.ensureAdministrator()]);
      const [made] = both.filter((one) => one !== null);
      expect(both.filter((one) => one !== null)).toHaveLength(1);
      expect((await users.list(root))[0]).toMatchObject({ name: 'admin', mustChangePassword: true });
      await signIn('admin', made?.oneTimePassword ?? '');
    });
  });

  describe('sign-in', () => {
    it('gives a session that says who it is and what may be done', async () => {
      const { secret } = await signIn('  Admin ');
      expect(await authenticator.authenticate(cookie(secret))).toMatchObject({
        kind: 'user',
        name: 'admin',
        grants: [{ role: 'administrator', regionCode: null }],
      });
    });

    it('keeps neither password nor session secret in the database', async () => {
      const { secret } = await signIn('admin');
      const { rows } = await sql<{ text: string }>`
        select users::text || sessions::text || audit_log::text as text from users, sessions, audit_log`.execute(
        database.db,
      );
      const text = rows.map((row) => row.text).join();
      expect(text).not.toContain(password);
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('hex'));
      expect(text).toContain('$argon2id$');
    });

    it('says the same of a wrong password, an unknown name and a disabled user, and counts what is left', async () => {
      const off = await make('off', 'viewer', null);
      await users.update(root, off, { disabled: true });
      for (const name of ['admin', 'nobody', 'off']) {
        await expect(signIn(name, name === 'off' ? password : 'wrong')).rejects.toMatchObject({
          kind: 'unauthenticated',
          code: 'sign-in.wrong-password',
          arguments: { attemptsLeft: 4 },
        });
      }
    });

    it('pauses after five wrong passwords, also for the right one, and goes on after the pause', async () => {
      for (let left = 4; left > 0; left--) {
        await expect(signIn('admin', 'wrong')).rejects.toMatchObject({ arguments: { attemptsLeft: left } });
      }
      const paused = { kind: 'too-many-requests', code: 'sign-in.paused', arguments: { seconds: 15 }, retryAfterS: 15 };
      await expect(signIn('admin', 'wrong')).rejects.toMatchObject(paused);
      await expect(signIn('admin')).rejects.toMatchObject(paused);
      await signIn('admin', password, '10.1.1.2');
      now += 15_000;
      await signIn('admin');
    });

    it('lets no burst of parallel guesses through', async () => {
      const tries = await Promise.allSettled(Array.from({ length: 20 }, () => signIn('admin', 'wrong')));
      const codes = tries.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'in'));
      expect(codes.filter((code) => code === 'sign-in.wrong-password')).toHaveLength(4);
    });

    it('takes whatever text for a name or a password', async () => {
      for (const text of ['a\0b', '\ud800', "'; drop table users; --", 'x'.repeat(5000)]) {
        await expect(signIn(text, text, text.slice(0, 3))).rejects.toMatchObject({ code: 'sign-in.wrong-password' });
      }
    });
  });

  describe('a session', () => {
    it('ends when it was not used for twelve hours, and after a week in any case', async () => {
      const { secret } = await signIn('admin');
      const start = now;
      while (now + idleMs / 2 < start + absoluteMs) {
        now += idleMs / 2;
        expect(await authenticator.authenticate(cookie(secret))).not.toBeNull();
      }
      now = start + absoluteMs;
      expect(await authenticator.authenticate(cookie(secret))).toBeNull();
      const other = await signIn('admin');
      now += idleMs;
      expect(await authenticator.authenticate(cookie(other.secret))).toBeNull();
      await sessions.endExpired();
      expect((await sql`select 1 from sessions`.execute(database.db)).rows).toHaveLength(0);
    });

    it('ends by itself alone', async () => {
      const [one, two] = [await signIn('admin'), await signIn('admin')];
      const identity = await authenticator.identify(cookie(one.secret));
      await sessions.end(identity?.sessionId ?? '');
      expect(await authenticator.authenticate(cookie(one.secret))).toBeNull();
      expect(await authenticator.authenticate(cookie(two.secret))).not.toBeNull();
    });

    it('loses at once what its user lost, and listeners are told', async () => {
      const heard: Revocation[] = [];
      const stop = authenticator.onAccessRevoked((revocation) => heard.push(revocation));
      const id = await make('wati', 'viewer', '73.08');
      const { secret } = await signIn('wati');
      await users.update(root, id, { grants: [grant('viewer', '73.08.01')] });
      expect((await authenticator.authenticate(cookie(secret)))?.grants).toEqual([grant('viewer', '73.08.01')]);
      await users.update(root, id, { disabled: true });
      expect(await authenticator.authenticate(cookie(secret))).toBeNull();
      await vi.waitFor(() => expect(heard.filter((one) => one.kind === 'user' && one.id === id)).toHaveLength(2));
      stop();
    });

    it('follows its region through a change of code', async () => {
      await make('wati', 'viewer', '73.08.02');
      const { secret } = await signIn('wati');
      await sql`update regions set code = '73.08.99' where code = '73.08.02'`.execute(database.db);
      expect((await authenticator.authenticate(cookie(secret)))?.grants).toEqual([grant('viewer', '73.08.99')]);
      await sql`update regions set code = '73.08.02' where code = '73.08.99'`.execute(database.db);
    });
  });

  describe('passwords', () => {
    it('changes one’s own with the old one, and ends the other sessions', async () => {
      const [here, there] = [await signIn('admin'), await signIn('admin')];
      const identity = await authenticator.identify(cookie(here.secret));
      const id = identity?.access.id;
      if (identity === null || id === null || id === undefined) throw new Error('not signed in');
      const change = (current: string, next: string) =>
        users.changeOwnPassword(identity.access, id, { current, next, sessionId: identity.sessionId });
      await expect(change('wrong', 'a new password')).rejects.toMatchObject({ code: 'password.wrong' });
      await expect(change(password, 'short')).rejects.toMatchObject({ code: 'password.short' });
      await expect(change(password, 'aaaaaaaaaaaaa')).rejects.toMatchObject({ code: 'password.weak' });
      await change(password, 'a new password');
      expect(await authenticator.authenticate(cookie(here.secret))).not.toBeNull();
      expect(await authenticator.authenticate(cookie(there.secret))).toBeNull();
      await signIn('admin', 'a new password');
    });

    it('resets on the machine, which opens a disabled account too', async () => {
      const id = await make('wati', 'viewer', null);
      await users.update(root, id, { disabled: true });
      const oneTime = await users.resetByName('Wati');
      await signIn('wati', oneTime);
      await expect(users.resetByName('nobody')).rejects.toMatchObject({ code: 'user.unknown' });
    });
  });

  describe('who manages users of one district', () => {
    it('sees and changes those whose rights all lie there, and gives no right beyond', async () => {
      const district = administratorOf('73.08.01');
      const inside = await make('inside', 'viewer', '73.08.01');
      const outside = await make('outside', 'viewer', '73.08.02');
      const both = (
        await users.create(root, {
          name: 'both',
          password,
          grants: [grant('viewer', '73.08.01'), grant('operator', '73.08.02')],
        })
      ).user.id;
      const seen = await users.list(district);
      expect(seen.map((user) => user.name)).toEqual(['both', 'inside']);
      expect(JSON.stringify(seen)).not.toContain('73.08.02');
      await users.update(district, inside, { grants: [grant('technician', '73.08.01')] });
      await expect(users.get(district, outside)).rejects.toMatchObject({ code: 'user.unknown' });
      await expect(users.resetPassword(district, outside)).rejects.toMatchObject({ code: 'user.unknown' });
      await expect(users.resetPassword(district, both)).rejects.toMatchObject({ code: 'user.outside' });
      for (const code of ['73.08.02', '73.08', null]) {
        const wish = { name: 'mine', password, grants: [grant('administrator', code)] };
        await expect(users.create(district, wish)).rejects.toMatchObject({ code: 'grant.outside' });
        await expect(users.update(district, inside, { grants: wish.grants })).rejects.toMatchObject({
          code: 'grant.outside',
        });
        const token = { name: 't', role: 'viewer' as const, regionCode: code, expiresAt: null };
        await expect(tokens.create(district, token)).rejects.toMatchObject({ code: 'grant.outside' });
      }
    });
  });

  it('always leaves an administrator of everything', async () => {
    const [admin] = await users.list(root);
    if (admin === undefined) throw new Error('no administrator');
    const last = { code: 'user.last-administrator' };
    await expect(users.update(root, admin.id, { disabled: true })).rejects.toMatchObject(last);
    await expect(users.update(root, admin.id, { grants: [] })).rejects.toMatchObject(last);
    const second = await make('second', 'administrator', null);
    const both = await Promise.allSettled([admin.id, second].map((id) => users.update(root, id, { disabled: true })));
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  describe('an API token', () => {
    it('takes the place of the one of its name, where that is wanted and its writer may end it', async () => {
      const pulumi = { name: 'pulumi', role: 'operator' as const, regionCode: null, expiresAt: null };
      const first = await tokens.create(root, pulumi);
      await expect(tokens.create(root, pulumi)).rejects.toMatchObject({ code: 'token.name-taken' });
      const district: Access = { ...root, grants: [{ role: 'administrator', regionCode: '73.08' }] };
      const smaller = { ...pulumi, regionCode: '73.08', replaces: true };
      await expect(tokens.create(district, smaller)).rejects.toMatchObject({ code: 'token.name-taken' });
      const second = await tokens.create(root, { ...pulumi, replaces: true });
      expect(await tokens.identify(first.token)).toBeNull();
      expect(await tokens.identify(second.token)).toMatchObject({ name: 'pulumi' });
      expect(await tokens.list(root)).toHaveLength(1);
    });

    it('says who it is until it expires or is revoked, and is never told again', async () => {
      const expiresAt = new Date(now + 60_000);
      const made = await tokens.create(root, { name: 'grafana', role: 'viewer', regionCode: '73.08', expiresAt });
      expect(made.token).toMatch(/^arung_[\w-]{43}$/);
      const bearer = { authorization: `Bearer ${made.token}` };
      expect(await authenticator.authenticate(bearer)).toMatchObject({
        kind: 'token',
        name: 'grafana',
        grants: [grant('viewer', '73.08')],
      });
      expect(JSON.stringify(await tokens.list(root))).not.toContain(made.token);
      expect((await tokens.list(root))[0]?.lastUsedAt).toEqual(new Date(now));
      now += 60_000;
      expect(await authenticator.authenticate(bearer)).toBeNull();
      await tokens.revoke(root, made.apiToken.id);
      expect(await tokens.list(root)).toEqual([]);
    });

    it('never becomes a right everywhere when its region goes', async () => {
      await sql`insert into regions (id, code, name, level) values (${newId<RegionId>()}, '74', 'gone', 'province')`.execute(
        database.db,
      );
      const made = await tokens.create(root, { name: 'gone', role: 'operator', regionCode: '74', expiresAt: null });
      await make('gone', 'operator', '74');
      const { secret } = await signIn('gone');
      await sql`delete from regions where code = '74'`.execute(database.db);
      expect(await authenticator.authenticate({ authorization: `Bearer ${made.token}` })).toBeNull();
      expect((await authenticator.authenticate(cookie(secret)))?.grants).toEqual([]);
    });
  });
});
