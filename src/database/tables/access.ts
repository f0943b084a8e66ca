import type { ColumnType, Generated } from 'kysely';
import type { Role } from '../../domain/access.ts';
import type { RegionId, UserId } from '../../domain/ids.ts';

/** Users, sessions, tokens, grants, the audit log and the id of the vault's key. */
export interface AccessTables {
  users: UserTable;
  user_grants: UserGrantTable;
  sessions: SessionTable;
  api_tokens: ApiTokenTable;
  audit_log: AuditLogTable;
  audit_head: AuditHeadTable;
  vault_key: VaultKeyTable;
  user_second_factor: SecondFactorTable;
  user_recovery_codes: RecoveryCodeTable;
}

export interface SecondFactorTable {
  user_id: UserId;
  /** Sealed by the vault; its context is the user's id. */
  secret: Buffer;
  made_at: Date;
  /** Null until the first right code was given: before that it asks nobody for anything. */
  confirmed_at: Date | null;
  /** The latest step of 30 s whose code was used: none is taken twice. */
  last_step: Generated<number>;
}

export interface RecoveryCodeTable {
  user_id: UserId;
  code_hash: Buffer;
  used_at: Date | null;
}

export interface UserTable {
  id: UserId;
  name: string;
  display_name: Generated<string>;
  password_hash: string;
  must_change_password: Generated<boolean>;
  language: 'id' | 'en' | null;
  disabled: Generated<boolean>;
  created_at: Date;
  last_sign_in_at: Date | null;
  version: Generated<number>;
}

export interface UserGrantTable {
  user_id: UserId;
  role: Role;
  region_id: RegionId | null;
}

export interface SessionTable {
  id: string;
  token_hash: Buffer;
  user_id: UserId;
  created_at: Date;
  last_seen_at: Date;
  expires_at: Date;
  address: string;
  user_agent: string;
}

export interface ApiTokenTable {
  id: string;
  name: string;
  token_hash: Buffer;
  role: Role;
  region_id: RegionId | null;
  created_by: string;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
}

/** Written as JSON text, read as what it means. */
type Json = ColumnType<unknown, string | null, string | null>;

export interface AuditLogTable {
  seq: number;
  at: Date;
  actor_kind: 'user' | 'token' | 'system';
  actor_id: string | null;
  actor_name: string;
  action: string;
  entity_kind: string;
  entity_id: string | null;
  entity_name: string;
  before: Json;
  after: Json;
  reason: string | null;
  region_code: string | null;
  previous_hash: Buffer;
  hash: Buffer;
}

export interface AuditHeadTable {
  singleton: Generated<boolean>;
  seq: number;
  hash: Buffer;
}

export interface VaultKeyTable {
  singleton: Generated<boolean>;
  key_id: string;
  made_at: Date;
}
