import type { PushPayload } from '../../../../src/alerting/channels/web-push.ts';

/**
 * Shows a message that came over web push, and does what is pressed on it. It keeps no page and answers no request: the
 * console always comes from the controller.
 */
interface WorkerEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface PushEvent extends WorkerEvent {
  readonly data: { json(): unknown } | null;
}
interface Shown {
  readonly data: Kept;
  readonly title: string;
  readonly tag: string;
  readonly lang: string;
  close(): void;
}
interface ClickEvent extends WorkerEvent {
  readonly action: string;
  readonly notification: Shown;
}
interface ConsoleWindow {
  readonly url: string;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
}
/** Of lib.webworker, which cannot stand beside lib.dom, what is used here. */
interface WorkerScope {
  addEventListener(type: 'install' | 'activate', listener: (event: WorkerEvent) => void): void;
  addEventListener(type: 'push', listener: (event: PushEvent) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: ClickEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly location: Location;
  readonly registration: {
    showNotification(title: string, options: Record<string, unknown>): Promise<void>;
  };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly ConsoleWindow[]>;
    openWindow(url: string): Promise<unknown>;
  };
}
declare const self: WorkerScope;

/** What a notification remembers until it is pressed. */
interface Kept {
  /** The technician's page of the incident; null where the message is about none. */
  readonly link: string | null;
  readonly incidentId: string | null;
}

const said = {
  id: { take: 'Diambil', 'on-the-way': 'Anda berangkat', fixed: 'Ditandai pulih', mute: 'Disenyapkan 2 jam' },
  en: { take: 'Taken', 'on-the-way': 'You are on your way', fixed: 'Marked as fixed', mute: 'Muted for 2 hours' },
} as const;
type Act = keyof (typeof said)['id'];
const muteMinutes = 120;
/** A tab that the browser has frozen answers neither yes nor no. */
const patienceMs = 2_000;

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  const payload = event.data?.json() as PushPayload | undefined;
  if (payload === undefined) return;
  const kept: Kept = { link: payload.link, incidentId: payload.incidentId };
  event.waitUntil(
    self.registration.showNotification(payload.title, {
      body: payload.body,
      lang: payload.language,
      dir: 'auto',
      tag: payload.tag,
      // A later message of the same incident takes the place of the one before, and still is heard.
      renotify: true,
      icon: '/arung.svg',
      data: kept,
      actions: payload.actions.map(({ action, label }) => ({ action, title: label })),
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  const { action, notification } = event;
  notification.close();
  event.waitUntil(isAct(action) ? act(action, notification) : open(notification.data));
});

function isAct(action: string): action is Act {
  return Object.hasOwn(said.id, action);
}

/** The press goes by the signed link, as on the technician's page; where it does not go, that page opens. */
async function act(action: Act, { data, title, tag, lang }: Shown): Promise<void> {
  const token = tokenOf(data.link);
  const done =
    token !== null &&
    (await fetch(`/api/v1/phone/${token}/actions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        requestId: crypto.randomUUID(),
        action,
        ...(action === 'mute' && { minutes: muteMinutes }),
      }),
    }).then(
      (answer) => answer.ok,
      () => false,
    ));
  if (!done) return open(data);
  const body = said[lang === 'en' ? 'en' : 'id'][action];
  await self.registration.showNotification(title, { body, lang, dir: 'auto', tag, data, icon: '/arung.svg' });
}

/** A console that is open goes to the incident; else the page of its link opens, which needs no sign-in. */
async function open({ link, incidentId }: Kept): Promise<void> {
  const here = incidentId === null ? '/inbox' : `/incidents/${encodeURIComponent(incidentId)}`;
  const elsewhere = async () => void (await self.clients.openWindow((await openConsole()) ? here : (link ?? here)));
  const page = await openConsole();
  if (page === undefined) return elsewhere();
  // Only a press of a person lets a window come to the front; it goes to the incident in any case.
  await inTime(page.focus()).catch(() => undefined);
  // A page that was loaded past this worker cannot be led by it, nor one that is just being left: another opens.
  await inTime(page.navigate(here)).catch(elsewhere);
}

async function openConsole(): Promise<ConsoleWindow | undefined> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return windows.find(({ url }) => !new URL(url).pathname.startsWith('/i/'));
}

function inTime(done: Promise<unknown>): Promise<unknown> {
  return Promise.race([done, new Promise((_, reject) => setTimeout(() => reject(new Error('no answer')), patienceMs))]);
}

/** Null for a link that leads elsewhere than to this controller. */
function tokenOf(link: string | null): string | null {
  if (link === null) return null;
  const { origin, pathname } = new URL(link, self.location.origin);
  const token = /^\/i\/([\w-]{32})$/.exec(pathname)?.[1] ?? null;
  return origin === self.location.origin ? token : null;
}
