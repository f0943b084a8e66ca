import { api } from '../lib/api.ts';
import { i18n, t } from '../lib/i18n.svelte.ts';
import { sentenceOf } from '../lib/problem.ts';
import { testProblem, type ChannelTestView } from '../pages/settings/channels/channel-views.ts';
import { base64url } from './base64url.ts';

/** `GET /api/v1/push-devices`. */
export interface PushDeskView {
  readonly person: { readonly id: string; readonly name: string } | null;
  readonly channel: { readonly id: string; readonly name: string; readonly publicKey: string } | null;
  readonly devices: readonly { readonly id: string; readonly service: string }[];
}

/** Why nobody can be told in this browser. */
export type PushObstacle = 'unsupported' | 'insecure' | 'denied' | 'no-person' | 'no-channel';

const workerPath = '/push-worker.js';

/** Whether this browser tells its reader of incidents, and the reader's other browsers. */
export class Push {
  desk: PushDeskView | null = $state.raw(null);
  /** Of this browser, as the controller names it; null while it has none. */
  ownId: string | null = $state(null);
  busy = $state(false);
  problem: string | null = $state(null);
  obstacle: PushObstacle | null = $state(null);

  async load(): Promise<void> {
    try {
      this.desk = await api.get<PushDeskView>('/push-devices');
      this.obstacle = this.#obstacle();
      this.ownId = await this.#own();
      this.problem = null;
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }

  get isOn(): boolean {
    return this.ownId !== null && this.desk?.devices.some(({ id }) => id === this.ownId) === true;
  }

  async subscribe(): Promise<void> {
    const key = this.desk?.channel?.publicKey;
    if (key === undefined) return;
    await this.#work(async () => {
      if ((await Notification.requestPermission()) !== 'granted') {
        this.obstacle = 'denied';
        return;
      }
      const registration = await navigator.serviceWorker.register(workerPath, { scope: '/', updateViaCache: 'none' });
      await navigator.serviceWorker.ready;
      // Of another key, as after the channel was made anew: it would be refused.
      await (await registration.pushManager.getSubscription())?.unsubscribe();
      const subscription = await subscribeTo(registration, key);
      const { endpoint, keys } = subscription.toJSON();
      await api.post('/push-devices', { endpoint, keys: { p256dh: keys?.['p256dh'], auth: keys?.['auth'] } });
      await this.load();
    });
  }

  /** Another browser of the reader's, or this one. */
  async remove(id: string): Promise<void> {
    await this.#work(async () => {
      await api.delete(`/push-devices/${id}`);
      if (id === this.ownId) await (await this.#subscription())?.unsubscribe();
      await this.load();
    });
  }

  async test(id: string): Promise<boolean> {
    let ok = false;
    await this.#work(async () => {
      const answer = await api.post<ChannelTestView>(`/push-devices/${id}/test`, { language: i18n.language });
      ok = answer.ok;
      this.problem = testProblem(answer);
    });
    return ok;
  }

  async #work(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = error instanceof DOMException ? t('push.none.refused', { reason: error.name }) : sentenceOf(error);
    } finally {
      this.busy = false;
    }
  }

  #obstacle(): PushObstacle | null {
    if (!globalThis.isSecureContext) return 'insecure';
    if (!('serviceWorker' in navigator) || !('PushManager' in globalThis)) return 'unsupported';
    if (this.desk?.channel === null) return 'no-channel';
    if (this.desk?.person === null) return 'no-person';
    return Notification.permission === 'denied' ? 'denied' : null;
  }

  async #subscription(): Promise<PushSubscription | null> {
    if (this.obstacle === 'insecure' || this.obstacle === 'unsupported') return null;
    const registration = await navigator.serviceWorker.getRegistration('/');
    return (await registration?.pushManager.getSubscription()) ?? null;
  }

  async #own(): Promise<string | null> {
    const subscription = await this.#subscription();
    if (subscription === null) return null;
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subscription.endpoint));
    return base64url(new Uint8Array(hash)).slice(0, 22);
  }
}

function subscribeTo(registration: ServiceWorkerRegistration, publicKey: string): Promise<PushSubscription> {
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}
