import type { IncomingHttpHeaders } from 'node:http';
import type { Access } from '../domain/access.ts';
import type { ApiTokens } from './api-tokens.ts';
import { carriedBy } from './bearer.ts';
import type { Revocation, Revocations } from './revocations.ts';
import type { Sessions } from './sessions.ts';

/** Who a request comes from, and by what. */
export interface Identity {
  readonly access: Access;
  readonly via: 'session' | 'token';
  /** Of a session. */
  readonly sessionId: string | null;
  /** Of a person with a one-time password. */
  readonly mustChangePassword: boolean;
  /** Of a person who must have a second factor and has none. */
  readonly mustSetSecondFactor: boolean;
}

/** Recognises who calls by the headers alone: for HTTP requests and for the handshake of live sockets alike. */
export class Authenticator {
  readonly #sessions: Sessions;
  readonly #tokens: ApiTokens;
  readonly #revocations: Revocations;

  constructor(options: { readonly sessions: Sessions; readonly tokens: ApiTokens; readonly revocations: Revocations }) {
    this.#sessions = options.sessions;
    this.#tokens = options.tokens;
    this.#revocations = options.revocations;
  }

  /** Null when nothing valid is carried. Nothing is cached: a right that is withdrawn is gone at the next request. */
  async identify(headers: IncomingHttpHeaders): Promise<Identity | null> {
    const carried = carriedBy(headers);
    if (carried === null || carried.kind === 'malformed') return null;
    if (carried.kind === 'token') {
      const access = await this.#tokens.identify(carried.secret);
      if (access === null) return null;
      return { access, via: 'token', sessionId: null, mustChangePassword: false, mustSetSecondFactor: false };
    }
    const session = await this.#sessions.identify(carried.secret);
    return session === null ? null : { ...session, via: 'session' };
  }

  /** For what is open to nobody whose password is a one-time password still. */
  async authenticate(headers: IncomingHttpHeaders): Promise<Access | null> {
    const identity = await this.identify(headers);
    return identity === null || identity.mustChangePassword || identity.mustSetSecondFactor ? null : identity.access;
  }

  /**
   * Calls back when rights were withdrawn or changed, or a session ended: authenticate the sockets that it may concern
   * again, and disconnect those that are no longer what they were. Returns the way to stop.
   */
  onAccessRevoked(listener: (revocation: Revocation) => void): () => void {
    return this.#revocations.onRevoked(listener);
  }
}
