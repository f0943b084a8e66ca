import type { PlainTextKey } from '../lib/i18n.svelte.ts';
import type { IconName } from '../parts/icons.ts';

/** What the rail leads to. The number of a page is its key on the keyboard. */
export interface PageEntry {
  readonly path: string;
  readonly icon: IconName;
  readonly text: PlainTextKey;
  /** On the phone's tab bar; the others are in its menu. */
  readonly tab: boolean;
}

export const pages: readonly PageEntry[] = [
  { path: '/', icon: 'map', text: 'page.map', tab: true },
  { path: '/incidents', icon: 'bell', text: 'page.incidents', tab: true },
  { path: '/sites', icon: 'site', text: 'page.sites', tab: true },
  { path: '/devices', icon: 'device', text: 'page.devices', tab: true },
  { path: '/links', icon: 'link', text: 'page.links', tab: false },
  { path: '/events', icon: 'events', text: 'page.events', tab: false },
  { path: '/services', icon: 'service', text: 'page.services', tab: false },
  { path: '/changes', icon: 'refresh', text: 'page.changes', tab: false },
  { path: '/reports', icon: 'report', text: 'page.reports', tab: false },
  { path: '/inventory', icon: 'inventory', text: 'page.inventory', tab: false },
];
/** Around incidents: reached from there and by the palette. */
export const incidentPages: readonly PageEntry[] = [{ path: '/duty', icon: 'person', text: 'page.duty', tab: false }];
/** For a large screen; reached by the palette and by its address. */
export const wallPage: PageEntry = { path: '/wall', icon: 'map', text: 'page.wall', tab: false };
export const settingsPage: PageEntry = { path: '/settings', icon: 'settings', text: 'page.settings', tab: false };

export function isCurrent(entry: PageEntry, path: string): boolean {
  return entry.path === '/' ? path === '/' : path === entry.path || path.startsWith(entry.path + '/');
}
