import type { PhoneView } from '../../../src/alerting/phone/phone-view.ts';
import { isOver, Page } from './page.ts';
import { smaller } from './photo.ts';
import { sendWaiting, within } from './send.ts';
import { languageOf, type State } from './state.ts';
import { enqueue, forget, keep, kept, queued, type Queued } from './store.ts';
import type { Act } from './words.ts';

const pollMs = 20_000;
const retryMs = [3_000, 6_000, 15_000, 30_000];
const answerWithinMs = 30_000;
/** A second press within it is the same press. */
const restMs = 900;

const token = location.pathname.split('/')[2] ?? '';
const state: State = {
  token,
  chosen: remembered(),
  view: null,
  problem: /^[\w-]{32}$/.test(token) ? null : 'link.invalid',
  offline: false,
  skew: 0,
  pending: [],
  sent: [],
  resting: false,
};
let etag = '';
let failures = 0;
let timer = 0;
let loading: Promise<void> | null = null;

const page = new Page({ press, photo: (file) => void takePhoto(file), language: otherLanguage });
const draw = (): void => page.draw(state);

void start();

async function start(): Promise<void> {
  draw();
  if (state.problem !== null) return;
  const first = load();
  try {
    const [before] = await Promise.all([kept(token), readQueue()]);
    if (before !== undefined && state.view === null) state.view = before.view;
  } catch {
    // no storage, as in a private window: it works while there is signal
  }
  draw();
  await first;
  await sendAll();
  prepareOffline();
  addEventListener('online', () => void comeBack());
  addEventListener('offline', () => {
    state.offline = true;
    draw();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void comeBack();
  });
  setInterval(draw, 15_000);
}

/** What the incident is now; and when to ask next. */
function load(): Promise<void> {
  loading ??= ask().finally(() => {
    loading = null;
    clearTimeout(timer);
    if (isOver(state)) return;
    const wait = failures === 0 ? pollMs : (retryMs[Math.min(failures, retryMs.length) - 1] ?? pollMs);
    timer = window.setTimeout(() => void comeBack(), wait);
  });
  return loading;
}

async function ask(): Promise<void> {
  const language = state.chosen === null ? '' : `?language=${state.chosen}`;
  try {
    const answer = await fetch(`/api/v1/phone/${token}${language}`, {
      cache: 'no-store',
      headers: etag === '' ? {} : { 'if-none-match': etag },
      signal: within(answerWithinMs),
    });
    state.offline = false;
    failures = 0;
    if (answer.status === 304) state.sent = [];
    else if (answer.ok) await take((await answer.json()) as PhoneView, answer.headers.get('etag') ?? '');
    else await refuse(answer);
  } catch {
    failures += 1;
    state.offline = true;
  }
  draw();
}

async function take(view: PhoneView, tag: string): Promise<void> {
  etag = tag;
  state.view = view;
  state.problem = null;
  state.skew = Date.now() - Date.parse(view.at);
  state.sent = [];
  // What is over leaves nothing of the place behind on the phone.
  await (view.facts === null ? forget(token) : keep({ token, view })).catch(() => undefined);
}

async function refuse(answer: Response): Promise<void> {
  const problem = (await answer.json().catch(() => ({}))) as { readonly code?: unknown };
  const code = String(problem.code);
  if (code !== 'link.invalid' && code !== 'link.ended') {
    failures += 1;
    state.problem = state.view === null ? 'failed' : null;
    return;
  }
  state.problem = code;
  state.view = null;
  await forget(token).catch(() => undefined);
}

async function readQueue(): Promise<void> {
  const all = await queued();
  const ours = all.filter((press) => press.token === token);
  const gone = state.pending.filter(({ requestId }) => !ours.some((press) => press.requestId === requestId));
  state.sent = [...state.sent, ...gone];
  state.pending = ours;
}

async function sendAll(): Promise<void> {
  if (state.pending.every(({ refused }) => refused !== undefined)) return;
  const { sent, left } = await sendWaiting().catch(() => ({ sent: 0, left: true }));
  if (left) state.offline = true;
  await readQueue().catch(() => undefined);
  draw();
  if (left) await askForSync();
  if (sent > 0) await load();
}

async function comeBack(): Promise<void> {
  await readQueue().catch(() => undefined);
  await sendAll();
  await load();
}

function press(act: Act, more: { readonly text?: string; readonly minutes?: number } = {}): void {
  if (act !== 'comment') {
    if (state.resting) return;
    state.resting = true;
    setTimeout(() => {
      state.resting = false;
      draw();
    }, restMs);
  }
  void add({ ...more, action: act });
}

async function takePhoto(file: File): Promise<void> {
  const photo = await smaller(file).catch(() => null);
  if (photo !== null) await add({ action: 'photo', photo });
}

/** Kept first, then sent: a phone that dies in between has lost nothing. */
async function add(given: Pick<Queued, 'action' | 'text' | 'minutes' | 'photo'>): Promise<void> {
  const made: Queued = { ...given, token, requestId: newRequestId(), at: new Date(Date.now()).toISOString() };
  state.pending = [...state.pending, made];
  draw();
  await enqueue(made);
  await readQueue();
  await sendAll();
}

/** A UUID of chance (RFC 9562, version 4): pages without HTTPS have no `crypto.randomUUID`. */
function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function otherLanguage(): void {
  state.chosen = languageOf(state) === 'id' ? 'en' : 'id';
  try {
    localStorage.setItem('arung-language', state.chosen);
  } catch {
    // it holds for as long as the page is open
  }
  etag = '';
  draw();
  void load();
}

function remembered(): State['chosen'] {
  try {
    const chosen = localStorage.getItem('arung-language');
    return chosen === 'id' || chosen === 'en' ? chosen : null;
  } catch {
    return null;
  }
}

/** After the first picture: the page that opens without signal, then the design's typeface, from the second time on. */
function prepareOffline(): void {
  void navigator.serviceWorker?.register('/i/sw.js', { scope: '/i/' }).catch(() => undefined);
  try {
    if (localStorage.getItem('arung-opened') !== null) void typeface();
    localStorage.setItem('arung-opened', '1');
  } catch {
    // the phone's own typeface will do
  }
}

async function typeface(): Promise<void> {
  const face = new FontFace('Atkinson Hyperlegible Next', 'url(/i/font.woff2)', { weight: '200 800' });
  const loaded = await face.load().catch(() => null);
  if (loaded !== null) document.fonts.add(loaded);
}

/** Where the browser can, it sends what waits even when this page is closed. */
async function askForSync(): Promise<void> {
  const registration = (await navigator.serviceWorker?.getRegistration('/i/')) as
    | { readonly sync?: { register(tag: string): Promise<void> } }
    | undefined;
  await registration?.sync?.register('arung-send').catch(() => undefined);
}
