import { sql, type Kysely, type Transaction } from 'kysely';
import { Secret, TOTP } from 'otpauth';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { systemClock, type Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { AuditSink } from './audit-sink.ts';
import { hashOfSecret } from './bearer.ts';
import { oneTimePassword } from './passwords.ts';
import { notifyRevoked } from './revocations.ts';

/** RFC 6238 as every authenticator app does it: SHA-1, six digits, 30 s; one step before and after is taken, too. */
const form = { issuer: 'Arung', algorithm: 'SHA1', digits: 6, period: 30 } as const;
const recoveryCodeCount = 10;

/** The column that the vault seals, for its rotation. */
export const secondFactorColumns = [{ table: 'user_second_factor', id: 'user_id', sealed: 'secret' }] as const;

interface Seal {
  seal(plain: string, context: string): Buffer;
  open(sealed: Buffer, context: string): string;
}

export interface SecondFactorState {
  readonly on: boolean;
  readonly since: Date | null;
  readonly recoveryCodesLeft: number;
}

/** One-time codes by an app (TOTP) as the second factor of a sign-in, with recovery codes for a phone that is lost. */
export class SecondFactor {
  readonly #db: Kysely<Database>;
  readonly #audit: AuditSink;
  readonly #vault: Seal;
  readonly #clock: Clock;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly audit: AuditSink;
    readonly vault: Seal;
    readonly clock?: Clock;
  }) {
    this.#db = options.db;
    this.#audit = options.audit;
    this.#vault = options.vault;
    this.#clock = options.clock ?? systemClock;
  }

  async state(userId: UserId): Promise<SecondFactorState> {
    const row = await this.#db
      .selectFrom('user_second_factor')
      .select('confirmed_at')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    const { left } = await this.#db
      .selectFrom('user_recovery_codes')
      .select(({ fn }) => fn.countAll<number>().as('left'))
      .where('user_id', '=', userId)
      .where('used_at', 'is', null)
      .executeTakeFirstOrThrow();
    const since = row?.confirmed_at ?? null;
    return { on: since !== null, since, recoveryCodesLeft: since === null ? 0 : left };
  }

  /** A new secret, which asks for nothing until `confirm`. Refuses while one is in use: that must go first. */
  async begin(access: Access, userId: UserId): Promise<{ readonly secret: string; readonly uri: string }> {
    const secret = new Secret({ size: 20 });
    const row = {
      secret: this.#vault.seal(secret.base32, userId),
      made_at: new Date(this.#clock.now()),
      last_step: 0,
    };
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('user_second_factor')
      .values({ user_id: userId, confirmed_at: null, ...row })
      .onConflict((conflict) =>
        conflict.column('user_id').doUpdateSet(row).where('user_second_factor.confirmed_at', 'is', null),
      )
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 0n) {
      throw new ArungError('conflict', 'A second factor is in use already: remove it first, with a code of it.', {
        code: 'second-factor.on',
      });
    }
    return { secret: secret.base32, uri: new TOTP({ ...form, label: access.name, secret }).toString() };
  }

  /** The first right code turns it on. Returns the recovery codes, which are told this once. */
  async confirm(access: Access, userId: UserId, code: string): Promise<readonly string[]> {
    const codes = Array.from({ length: recoveryCodeCount }, oneTimePassword);
    await this.#db.transaction().execute(async (trx) => {
      const row = await this.#locked(trx, userId);
      if (row === null || row.confirmed_at !== null) {
        throw new ArungError('conflict', 'There is no second factor to confirm: begin with a new one.', {
          code: 'second-factor.not-begun',
        });
      }
      const step = this.#stepOf(row, userId, code);
      if (step === null) throw wrongCode();
      await trx
        .updateTable('user_second_factor')
        .set({ confirmed_at: new Date(this.#clock.now()), last_step: step })
        .where('user_id', '=', userId)
        .execute();
      await trx.deleteFrom('user_recovery_codes').where('user_id', '=', userId).execute();
      await trx
        .insertInto('user_recovery_codes')
        .values(codes.map((one) => ({ user_id: userId, code_hash: hashOfSecret(one), used_at: null })))
        .execute();
      await this.#append(trx, access, 'second-factor-on', userId);
    });
    return codes;
  }

  /** Whether a code (of the app, or a recovery code) is right; each is taken once. `off` when none is asked for. */
  async check(userId: UserId, code: string | null): Promise<'off' | 'missing' | 'right' | 'wrong'> {
    return this.#db.transaction().execute(async (trx) => {
      const row = await this.#locked(trx, userId);
      if (row === null || row.confirmed_at === null) return 'off';
      if (code === null || code.trim() === '') return 'missing';
      const step = this.#stepOf(row, userId, code);
      if (step !== null) {
        await trx.updateTable('user_second_factor').set({ last_step: step }).where('user_id', '=', userId).execute();
        return 'right';
      }
      const used = await trx
        .updateTable('user_recovery_codes')
        .set({ used_at: new Date(this.#clock.now()) })
        .where('user_id', '=', userId)
        .where('code_hash', '=', hashOfSecret(code.trim().toLowerCase()))
        .where('used_at', 'is', null)
        .executeTakeFirst();
      return used.numUpdatedRows > 0n ? 'right' : 'wrong';
    });
  }

  /** By the person, who proves to have it. */
  async removeOwn(access: Access, userId: UserId, code: string): Promise<void> {
    const found = await this.check(userId, code);
    if (found === 'off') return;
    if (found !== 'right') throw wrongCode();
    await this.remove(access, userId);
  }

  /** By who manages users, for a phone that is lost; the caller has checked that they may. */
  async remove(access: Access, userId: UserId): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      const removed = await trx.deleteFrom('user_second_factor').where('user_id', '=', userId).executeTakeFirst();
      await trx.deleteFrom('user_recovery_codes').where('user_id', '=', userId).execute();
      if (removed.numDeletedRows === 0n) return;
      await notifyRevoked(trx, { kind: 'user', id: userId });
      await this.#append(trx, access, 'second-factor-off', userId);
    });
  }

  /** Holds the row, so that of two sign-ins with one code only the first gets in. */
  async #locked(trx: Transaction<Database>, userId: UserId) {
    const row = await trx
      .selectFrom('user_second_factor')
      .select(['secret', 'confirmed_at', 'last_step'])
      .where('user_id', '=', userId)
      .forUpdate()
      .executeTakeFirst();
    return row ?? null;
  }

  /** The step of 30 s that a code belongs to, if it is right and later than the last one that was used. */
  #stepOf(row: { readonly secret: Buffer; readonly last_step: number }, userId: UserId, code: string): number | null {
    const digits = code.replaceAll(/\s/g, '');
    if (!/^\d{6}$/.test(digits)) return null;
    const now = this.#clock.now();
    const totp = new TOTP({ ...form, secret: Secret.fromBase32(this.#vault.open(row.secret, userId)) });
    const delta = totp.validate({ token: digits, timestamp: now, window: 1 });
    if (delta === null) return null;
    const step = Math.floor(now / 1000 / form.period) + delta;
    return step > row.last_step ? step : null;
  }

  async #append(trx: Transaction<Database>, access: Access, action: string, userId: UserId): Promise<void> {
    const { rows } = await sql<{ name: string }>`select name from users where id = ${userId}`.execute(trx);
    await this.#audit.append(trx, {
      access,
      action,
      entityKind: 'user',
      entityId: userId,
      entityName: rows[0]?.name ?? '',
      before: null,
      after: null,
      reason: null,
      regionCode: null,
    });
  }
}

function wrongCode(): ArungError {
  const message = 'The code is wrong, too old, or was used already: type the one that the app shows now.';
  return new ArungError('invalid', message, {
    code: 'second-factor.wrong',
    details: [{ message, code: 'second-factor.wrong', field: 'code' }],
  });
}
