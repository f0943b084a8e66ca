import { alertingId } from './alerting.id.ts';
import { changesId } from './changes.id.ts';
import { channelsId } from './channels.id.ts';
import { commonId } from './common.id.ts';
import { dutyId } from './duty.id.ts';
import { externalId } from './external.id.ts';
import { complianceId } from './compliance.id.ts';
import { historyId } from './history.id.ts';
import { templatesId } from './templates.id.ts';
import { hostKeysId } from './host-keys.id.ts';
import { variablesId } from './variables.id.ts';
import { incidentsId } from './incidents.id.ts';
import { inventoryId } from './inventory.id.ts';
import { mapId } from './map.id.ts';
import { pagesId } from './pages.id.ts';
import { peopleId } from './people.id.ts';
import { pollingId } from './polling.id.ts';
import { provisioningId } from './provisioning.id.ts';
import { programsId } from './programs.id.ts';
import { problemsId } from './problems.id.ts';
import { refusalsId } from './refusals.id.ts';
import { reportsId } from './reports.id.ts';
import { restoreId } from './restore.id.ts';
import { ruleFormId } from './rule-form.id.ts';
import { rulesId } from './rules.id.ts';
import { securityId } from './security.id.ts';
import { sendingId } from './sending.id.ts';
import { servicesId } from './services.id.ts';
import { settingsId } from './settings.id.ts';
import { shellId } from './shell.id.ts';

/** Every text of the console in Indonesian, the language that the others are held against. */
export const id = {
  ...commonId,
  ...alertingId,
  ...changesId,
  ...channelsId,
  ...shellId,
  ...pagesId,
  ...inventoryId,
  ...settingsId,
  ...securityId,
  ...mapId,
  ...peopleId,
  ...pollingId,
  ...provisioningId,
  ...problemsId,
  ...programsId,
  ...refusalsId,
  ...reportsId,
  ...ruleFormId,
  ...rulesId,
  ...sendingId,
  ...servicesId,
  ...dutyId,
  ...externalId,
  ...historyId,
  ...restoreId,
  ...templatesId,
  ...hostKeysId,
  ...variablesId,
  ...complianceId,
  ...incidentsId,
} as const;
