import { sendWaiting } from './send.ts';

/** Of lib.webworker, which cannot stand beside lib.dom, what is used here. */
interface WorkerEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface FetchingEvent extends WorkerEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface WorkerScope {
  addEventListener(type: 'install' | 'activate', listener: (event: WorkerEvent) => void): void;
  addEventListener(type: 'sync', listener: (event: WorkerEvent & { readonly tag: string }) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchingEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}
declare const self: WorkerScope;
/** Of the page that this worker was built with. */
declare const __VERSION__: string;

const cacheName = `arung-${__VERSION__}`;
/** The page is the same for every token, so it is kept without one. */
const shell = '/i/-';

self.addEventListener('install', (event) => {
  const prepare = async (): Promise<void> => {
    await (await caches.open(cacheName)).addAll([shell, '/i/icon.svg']);
    await self.skipWaiting();
  };
  event.waitUntil(prepare());
});

self.addEventListener('activate', (event) => {
  const tidy = async (): Promise<void> => {
    for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== 'GET' || !pathname.startsWith('/i/')) return;
  const asked = event.request.mode === 'navigate' ? shell : pathname;
  event.respondWith(fromCacheFirst(asked, event.request));
});

async function fromCacheFirst(asked: string, request: Request): Promise<Response> {
  const found = await caches.match(asked);
  if (found !== undefined) return found;
  const answer = await fetch(request);
  if (answer.ok && asked === '/i/font.woff2') await (await caches.open(cacheName)).put(asked, answer.clone());
  return answer;
}

self.addEventListener('sync', (event) => {
  if (event.tag !== 'arung-send') return;
  event.waitUntil(sendInBackground());
});

/** Rejects while something is left: the browser asks again later by itself. The page looks for itself what was sent. */
async function sendInBackground(): Promise<void> {
  const { left } = await sendWaiting();
  if (left) throw new Error('not all was sent');
}
