import type { Role } from '../../../../../src/domain/access.ts';

export const roles: readonly Role[] = ['viewer', 'technician', 'operator', 'administrator', 'publisher'];

export interface GrantView {
  readonly role: Role;
  readonly regionCode: string | null;
  readonly regionName: string | null;
}

/** `GET /api/v1/users`. */
export interface UserView {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly disabled: boolean;
  readonly mustChangePassword: boolean;
  readonly createdAt: string;
  readonly lastSignInAt: string | null;
  readonly secondFactor: boolean;
  readonly grants: readonly GrantView[];
}

/** `GET /api/v1/session/sessions`, `GET /api/v1/users/:id/sessions`. */
export interface SessionItem {
  readonly id: string;
  readonly address: string;
  readonly userAgent: string;
  readonly lastSeenAt: string;
  /** The one that asks. */
  readonly current: boolean;
}

/** `GET /api/v1/tokens`. */
export interface TokenView extends GrantView {
  readonly id: string;
  readonly name: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

/** `GET /api/v1/audit`. */
export interface AuditView {
  readonly seq: number;
  readonly at: string;
  readonly actorKind: 'user' | 'token' | 'system';
  readonly actorName: string;
  readonly action: string;
  readonly entityKind: string;
  readonly entityId: string | null;
  readonly entityName: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
}
