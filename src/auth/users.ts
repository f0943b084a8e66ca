import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../database/tables.ts';
import { scopeFor, inScope, systemAccess, type Access, type Grant } from '../domain/access.ts';
import { systemClock, type Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { newId, type UserId } from '../domain/ids.ts';
import type { AuditSink } from './audit-sink.ts';
import { grantsOf, mayGrantIn, regionToGrant, type NamedGrant } from './grants.ts';
import { checkNewPassword, hashPassword, oneTimePassword, passwordFits } from './passwords.ts';
import { notifyRevoked } from './revocations.ts';

export const userNamePattern = '^[a-z0-9][a-z0-9._-]{0,63}$';

export interface User {
  readonly id: UserId;
  readonly name: string;
  readonly displayName: string;
  readonly language: 'id' | 'en' | null;
  readonly disabled: boolean;
  readonly mustChangePassword: boolean;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
  /** Signs in with a second factor, too. */
  readonly secondFactor: boolean;
  /** As far as the reader manages users. */
  readonly grants: readonly NamedGrant[];
}

export interface NewUser {
  readonly name: string;
  readonly displayName?: string;
  readonly language?: 'id' | 'en' | null;
  readonly grants: readonly Grant[];
  /** Without it a one-time password is made and returned. */
  readonly password?: string;
}

export interface UserChange {
  readonly displayName?: string;
  readonly language?: 'id' | 'en' | null;
  readonly disabled?: boolean;
  readonly grants?: readonly Grant[];
}

export interface UsersOptions {
  readonly db: Kysely<Database>;
  readonly audit: AuditSink;
  readonly clock?: Clock;
}

/** People and what they may. Who manages users of a region sees and changes only those whose rights all lie there. */
export class Users {
  readonly #db: Kysely<Database>;
  readonly #audit: AuditSink;
  readonly #clock: Clock;

  constructor(options: UsersOptions) {
    this.#db = options.db;
    this.#audit = options.audit;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * At the very first start: the user `admin`, with the given password or with a one-time password that is returned to
   * be printed once. Null when there are users already.
   */
  async ensureAdministrator(options: { readonly password?: string | null } = {}): Promise<{
    readonly name: string;
    readonly oneTimePassword: string | null;
  } | null> {
    const oneTime = (options.password ?? '') ? null : oneTimePassword();
    const passwordHash = await hashPassword(options.password ?? oneTime ?? '');
    return this.#change(async (trx) => {
      const any = await trx.selectFrom('users').select('id').limit(1).executeTakeFirst();
      if (any !== undefined) return null;
      const access = systemAccess('first start');
      const user: NewUser = { name: 'admin', grants: [{ role: 'administrator', regionCode: null }] };
      await this.#insert(trx, access, user, passwordHash, oneTime !== null);
      return { name: user.name, oneTimePassword: oneTime };
    });
  }

  async list(access: Access): Promise<User[]> {
    const rows = await selectUsers(this.#db).orderBy('name').execute();
    const grants = await grantsOf(
      this.#db,
      rows.map((row) => row.id),
    );
    return rows.flatMap((row) => {
      const user = toUser(row, grants.get(row.id) ?? []);
      return isVisible(access, user) ? [onlyManaged(access, user)] : [];
    });
  }

  async get(access: Access, id: UserId): Promise<User> {
    return onlyManaged(access, await this.#find(this.#db, access, id));
  }

  /** A user all of whose rights lie where the reader manages users; rejects with `not-found` or `forbidden` otherwise. */
  async managed(access: Access, id: UserId): Promise<User> {
    const user = await this.#find(this.#db, access, id);
    requireManaged(access, user);
    return user;
  }

  /** One's own record, with all of one's rights. */
  async own(id: UserId): Promise<User> {
    const user = await this.#read(this.#db, id);
    if (user === null) throw unknownUser();
    return user;
  }

  async create(access: Access, user: NewUser): Promise<{ user: User; oneTimePassword: string | null }> {
    if (user.grants.length === 0 && scopeFor(access, 'user.manage') !== 'everywhere') {
      throw new ArungError('invalid', 'Give the user a role in one of your regions.', { code: 'user.no-grant' });
    }
    if (user.password !== undefined) checkNewPassword(user.password, user.name);
    const oneTime = user.password === undefined ? oneTimePassword() : null;
    const passwordHash = await hashPassword(user.password ?? oneTime ?? '');
    const id = await this.#change((trx) => this.#insert(trx, access, user, passwordHash, oneTime !== null));
    return { user: await this.get(access, id), oneTimePassword: oneTime };
  }

  async update(access: Access, id: UserId, change: UserChange): Promise<User> {
    await this.#change(async (trx) => {
      const before = await this.#find(trx, access, id);
      requireManaged(access, before);
      await trx
        .updateTable('users')
        .set((set) => ({
          version: set('version', '+', 1),
          ...(change.displayName === undefined ? {} : { display_name: change.displayName }),
          ...(change.language === undefined ? {} : { language: change.language }),
          ...(change.disabled === undefined ? {} : { disabled: change.disabled }),
        }))
        .where('id', '=', id)
        .execute();
      if (change.grants !== undefined) await this.#setGrants(trx, access, id, change.grants);
      if (change.disabled === true) await trx.deleteFrom('sessions').where('user_id', '=', id).execute();
      await requireAdministrator(trx);
      if (change.disabled === true || change.grants !== undefined) await notifyRevoked(trx, { kind: 'user', id });
      const after = await this.#find(trx, systemAccess('audit'), id);
      await this.#append(trx, access, 'update', { before, after });
    });
    return this.get(access, id);
  }

  /** A new one-time password, which ends every session of the user. */
  async resetPassword(access: Access, id: UserId): Promise<string> {
    const oneTime = oneTimePassword();
    const passwordHash = await hashPassword(oneTime);
    await this.#change(async (trx) => {
      const user = await this.#find(trx, access, id);
      requireManaged(access, user);
      await trx
        .updateTable('users')
        .set({ password_hash: passwordHash, must_change_password: true })
        .where('id', '=', id)
        .execute();
      await trx.deleteFrom('sessions').where('user_id', '=', id).execute();
      await notifyRevoked(trx, { kind: 'user', id });
      await this.#append(trx, access, 'reset-password', { before: user, after: user });
    });
    return oneTime;
  }

  /** By name, for `arung user reset` on the machine itself; also opens an account that was disabled, and takes its second factor away. */
  async resetByName(name: string): Promise<string> {
    const row = await this.#db
      .selectFrom('users')
      .select('id')
      .where('name', '=', name.toLowerCase())
      .executeTakeFirst();
    if (row === undefined) throw unknownUser(name);
    const access = systemAccess('arung user reset');
    await this.update(access, row.id, { disabled: false });
    await this.#db.deleteFrom('user_second_factor').where('user_id', '=', row.id).execute();
    return this.resetPassword(access, row.id);
  }

  /** Ends the user's other sessions. */
  async changeOwnPassword(
    access: Access,
    id: UserId,
    change: { readonly current: string; readonly next: string; readonly sessionId: string | null },
  ): Promise<void> {
    const row = await this.#db
      .selectFrom('users')
      .select(['name', 'password_hash'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw unknownUser();
    if (!(await passwordFits(change.current, row.password_hash))) {
      const message = 'The current password is wrong: type it again.';
      throw new ArungError('invalid', message, {
        code: 'password.wrong',
        details: [{ message, code: 'password.wrong', field: 'current' }],
      });
    }
    checkNewPassword(change.next, row.name);
    const passwordHash = await hashPassword(change.next);
    await this.#change(async (trx) => {
      await trx
        .updateTable('users')
        .set({ password_hash: passwordHash, must_change_password: false })
        .where('id', '=', id)
        .execute();
      let others = trx.deleteFrom('sessions').where('user_id', '=', id);
      if (change.sessionId !== null) others = others.where('id', '<>', change.sessionId);
      for (const session of await others.returning('id').execute()) {
        await notifyRevoked(trx, { kind: 'session', id: session.id });
      }
      const user = await this.#find(trx, systemAccess('audit'), id);
      await this.#append(trx, access, 'change-password', { before: user, after: user });
    });
  }

  async setOwnLanguage(id: UserId, language: 'id' | 'en'): Promise<void> {
    await this.#db.updateTable('users').set({ language }).where('id', '=', id).execute();
  }

  /** Changes of users stand in one line: the rule that an administrator remains could not hold otherwise. */
  #change<T>(work: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtext('arung users'))`.execute(trx);
      return work(trx);
    });
  }

  async #insert(
    trx: Transaction<Database>,
    access: Access,
    user: NewUser,
    passwordHash: string,
    mustChange: boolean,
  ): Promise<UserId> {
    const id = newId<UserId>();
    const inserted = await trx
      .insertInto('users')
      .values({
        id,
        name: user.name,
        display_name: user.displayName ?? '',
        password_hash: passwordHash,
        must_change_password: mustChange,
        language: user.language ?? null,
        created_at: new Date(this.#clock.now()),
        last_sign_in_at: null,
      })
      .onConflict((conflict) => conflict.constraint('users_name_key').doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n) {
      throw new ArungError('conflict', `There is a user ${user.name} already: take another name.`, {
        code: 'user.name-taken',
        arguments: { name: user.name },
      });
    }
    await this.#setGrants(trx, access, id, user.grants);
    const after = await this.#find(trx, systemAccess('audit'), id);
    await this.#append(trx, access, 'create', { before: null, after });
    return id;
  }

  async #setGrants(trx: Transaction<Database>, access: Access, id: UserId, grants: readonly Grant[]): Promise<void> {
    await trx.deleteFrom('user_grants').where('user_id', '=', id).execute();
    for (const { role, regionCode } of grants) {
      const regionId = await regionToGrant(trx, access, regionCode);
      await trx
        .insertInto('user_grants')
        .values({ user_id: id, role, region_id: regionId })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  }

  async #find(db: Kysely<Database>, access: Access, id: UserId): Promise<User> {
    const user = await this.#read(db, id);
    if (user === null || !isVisible(access, user)) throw unknownUser();
    return user;
  }

  async #read(db: Kysely<Database>, id: UserId): Promise<User | null> {
    const row = await selectUsers(db).where('users.id', '=', id).executeTakeFirst();
    if (row === undefined) return null;
    return toUser(row, (await grantsOf(db, [id])).get(id) ?? []);
  }

  async #append(
    trx: Transaction<Database>,
    access: Access,
    action: string,
    change: { readonly before: User | null; readonly after: User },
  ): Promise<void> {
    await this.#audit.append(trx, {
      access,
      action,
      entityKind: 'user',
      entityId: change.after.id,
      entityName: change.after.name,
      before: forAudit(change.before),
      after: forAudit(change.after),
      reason: null,
      regionCode: commonRegion([...(change.before?.grants ?? []), ...change.after.grants]),
    });
  }
}

