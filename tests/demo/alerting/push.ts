import { createECDH, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Worker } from 'playwright-core';
import { axe } from '../../support/browser.ts';
import { patient, type Screen } from './screen.ts';

interface Desk {
  readonly person: { readonly id: string };
  readonly devices: readonly object[];
}
interface Inbox {
  readonly items: readonly { readonly link: string; readonly incident: { readonly id: string } | null }[];
}

/** Web push: this browser as a way of its person, what a push shows, and what a press on it does. */
export function pushTests(at: () => Screen): void {
  describe('web push', () => {
    it('makes its keys in the form, and takes this browser as the first way of its person', async () => {
      const screen = at();
      const { page } = screen;
      await screen.open('/settings/channels');
      await screen.button('Tambah saluran').click();
      const form = screen.dialog('Tambah saluran');
      await form.getByLabel('Jenis').selectOption('web-push');
      await form.getByLabel('Nama').fill('Peramban');
      await form.getByLabel('Kontak untuk layanan push').fill('mailto:jaringan@bone.go.id');
      await form.getByRole('button', { name: 'Buat pasangan kunci' }).click();
      await form.getByText('Pasangan kunci dibuat').waitFor();
      await form.getByRole('button', { name: 'Simpan' }).click();
      await screen.row('Peramban').waitFor();
      // No push service is reached from here: in its place stands what one gives, a subscription with real keys.
      await page.addInitScript(standInForPushService(), undefined);
      await screen.open('/settings');
      await screen.button('Beri tahu saya di peramban ini').click();
      await page.getByText('Peramban ini memberi tahu Anda.', { exact: true }).waitFor();
      expect(await axe(page)).toEqual([]);
      const { person, devices } = await screen.asked<Desk>('/api/v1/push-devices');
      expect(devices).toMatchObject([{ service: 'push.example.com' }]);
      const known = await screen.demo.get<{ channels: { address: string }[] }>(`/api/v1/people/${person.id}`);
      expect(known.channels[0]?.address).toContain('push.example.com');
    });

    it('says in the reader’s language why a test did not go', async () => {
      const screen = at();
      await screen.button('Kirim pesan uji').click();
      await screen.page.getByText(/^push\.example\.com tidak menjawab \(\w+\)\. Periksa alamatnya/).waitFor(patient);
    });

    it('shows what a push brings as text, and a press on it leads the console to the incident', async () => {
      const screen = at();
      const incident = await told(screen);
      const one = { title: '<b>Serat putus</b>', body: 'Gelap: 19 desa' };
      await pushUntilShown(screen, { ...incident, ...one });
      expect(await shown(screen)).toEqual([{ ...one, actions: ['Saya berangkat'] }]);
      await press(screen, '');
      await screen.page.waitForURL(`**/incidents/${incident.incidentId}`);
      expect(await shown(screen)).toEqual([]);
    });

    it('a later one of the same incident takes the place of the one before', async () => {
      const screen = at();
      const incident = await told(screen);
      await pushUntilShown(screen, { ...incident, title: 'Serat putus', body: 'Gelap: 19 desa' });
      await pushUntilShown(screen, { ...incident, title: 'Serat putus', body: 'Gelap: 20 desa' });
    });

    it('a press on its button is done by the signed link, and said where the notification was', async () => {
      const screen = at();
      const { incidentId } = await told(screen);
      const before = screen.page.url();
      await press(screen, 'on-the-way');
      await expect.poll(() => shown(screen), patient).toMatchObject([{ title: 'Serat putus', body: 'Anda berangkat' }]);
      const stage = async () => (await screen.demo.get<{ stage: string }>(`/api/v1/incidents/${incidentId}`)).stage;
      await expect.poll(stage, patient).toBe('on-the-way');
      expect(screen.page.url()).toBe(before);
    });

    it('a press whose link leads elsewhere goes nowhere but to the incident', async () => {
      const screen = at();
      const incident = await told(screen);
      await screen.open('/inbox');
      const calls: string[] = [];
      screen.context.on('request', (request) => calls.push(request.url()));
      const stranger = `http://127.0.0.1:9/i/${'a'.repeat(32)}`;
      await pushUntilShown(screen, { ...incident, link: stranger, title: 'Serat putus', body: '' });
      await press(screen, 'on-the-way');
      await screen.page.waitForURL(`**/incidents/${incident.incidentId}`);
      expect(calls.filter((url) => url.includes('/actions') || url.includes(':9/'))).toEqual([]);
    });

    it('a press opens the page of its link where no console is open, and the incident where a page cannot be led', async () => {
      const screen = at();
      const { page } = screen;
      await screen.open('/inbox');
      const incident = await told(screen);
      const session = await screen.context.newCDPSession(page);
      await session.send('Network.enable');
      await session.send('Network.setBypassServiceWorker', { bypass: true });
      await screen.open('/inbox');
      await pushUntilShown(screen, { ...incident, title: 'Serat putus', body: 'Gelap: 21 desa' });
      expect(await press(screen, '')).toBe(`/incidents/${incident.incidentId}`);
      await session.detach();
      await screen.open('/inbox');
      await pushUntilShown(screen, { ...incident, title: 'Serat putus', body: 'Gelap: 22 desa' });
      await page.goto('about:blank');
      await expect.poll(() => windows(screen), patient).toBe(0);
      expect(await press(screen, '')).toBe(incident.link);
    });

    it('stops where it is told to', async () => {
      const screen = at();
      await screen.open('/settings');
      await screen.button('Berhenti di peramban ini').click();
      await screen.button('Beri tahu saya di peramban ini').waitFor();
      expect(await screen.asked<Desk>('/api/v1/push-devices')).toMatchObject({ devices: [] });
    });
  });
}

