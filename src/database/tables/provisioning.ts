import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { DeviceId, RegionId, RolloutId, SiteId } from '../../domain/ids.ts';
import type { IntentDocument, IntentFragment } from '../../domain/intent.ts';
import type {
  BlastRadius,
  ChangePhase,
  DeviceRunState,
  HealthBefore,
  RolloutState,
  Said,
} from '../../domain/rollout.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import type { PlaceScope } from '../../domain/place.ts';
import type { ComplianceKind, ComplianceSettings, ComplianceState } from '../../domain/compliance.ts';
import type { DifferenceSummary } from '../../domain/text-difference.ts';
import type {
  ProgramCounts,
  ProgramEntry,
  ProgramOperation,
  ProgramRollout,
  ProgramRunState,
} from '../../domain/program-run.ts';

/** What devices should be, and the rollouts that bring them there. */
export interface ProvisioningTables {
  intent_keys: { id: string; sealed: Buffer };
  intent_versions: IntentVersionTable;
  device_intents: DeviceIntentTable;
  intent_parts: IntentPartTable;
  rollouts: RolloutTable;
  rollout_devices: RolloutDeviceTable;
  device_backups: DeviceBackupTable;
  /** Sealed by the vault with the device's id. */
  device_sign_ins: { device_id: DeviceId; sealed: Buffer };
  device_host_keys: HostKeyTable;
  variables: VariableTable;
  templates: TemplateTable;
  template_places: { template_id: string; scope: PlaceScope } & PlacedColumns;
  device_templates: { device_id: DeviceId; own_keys: Json<readonly string[]>; used: Json<UsedTemplates> };
  intent_variables: { device_id: DeviceId; version: string; name: string; content: string };
  compliance_rules: {
    id: string;
    kind: ComplianceKind;
    name: string;
    enabled: boolean;
    settings: Json<ComplianceSettings>;
  };
  compliance_results: ComplianceResultTable;
  compliance_checks: { device_id: DeviceId; basis: string; checked_at: Date; reason: MaybeJson<Said> };
  compliance_exceptions: ComplianceExceptionTable;
  program_runs: ProgramRunTable;
  program_run_entries: { run_id: string; place: number; revision: string; entry: Json<ProgramEntry> };
  program_passphrases: { id: string; stack: string; sealed: Buffer; changed_at: Date; changed_by: string };
  device_backup_looks: { device_id: DeviceId; looked_at: Date; error: MaybeJson<Said> };
}

/** Written as JSON text, read as what it means. */
type Json<T> = ColumnType<T, string, string>;
type JsonWithDefault<T> = ColumnType<T, string | undefined, string>;
type MaybeJson<T> = ColumnType<T | null, string | null | undefined, string | null>;
type MaybeDate = ColumnType<Date | null, Date | null | undefined, Date | null>;

type MaybeText = ColumnType<string | null, string | null | undefined, string | null>;

interface IntentVersionTable {
  id: string;
  device_id: DeviceId;
  /** Names the content; see `intentVersion`. */
  version: string;
  driver: string;
  masked: Json<IntentDocument>;
  /** Sealed by the vault with the row's id. */
  sealed: Buffer;
  created_at: Date;
  created_by: string;
  managed_by: string;
}

interface IntentPartTable {
  id: string;
  device_id: DeviceId;
  managed_by: string;
  /** Sealed by the vault with the row's id. */
  sealed: Buffer;
}

interface DeviceIntentTable {
  device_id: DeviceId;
  /** What code or a person wants; null once the device was released. */
  staged: string | null;
  staged_at: MaybeDate;
  confirmed: ColumnType<string | null, string | null | undefined, string | null>;
  confirmed_at: MaybeDate;
  drift: JsonWithDefault<readonly ConfigurationStep[]>;
  looked_at: MaybeDate;
  look_error: MaybeJson<Said>;
}

