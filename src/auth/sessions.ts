import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import type { Access, Grant } from '../domain/access.ts';
import { systemClock, type Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { newId, type UserId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { AuditSink } from './audit-sink.ts';
import { hashOfSecret, newSessionSecret } from './bearer.ts';
import { passwordFits } from './passwords.ts';
import { notifyRevoked } from './revocations.ts';
import { SignInPauses } from './sign-in-pauses.ts';

/** A session ends when it was not used for this long… */
export const idleMs = 12 * 3_600_000;
/** …and in any case after this. */
export const absoluteMs = 7 * 24 * 3_600_000;
const touchEveryMs = 60_000;
const sweepEveryMs = 60_000;

export interface SignInRequest {
  readonly name: string;
  readonly password: string;
  readonly address: string;
  readonly userAgent: string;
  /** Of the second factor, where the person has one. */
  readonly code?: string | null | undefined;
}

/** Who must have a second factor: nobody, administrators of any region, or everyone. */
export type SecondFactorRule = 'nobody' | 'administrators' | 'everyone';

/** What sign-in asks of the second factor. */
interface SecondFactorCheck {
  check(userId: UserId, code: string | null): Promise<'off' | 'missing' | 'right' | 'wrong'>;
}

export interface StartedSession {
  /** For the cookie, and nowhere else: the database keeps its hash. */
  readonly secret: string;
  readonly expiresAt: Date;
}

export interface SessionIdentity {
  readonly sessionId: string;
  readonly access: Access;
  /** Signed in with a one-time password: nothing else is open before it is changed. */
  readonly mustChangePassword: boolean;
  /** The rule asks this person for a second factor, and there is none yet: nothing else is open before. */
  readonly mustSetSecondFactor: boolean;
}

export interface SessionsOptions {
  readonly db: Kysely<Database>;
  readonly audit: AuditSink;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly secondFactor?: SecondFactorCheck;
  /** Default: nobody. */
  readonly secondFactorRule?: SecondFactorRule;
}

/** Sign-in with a password, and the sessions that come of it: one per browser, shared by its tabs. */
export class Sessions implements LongLived {
  readonly name = 'sessions';
  readonly #db: Kysely<Database>;
  readonly #audit: AuditSink;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #pauses: SignInPauses;
  readonly #secondFactor: SecondFactorCheck | null;
  readonly #rule: SecondFactorRule;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: SessionsOptions) {
    this.#db = options.db;
    this.#audit = options.audit;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#pauses = new SignInPauses(this.#clock);
    this.#secondFactor = options.secondFactor ?? null;
    this.#rule = options.secondFactorRule ?? 'nobody';
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => {
      this.endExpired().catch((error: unknown) => this.#logger.warn(error, 'expired sessions could not be ended'));
    }, sweepEveryMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async signIn(request: SignInRequest): Promise<StartedSession> {
    const name = request.name.trim().toLowerCase();
    const { address } = request;
    const pausedMs = this.#pauses.pauseMs(name, address);
    if (pausedMs > 0) throw paused(pausedMs);
    const attemptsLeft = this.#pauses.began(name, address);
    const user = await this.#db
      .selectFrom('users')
      .select(['id', 'name', 'password_hash', 'disabled'])
      .where('name', '=', name.replaceAll('\0', ''))
      .executeTakeFirst();
    const fits = await passwordFits(request.password, user?.password_hash ?? null);
    if (user === undefined || !fits || user.disabled) {
      this.#logger.warn({ address, disabled: user?.disabled === true && fits }, 'a sign-in was refused');
      if (attemptsLeft === 0) throw paused(this.#pauses.pauseMs(name, address));
      throw new ArungError('unauthenticated', 'The name or the password is wrong: try again.', {
        code: 'sign-in.wrong-password',
        arguments: { attemptsLeft },
      });
    }
    const second = (await this.#secondFactor?.check(user.id, request.code ?? null)) ?? 'off';
    // A try that lacks its code stays counted until the right one comes: a known password gives no free guesses of codes.
    if (second === 'missing') throw codeNeeded();
    if (second === 'wrong') {
      this.#logger.warn({ address }, 'a sign-in with a wrong code was refused');
      if (attemptsLeft === 0) throw paused(this.#pauses.pauseMs(name, address));
      throw wrongCode(attemptsLeft);
    }
    this.#pauses.succeeded(name, address);
    return this.#begin(user.id, user.name, request);
  }

  /** Who a session is, as its rights are now; null when there is none, or it ended. */
  async identify(secret: string): Promise<SessionIdentity | null> {
    const now = this.#clock.now();
    const rows = await this.#db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .leftJoin('user_grants', 'user_grants.user_id', 'users.id')
      .leftJoin('regions', 'regions.id', 'user_grants.region_id')
      .select(['sessions.id', 'sessions.last_seen_at', 'users.id as userId', 'users.name'])
      .select('users.must_change_password as mustChangePassword')
      .leftJoin('user_second_factor', 'user_second_factor.user_id', 'users.id')
      .select('user_second_factor.confirmed_at as secondFactorSince')
      .select(['user_grants.role', 'user_grants.region_id as regionId', 'regions.code as regionCode'])
      .where('token_hash', '=', hashOfSecret(secret))
      .where('users.disabled', '=', false)
      .where('expires_at', '>', new Date(now))
      .where('last_seen_at', '>', new Date(now - idleMs))
      .orderBy('regions.code')
      .execute();
    const [session] = rows;
    if (session === undefined) return null;
    if (now - session.last_seen_at.getTime() > touchEveryMs) {
      await this.#db
        .updateTable('sessions')
        .set({ last_seen_at: new Date(now) })
        .where('id', '=', session.id)
        .execute();
    }
    const grants = rows.flatMap(({ role, regionId, regionCode }) => {
      // A region that is gone takes its grants with it; never read a missing code as `everywhere`.
      if (role === null || (regionId !== null && regionCode === null)) return [];
      return [{ role, regionCode }];
    });
    const access: Access = { kind: 'user', id: session.userId, name: session.name, grants };
    const { mustChangePassword } = session;
    const mustSetSecondFactor = session.secondFactorSince === null && this.#asksForSecondFactor(grants);
    return { sessionId: session.id, access, mustChangePassword, mustSetSecondFactor };
  }

  #asksForSecondFactor(grants: readonly Grant[]): boolean {
    if (this.#rule === 'everyone') return true;
    return this.#rule === 'administrators' && grants.some((grant) => grant.role === 'administrator');
  }

  async end(sessionId: string): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      await trx.deleteFrom('sessions').where('id', '=', sessionId).execute();
      await notifyRevoked(trx, { kind: 'session', id: sessionId });
    });
  }

  async endExpired(): Promise<void> {
    const now = this.#clock.now();
    const ended = await this.#db
      .deleteFrom('sessions')
      .where((where) =>
        where.or([where('expires_at', '<=', new Date(now)), where('last_seen_at', '<=', new Date(now - idleMs))]),
      )
      .returning('id')
      .execute();
    for (const { id } of ended) await notifyRevoked(this.#db, { kind: 'session', id });
  }

  async #begin(userId: UserId, userName: string, request: SignInRequest): Promise<StartedSession> {
    const now = this.#clock.now();
    const secret = newSessionSecret();
    const expiresAt = new Date(now + absoluteMs);
    const { address } = request;
    const userAgent = request.userAgent.replaceAll('\0', '').toWellFormed().slice(0, 200);
    await this.#db.transaction().execute(async (trx) => {
      await trx
        .insertInto('sessions')
        .values({
          id: newId<UserId>(),
          token_hash: hashOfSecret(secret),
          user_id: userId,
          created_at: new Date(now),
          last_seen_at: new Date(now),
          expires_at: expiresAt,
          address,
          user_agent: userAgent,
        })
        .execute();
      await trx
        .updateTable('users')
        .set({ last_sign_in_at: new Date(now) })
        .where('id', '=', userId)
        .execute();
      await this.#audit.append(trx, {
        access: { kind: 'user', id: userId, name: userName, grants: [] },
        action: 'sign-in',
        entityKind: 'user',
        entityId: userId,
        entityName: userName,
        before: null,
        after: { address, userAgent },
        reason: null,
        regionCode: null,
      });
    });
    return { secret, expiresAt };
  }
}

function codeNeeded(): ArungError {
  return new ArungError('unauthenticated', 'This account has a second factor: send the code that the app shows, too.', {
    code: 'sign-in.code-needed',
  });
}

function wrongCode(attemptsLeft: number): ArungError {
  return new ArungError('unauthenticated', 'The code is wrong, too old, or was used already: wait for the next one.', {
    code: 'sign-in.wrong-code',
    arguments: { attemptsLeft },
  });
}

function paused(ms: number): ArungError {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return new ArungError(
    'too-many-requests',
    `The name or the password was wrong too often: wait ${seconds} s, then try again.`,
    { code: 'sign-in.paused', arguments: { seconds }, retryAfterS: seconds },
  );
}