/** In a page: the subscription that a push service would give, kept as the browser keeps it. Text: this file knows no DOM. */
function standInForPushService(): string {
  const p256dh = createECDH('prime256v1').generateKeys('base64url');
  const keys = { p256dh, auth: randomBytes(16).toString('base64url') };
  const endpoint = `https://push.example.com/send/${randomBytes(8).toString('hex')}`;
  return `
    const given = {
      endpoint: '${endpoint}',
      toJSON: () => (${JSON.stringify({ endpoint, keys })}),
      unsubscribe: async () => { localStorage.removeItem('stand-in'); return true; },
    };
    PushManager.prototype.subscribe = async () => { localStorage.setItem('stand-in', '1'); return given; };
    PushManager.prototype.getSubscription = async () => (localStorage.getItem('stand-in') === null ? null : given);`;
}

/** What the channel would send of an open incident that the reader was told of. */
async function told(screen: Screen) {
  const [incident] = await screen.incidents();
  if (incident === undefined) throw new Error('there is no incident');
  const { items } = await screen.asked<Inbox>('/api/v1/inbox');
  const link = items.find((message) => message.incident?.id === incident.id)?.link ?? null;
  expect(link).toContain('/i/');
  const actions = [{ action: 'on-the-way', label: 'Saya berangkat' }];
  return { id: incident.id, link, incidentId: incident.id, actions, tag: incident.id, language: 'id' };
}

interface Notice {
  readonly title: string;
  readonly body: string;
  readonly actions: readonly string[];
}

/** The notifications of this browser. */
function shown({ page }: Screen): Promise<readonly Notice[]> {
  return page.evaluate<
    readonly Notice[]
  >(`navigator.serviceWorker.getRegistration('/').then((found) => found.getNotifications())
    .then((all) => all.map(({ title, body, actions }) => ({ title, body, actions: actions.map((one) => one.title) })))`);
}

/**
 * Pushes until the message is what this browser shows, and nothing else is: a browser that is about to start its worker anew
 * may lose what it is handed meanwhile, and a push service brings it again.
 */
async function pushUntilShown(
  screen: Screen,
  payload: { readonly title: string; readonly body: string; readonly link: string | null },
): Promise<void> {
  const { title, body } = payload;
  const matches = async () =>
    isDeepStrictEqual(
      (await shown(screen)).map((one) => ({ title: one.title, body: one.body })),
      [{ title, body }],
    );
  for (let tries = 0; tries < 5; tries += 1) {
    await push(screen, payload);
    for (let looks = 0; looks < 20; looks += 1) {
      if (await matches()) return;
      await pause(250);
    }
  }
  expect(await shown(screen)).toMatchObject([{ title, body }]);
}

/** Hands a message to the service worker as Chromium does when one came from its push service. */
async function push({ context, page, demo }: Screen, payload: object): Promise<void> {
  const session = await context.newCDPSession(page);
  const registrations: string[] = [];
  session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: found }) => {
    for (const one of found)
      if (!one.isDeleted && one.scopeURL === `${demo.url}/`) registrations.push(one.registrationId);
  });
  await session.send('ServiceWorker.enable');
  await expect.poll(() => registrations.length, { timeout: 20_000 }).toBeGreaterThan(0);
  const registrationId = registrations.at(-1) ?? '';
  const data = JSON.stringify(payload);
  await session.send('ServiceWorker.deliverPushMessage', { origin: demo.url, registrationId, data });
  await session.detach();
}

/**
 * A press on the notification, or on one of its buttons; resolves when the worker has done what it does then, with the
 * address that it opens a window for; null where it opens none. Headless Chromium draws no notification that could be
 * clicked: the event is made in the worker, and so brings none of the rights that a press of a person has. That it may open
 * no window then is why the opening is only listened to.
 */
async function press(screen: Screen, action: string): Promise<string | null> {
  const pressed = worker(screen).evaluate<string | null>(`(async () => {
    let opened = null;
    Object.defineProperty(self.clients, 'openWindow', { configurable: true, value: async (url) => void (opened = url) });
    const [notification] = await self.registration.getNotifications();
    const event = new NotificationEvent('notificationclick', { notification, action: '${action}' });
    let done = null;
    // An event that a script made takes no more work on.
    Object.defineProperty(event, 'waitUntil', { value: (work) => (done = work) });
    self.dispatchEvent(event);
    await done;
    return opened;
  })()`);
  const late = pause(30_000, undefined, { ref: false }).then(() => {
    throw new Error('the service worker has not ended what a press began');
  });
  return Promise.race([pressed, late]);
}

/** How many windows of the console the worker knows of: one that is left stays with it for a moment. */
function windows(screen: Screen): Promise<number> {
  const asked = "self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((all) => all.length)";
  return worker(screen).evaluate<number>(asked);
}

function worker({ context }: Screen): Worker {
  // The last: one that the browser has started anew stands behind those before it.
  const found = context.serviceWorkers().findLast((one) => one.url().endsWith('/push-worker.js'));
  if (found === undefined) throw new Error('there is no service worker');
  return found;
}