interface RolloutTable {
  id: RolloutId;
  number: Generated<string>;
  versions_key: string;
  state: RolloutState;
  reason: MaybeJson<Said>;
  batch: number;
  pause_s: number;
  rollback_s: number;
  only_in_maintenance: boolean;
  forced_reason: string | null;
  requested_by: string;
  created_at: Date;
  started_at: MaybeDate;
  ended_at: MaybeDate;
  before: MaybeJson<HealthBefore>;
  waves: MaybeJson<readonly BlastRadius[]>;
  /** Empty where it goes in one. */
  phases: JsonWithDefault<readonly ChangePhase[]>;
  /** Which of `phases` goes on, from 0. */
  phase: Generated<number>;
  revision: Generated<string>;
}

interface RolloutDeviceTable {
  rollout_id: RolloutId;
  device_id: DeviceId;
  version: string;
  /** From 1; 0 until it is known whether the device differs at all, and before its first phase. */
  wave: Generated<number>;
  /** By phase; null where it stays as it is. */
  phase_versions: JsonWithDefault<readonly (string | null)[]>;
  /** Where it is managed afterwards; null where it stays, and until that is known. */
  management_address: ColumnType<string | null, string | null | undefined, string | null>;
  maintenance_id: ColumnType<string | null, string | null | undefined, string | null>;
  state: DeviceRunState;
  steps: JsonWithDefault<readonly ConfigurationStep[]>;
  armed_until: MaybeDate;
  error: MaybeJson<Said>;
  started_at: MaybeDate;
  ended_at: MaybeDate;
}

interface DeviceBackupTable {
  id: string;
  device_id: DeviceId;
  /** Names the content; see `IntentStore.nameOf`. */
  version: string;
  masked: string;
  /** Sealed by the vault with the row's id. */
  sealed: Buffer;
  first_at: Date;
  last_at: Date;
  lines: number;
  /** Of the masked text. */
  bytes: number;
  /** Since the one before it; null: it was the first that was kept. */
  changes: MaybeJson<DifferenceSummary>;
  /** Kind of the driver that fetched it. */
  driver: string;
}

/** Where a row stands: all null for the network, else one is not. */
interface PlacedColumns {
  /** A tag, or `role:…`. */
  group_name: string | null;
  region_id: RegionId | null;
  site_id: SiteId | null;
  device_id: DeviceId | null;
}

/** Template and what names what it says of the device, the nearest first. */
type UsedTemplates = readonly (readonly [template: string, content: string])[];

interface TemplateTable {
  id: string;
  name: string;
  note: string;
  driver: string;
  masked: Json<readonly (IntentFragment & { readonly order: number })[]>;
  contents: Json<readonly (readonly [key: string, content: string])[]>;
  /** Sealed by the vault with the row's id. */
  sealed: Buffer;
  changed_at: Date;
  changed_by: string;
}

interface VariableTable extends PlacedColumns {
  id: string;
  name: string;
  scope: PlaceScope;
  /** Null for a secret. */
  value: string | null;
  /** Sealed by the vault with the row's id. */
  sealed: Buffer | null;
  changed_at: Date;
  changed_by: string;
}

interface HostKeyTable {
  device_id: DeviceId;
  fingerprint: string;
  pinned: boolean;
  since: Date;
  /** Another one that it has shown last. */
  offered: ColumnType<string | null, string | null | undefined, string | null>;
  offered_at: MaybeDate;
}

interface ComplianceResultTable {
  device_id: DeviceId;
  rule_id: string;
  state: ComplianceState;
  found: Json<readonly string[]>;
  since: Date;
}

interface ComplianceExceptionTable {
  id: string;
  device_id: DeviceId;
  rule_id: string;
  reason: string;
  until: Date;
  created_at: Date;
  created_by: string;
}

interface ProgramRunTable {
  id: string;
  number: GeneratedAlways<string>;
  stack: string;
  operation: ProgramOperation;
  state: ProgramRunState;
  program_hash: MaybeText;
  problem: MaybeJson<Said>;
  counts: MaybeJson<ProgramCounts>;
  waves: JsonWithDefault<readonly ProgramRollout[]>;
  rollouts: ColumnType<readonly number[], number[] | undefined, number[]>;
  left_out: Generated<number>;
  cli_version: Generated<string>;
  requested_by: string;
  token_id: MaybeText;
  /** Leads the group of its processes. */
  pid: ColumnType<number | null, number | null | undefined, number | null>;
  holds_lock: Generated<boolean>;
  created_at: Date;
  ended_at: MaybeDate;
  revision: Generated<string>;
}
