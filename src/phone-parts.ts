import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { LiveStates } from './alerting/phone/mini-map.ts';
import { deskActions, type IncidentDesk } from './alerting/phone/desk-actions.ts';
import { PhoneDesk, type Language } from './alerting/phone/phone-desk.ts';
import { SignedLinks, type KeySource } from './alerting/signed-links.ts';
import { phonePageRoutes } from './api/phone-page.ts';
import { phoneRoutes } from './api/phone.ts';
import type { RouteGroup } from './api/routes.ts';
import type { Database } from './database/tables.ts';
import type { Clock } from './domain/clock.ts';
import type { TopologySource } from './domain/topology.ts';
import type { Territory } from './territory/territory.ts';

/** The page that opens from a message: its links, and its routes below `/api/v1` and at the root. */
export interface Phone {
  readonly links: SignedLinks;
  readonly routes: RouteGroup;
  readonly pageRoutes: RouteGroup;
}

export function makePhone(options: {
  readonly db: Kysely<Database>;
  readonly vault: KeySource;
  readonly topology: TopologySource;
  readonly states: LiveStates;
  readonly territory: { view(): Pick<Territory, 'edges'> | null };
  readonly actions: IncidentDesk;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly language: Language;
  /** The built page. */
  readonly folder?: string;
}): Phone {
  const { db, vault, topology, states, territory, actions, clock, timeZone, language } = options;
  const links = new SignedLinks({ db, keys: vault });
  const desk = new PhoneDesk({
    db,
    links,
    topology,
    states,
    ground: () => territory.view(),
    // Until the words of messages are here (alerting/words): what it is called, without a sentence.
    words: { title: (cause) => cause.name, evidence: () => [] },
    actions: deskActions(actions),
    clock,
    timeZone,
    language,
  });
  const folder = options.folder ?? join(import.meta.dirname, '../dashboards/phone/dist');
  return { links, routes: phoneRoutes(desk), pageRoutes: phonePageRoutes(folder) };
}
