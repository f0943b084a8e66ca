import { alertingEn } from './alerting.en.ts';
import { changesEn } from './changes.en.ts';
import { channelsEn } from './channels.en.ts';
import { commonEn } from './common.en.ts';
import { dutyEn } from './duty.en.ts';
import { externalEn } from './external.en.ts';
import { complianceEn } from './compliance.en.ts';
import { historyEn } from './history.en.ts';
import { templatesEn } from './templates.en.ts';
import { hostKeysEn } from './host-keys.en.ts';
import { variablesEn } from './variables.en.ts';
import type { id } from './id.ts';
import { incidentsEn } from './incidents.en.ts';
import { inventoryEn } from './inventory.en.ts';
import { mapEn } from './map.en.ts';
import { pagesEn } from './pages.en.ts';
import { peopleEn } from './people.en.ts';
import { pollingEn } from './polling.en.ts';
import { provisioningEn } from './provisioning.en.ts';
import { programsEn } from './programs.en.ts';
import { problemsEn } from './problems.en.ts';
import { refusalsEn } from './refusals.en.ts';
import { reportsEn } from './reports.en.ts';
import { restoreEn } from './restore.en.ts';
import { ruleFormEn } from './rule-form.en.ts';
import { rulesEn } from './rules.en.ts';
import { securityEn } from './security.en.ts';
import { sendingEn } from './sending.en.ts';
import { servicesEn } from './services.en.ts';
import { settingsEn } from './settings.en.ts';
import { shellEn } from './shell.en.ts';
import type { Mismatches, Translation } from './translation.ts';

/** Every text of the console in English. */
export const en = {
  ...commonEn,
  ...alertingEn,
  ...changesEn,
  ...channelsEn,
  ...shellEn,
  ...pagesEn,
  ...inventoryEn,
  ...settingsEn,
  ...securityEn,
  ...mapEn,
  ...peopleEn,
  ...pollingEn,
  ...provisioningEn,
  ...problemsEn,
  ...programsEn,
  ...refusalsEn,
  ...reportsEn,
  ...ruleFormEn,
  ...rulesEn,
  ...sendingEn,
  ...servicesEn,
  ...dutyEn,
  ...externalEn,
  ...historyEn,
  ...restoreEn,
  ...templatesEn,
  ...hostKeysEn,
  ...variablesEn,
  ...complianceEn,
  ...incidentsEn,
} as const satisfies Translation<typeof id>;

/** Fails to compile and names the keys whose placeholders differ between the languages. */
type Complete<Wrong extends never> = Wrong;
export type EnglishIsComplete = Complete<Mismatches<typeof id, typeof en>>;