function selectUsers(db: Kysely<Database>) {
  return db
    .selectFrom('users')
    .selectAll('users')
    .select(({ exists, selectFrom }) =>
      exists(
        selectFrom('user_second_factor')
          .select('user_id')
          .whereRef('user_id', '=', 'users.id')
          .where('confirmed_at', 'is not', null),
      )
        .$castTo<boolean>()
        .as('second_factor'),
    );
}

function toUser(
  row: {
    id: UserId;
    name: string;
    display_name: string;
    language: 'id' | 'en' | null;
    disabled: boolean;
    must_change_password: boolean;
    created_at: Date;
    last_sign_in_at: Date | null;
    second_factor: boolean;
  },
  grants: readonly NamedGrant[],
): User {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    language: row.language,
    disabled: row.disabled,
    mustChangePassword: row.must_change_password,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at,
    secondFactor: row.second_factor,
    grants,
  };
}

/** What is said of a user in the audit log: rights and state, not when they last came. */
function forAudit(user: User | null): unknown {
  if (user === null) return null;
  const { name, displayName, language, disabled, grants } = user;
  return {
    name,
    displayName,
    language,
    disabled,
    grants: grants.map(({ role, regionCode }) => ({ role, regionCode })),
  };
}

function isVisible(access: Access, user: User): boolean {
  const scope = scopeFor(access, 'user.manage');
  if (scope === 'everywhere') return true;
  return user.grants.some((grant) => grant.regionCode !== null && inScope(scope, grant.regionCode));
}

