import type { Component } from 'svelte';
import type { PlainTextKey } from '../lib/i18n.svelte.ts';

type PageComponent = Component<{ parameter: string }>;

export interface Route {
  /** Stays the same while only the parameter changes on a list page. */
  readonly name: string;
  readonly text: PlainTextKey;
  /** Id, code or name in the path; empty where there is none. */
  readonly parameter: string;
  readonly load: () => Promise<PageComponent>;
}

const maps = import.meta.glob<{ default: PageComponent }>('../map/MapPage.svelte');
const from = (load: () => Promise<{ default: PageComponent }>) => async (): Promise<PageComponent> =>
  (await load()).default;

const walls = import.meta.glob<{ default: PageComponent }>('../wall/WallPage.svelte');
const notFound = from(() => import('./NotFoundPage.svelte'));
const loaders: Readonly<Record<string, () => Promise<PageComponent>>> = {
  map: from(maps['../map/MapPage.svelte'] ?? (() => import('./NotFoundPage.svelte'))),
  wall: from(walls['../wall/WallPage.svelte'] ?? (() => import('./NotFoundPage.svelte'))),
  sites: from(() => import('./SitesPage.svelte')),
  site: from(() => import('./SitePage.svelte')),
  devices: from(() => import('./DevicesPage.svelte')),
  device: from(() => import('./DevicePage.svelte')),
  links: from(() => import('./LinksPage.svelte')),
  events: from(() => import('./EventsPage.svelte')),
  incidents: from(() => import('./IncidentsPage.svelte')),
  incident: from(() => import('./IncidentPage.svelte')),
  duty: from(() => import('./DutyPage.svelte')),
  rules: from(() => import('./RulesPage.svelte')),
  inbox: from(() => import('./InboxPage.svelte')),
  services: from(() => import('./ServicesPage.svelte')),
  reports: from(() => import('./ReportsPage.svelte')),
  changes: from(() => import('./ChangesPage.svelte')),
  rollout: from(() => import('./RolloutPage.svelte')),
  programs: from(() => import('./ProgramsPage.svelte')),
  program: from(() => import('./ProgramPage.svelte')),
  history: from(() => import('./HistoryPage.svelte')),
  'new-rollout': from(() => import('./NewRolloutPage.svelte')),
  variables: from(() => import('./VariablesPage.svelte')),
  templates: from(() => import('./TemplatesPage.svelte')),
  template: from(() => import('./TemplatePage.svelte')),
  intent: from(() => import('./IntentPage.svelte')),
  'host-keys': from(() => import('./HostKeysPage.svelte')),
  compliance: from(() => import('./CompliancePage.svelte')),
  'device-history': from(() => import('./DeviceHistoryPage.svelte')),
  proposals: from(() => import('./ProposalsPage.svelte')),
  inventory: from(() => import('./InventoryPage.svelte')),
  settings: from(() => import('./SettingsPage.svelte')),
};

const table: readonly (readonly [pattern: RegExp, name: string, text: PlainTextKey])[] = [
  [/^\/$/, 'map', 'page.map'],
  [/^\/wall$/, 'wall', 'page.wall'],
  [/^\/sites$/, 'sites', 'page.sites'],
  [/^\/sites\/([^/]+)$/, 'site', 'page.sites'],
  [/^\/devices$/, 'devices', 'page.devices'],
  [/^\/devices\/([^/]+)(?:\/[a-z]+)?$/, 'device', 'page.devices'],
  [/^\/links$/, 'links', 'page.links'],
  [/^\/events$/, 'events', 'page.events'],
  [/^\/incidents$/, 'incidents', 'page.incidents'],
  [/^\/incidents\/([^/]+)$/, 'incident', 'page.incidents'],
  [/^\/duty(?:\/([a-z]+))?$/, 'duty', 'page.duty'],
  [/^\/rules$/, 'rules', 'page.rules'],
  [/^\/inbox$/, 'inbox', 'page.inbox'],
  [/^\/services(?:\/([^/]+))?$/, 'services', 'page.services'],
  [/^\/reports$/, 'reports', 'page.reports'],
  [/^\/changes(?:\/(devices|drift))?$/, 'changes', 'page.changes'],
  [/^\/changes\/(\d+)$/, 'rollout', 'page.changes'],
  [/^\/changes\/new$/, 'new-rollout', 'page.changes'],
  [/^\/changes\/programs$/, 'programs', 'page.changes'],
  [/^\/changes\/programs\/([^/]+)$/, 'program', 'page.changes'],
  [/^\/changes\/devices\/([^/]+)$/, 'intent', 'page.changes'],
  [/^\/changes\/templates$/, 'templates', 'page.changes'],
  [/^\/changes\/templates\/([^/]+)$/, 'template', 'page.changes'],
  [/^\/changes\/host-keys$/, 'host-keys', 'page.changes'],
  [/^\/changes\/variables$/, 'variables', 'page.changes'],
  [/^\/changes\/compliance$/, 'compliance', 'page.changes'],
  [/^\/changes\/history$/, 'history', 'page.changes'],
  [/^\/changes\/history\/([^/]+)$/, 'device-history', 'page.changes'],
  [/^\/proposals(?:\/(ignored))?$/, 'proposals', 'page.proposals'],
  [/^\/inventory$/, 'inventory', 'page.inventory'],
  [/^\/settings(?:\/([a-z]+))?$/, 'settings', 'page.settings'],
];

export function routeOf(path: string): Route {
  for (const [pattern, name, text] of table) {
    const match = pattern.exec(path);
    if (match) return { name, text, parameter: decodeURIComponent(match[1] ?? ''), load: loaders[name] ?? notFound };
  }
  return { name: 'none', text: 'page.not-found', parameter: '', load: notFound };
}
