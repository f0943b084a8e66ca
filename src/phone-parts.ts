import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { SiteWork } from './alerting/desk/site-work.ts';
import type { Ground, LiveStates } from './alerting/phone/mini-map.ts';
import { deskActions, type IncidentDesk } from './alerting/phone/desk-actions.ts';
import { PhoneDesk, type Language } from './alerting/phone/phone-desk.ts';
import { SignedLinks, type KeySource } from './alerting/signed-links.ts';
import { evidenceSentences } from './alerting/words/evidence.ts';
import { causeSentence } from './alerting/words/words.ts';
import { phonePageRoutes } from './api/phone-page.ts';
import { phoneRoutes } from './api/phone.ts';
import type { RouteGroup } from './api/routes.ts';
import type { Database } from './database/tables.ts';
import type { Clock } from './domain/clock.ts';
import type { TopologySource } from './domain/topology.ts';
import type { Territory } from './territory/territory.ts';

/** Of the territory service: which version is served, and its JSON. */
interface Geography {
  version(): string | null;
  json(): Buffer | null;
}

/** The page that opens from a message: its links, and its routes below `/api/v1` and at the root. */
export interface Phone {
  readonly links: SignedLinks;
  readonly routes: RouteGroup;
  readonly pageRoutes: RouteGroup;
}

export interface PhoneOptions {
  readonly db: Kysely<Database>;
  readonly vault: KeySource;
  readonly topology: TopologySource;
  readonly states: LiveStates;
  readonly territory: Geography;
  readonly actions: IncidentDesk;
  readonly siteWork: SiteWork;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly language: Language;
  /** The built page. */
  readonly folder?: string;
}

export function makePhone(options: PhoneOptions): Phone {
  const { db, vault, topology, states, territory, actions, siteWork, clock, timeZone, language } = options;
  const links = new SignedLinks({ db, keys: vault });
  const desk = new PhoneDesk({
    db,
    links,
    topology,
    states,
    ground: groundOf(territory),
    words: { title: causeSentence, evidence: evidenceSentences },
    actions: deskActions(actions),
    workSite: (incidentId, personId) => siteWork.siteFor(db, incidentId, personId),
    clock,
    timeZone,
    language,
  });
  const folder = options.folder ?? join(import.meta.dirname, '../dashboards/phone/dist');
  return { links, routes: phoneRoutes(desk), pageRoutes: phonePageRoutes(folder) };
}

/** The sides of the territories, read out of their JSON when the first page asks for them, once a version. */
function groundOf(territory: Geography): () => Ground | null {
  let known: { readonly version: string; readonly ground: Ground } | null = null;
  return () => {
    const [version, json] = [territory.version(), territory.json()];
    if (version === null || json === null) return null;
    if (known?.version !== version) {
      const { edges } = JSON.parse(json.toString()) as Pick<Territory, 'edges'>;
      known = { version, ground: { edges } };
    }
    return known.ground;
  };
}