function onlyManaged(access: Access, user: User): User {
  return { ...user, grants: user.grants.filter((grant) => mayGrantIn(access, grant.regionCode)) };
}

/** Else who manages one district could take over a user with rights in another. */
function requireManaged(access: Access, user: User): void {
  if (scopeFor(access, 'user.manage') === 'everywhere') return;
  if (user.grants.every((grant) => mayGrantIn(access, grant.regionCode))) return;
  throw new ArungError('forbidden', 'This user has rights beyond your regions: ask who manages users there.', {
    code: 'user.outside',
  });
}

/** The region of the log entry: where all of the rights lie, or nowhere in particular. */
function commonRegion(grants: readonly Grant[]): string | null {
  const codes = new Set(grants.map((grant) => grant.regionCode));
  const [only] = codes;
  return codes.size === 1 ? (only ?? null) : null;
}

async function requireAdministrator(trx: Transaction<Database>): Promise<void> {
  const left = await trx
    .selectFrom('users')
    .innerJoin('user_grants', 'user_grants.user_id', 'users.id')
    .select('users.id')
    .where('users.disabled', '=', false)
    .where('user_grants.role', '=', 'administrator')
    .where('user_grants.region_id', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (left !== undefined) return;
  throw new ArungError(
    'conflict',
    'Nobody would be left who administers everything: make someone else administrator everywhere first.',
    { code: 'user.last-administrator' },
  );
}

function unknownUser(name?: string): ArungError {
  return new ArungError('not-found', name === undefined ? 'There is no such user.' : `There is no user ${name}.`, {
    code: 'user.unknown',
  });
}
