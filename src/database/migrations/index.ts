import type { Migration } from 'kysely/migration';
import * as inventory from './001-inventory.ts';
import * as access from './002-access.ts';
import * as status from './003-status.ts';
import * as lifetimes from './004-lifetimes.ts';
import * as services from './005-services.ts';
import * as secondFactor from './006-second-factor.ts';
import * as agentCredentials from './007-agent-credentials.ts';
import * as externalSources from './008-external-sources.ts';
import * as alerting from './009-alerting.ts';
import * as foreignAlerts from './010-foreign-alerts.ts';
import * as channelProblems from './011-channel-problems.ts';
import * as provisioning from './012-provisioning.ts';
import * as deviceBackups from './013-device-backups.ts';
import * as rolloutPhases from './015-rollout-phases.ts';
import * as intentParts from './020-intent-parts.ts';
import * as backupChanges from './030-backup-changes.ts';
import * as variables from './031-variables.ts';
import * as compliance from './032-compliance.ts';
import * as hostKeys from './040-host-keys.ts';
import * as deviceSignIns from './070-device-sign-ins.ts';
import * as programRuns from './080-program-runs.ts';
import * as templates from './090-templates.ts';
import * as managementMoves from './091-management-moves.ts';
import * as offeredHostKeys from './092-offered-host-keys.ts';
import * as complianceReasons from './093-compliance-reasons.ts';
import * as deviceAddressKey from './094-device-address-key.ts';
import * as backupsThatReturn from './095-backups-that-return.ts';
import * as rolloutIndexes from './096-rollout-indexes.ts';
import * as peopleManagedBy from './097-people-managed-by.ts';

/**
 * Every change of the schema, in the order in which it runs; forward only. One line each: a released one is never
 * edited, only followed by another.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-inventory': inventory,
  '002-access': access,
  '003-status': status,
  '004-lifetimes': lifetimes,
  '005-services': services,
  '006-second-factor': secondFactor,
  '007-agent-credentials': agentCredentials,
  '008-external-sources': externalSources,
  '009-alerting': alerting,
  '010-foreign-alerts': foreignAlerts,
  '011-channel-problems': channelProblems,
  '012-provisioning': provisioning,
  '013-device-backups': deviceBackups,
  '015-rollout-phases': rolloutPhases,
  '020-intent-parts': intentParts,
  '030-backup-changes': backupChanges,
  '031-variables': variables,
  '032-compliance': compliance,
  '040-host-keys': hostKeys,
  '070-device-sign-ins': deviceSignIns,
  '080-program-runs': programRuns,
  '090-templates': templates,
  '091-management-moves': managementMoves,
  '092-offered-host-keys': offeredHostKeys,
  '093-compliance-reasons': complianceReasons,
  '094-device-address-key': deviceAddressKey,
  '095-backups-that-return': backupsThatReturn,
  '096-rollout-indexes': rolloutIndexes,
  '097-people-managed-by': peopleManagedBy,
};
