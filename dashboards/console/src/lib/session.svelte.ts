import type { Permission, Role } from '../../../../src/domain/access.ts';
import { api, ApiError, whenSignedOut } from './api.ts';
import { i18n, type Language } from './i18n.svelte.ts';
import { initialsOf } from './initials.ts';
import { LanguageKeeper } from './language-keeper.ts';
import { live } from './live.svelte.ts';
import { remember, remembered } from './remembered.ts';

export interface GrantView {
  readonly role: Role;
  readonly regionCode: string | null;
  readonly regionName: string | null;
}

/** `GET /api/v1/session`. */
export interface SessionView {
  readonly user: {
    readonly id: string;
    readonly name: string;
    readonly displayName: string | null;
    /** Signed in with a one-time password: the first thing to do is to choose one's own. */
    readonly mustChangePassword: boolean;
    /** The rule asks for a second factor and there is none: setting it up is all that is open. */
    readonly mustSetSecondFactor: boolean;
  };
  readonly grants: readonly GrantView[];
  /** What the reader chose; null where nobody did. */
  readonly language: Language | null;
  readonly defaultLanguage: Language;
  readonly timeZone: string;
}

const order: readonly Role[] = ['viewer', 'technician', 'operator', 'administrator'];
const needs: Readonly<Record<Permission, Role>> = {
  'inventory.read': 'viewer',
  'status.read': 'viewer',
  'metrics.read': 'viewer',
  'event.acknowledge': 'technician',
  'people.read': 'technician',
  'alerting.write': 'operator',
  'inventory.write': 'operator',
  'simulator.control': 'operator',
  'provisioning.read': 'technician',
  'provisioning.write': 'operator',
  'user.manage': 'administrator',
  'credential.manage': 'administrator',
  'channel.manage': 'administrator',
  'audit.read': 'administrator',
  'points.write': 'administrator',
  'system.read': 'administrator',
};

/** Who is signed in. The controller decides what may be done; the console only leaves out what would be refused. */
class Session {
  state: 'unknown' | 'signed-out' | 'signed-in' | 'unreachable' = $state('unknown');
  view: SessionView | null = $state.raw(null);
  readonly #language = new LanguageKeeper({
    save: (language) => api.patch('/session', { language }),
    remembered,
    remember,
  });

  constructor() {
    whenSignedOut(() => this.#ended());
  }

  get name(): string {
    return this.view?.user.displayName || this.view?.user.name || '';
  }

  get initials(): string {
    return initialsOf(this.name);
  }

  /** The highest role anywhere. */
  get role(): Role {
    const ranks = (this.view?.grants ?? []).map((grant) => order.indexOf(grant.role));
    return order[Math.max(0, ...ranks)] ?? 'viewer';
  }

  may(permission: Permission): boolean {
    return this.state === 'signed-in' && order.indexOf(this.role) >= order.indexOf(needs[permission]);
  }

  async load(): Promise<void> {
    try {
      this.#began(await api.get<SessionView>('/session'));
    } catch (error) {
      if (error instanceof ApiError && (error.status === 0 || error.status >= 500)) this.state = 'unreachable';
      else this.#ended();
    }
  }

  async signIn(name: string, password: string, code: string): Promise<void> {
    this.#began(await api.post<SessionView>('/session', { name, password, ...(code === '' ? {} : { code }) }));
  }

  /** Chooses the language here and wherever this person signs in. */
  chooseLanguage(language: Language): void {
    i18n.choose(language);
    if (this.view !== null) void this.#language.keep(this.view.user.name, language);
  }

  async signOut(): Promise<void> {
    try {
      await api.delete('/session');
    } finally {
      this.#ended();
    }
  }

  #began(view: SessionView): void {
    this.view = view;
    this.state = 'signed-in';
    i18n.zone = view.timeZone;
    if (this.#language.isUnsaved(view.user.name)) void this.#language.keep(view.user.name, i18n.language);
    else if (view.language !== null) i18n.choose(view.language);
    // Nothing is open before a one-time password is changed, the live stream neither.
    if (!view.user.mustChangePassword && !view.user.mustSetSecondFactor) live.connect();
  }

  #ended(): void {
    const before = this.view;
    this.view = null;
    this.state = 'signed-out';
    live.disconnect();
    // Nothing that this person saw may stay in the page for the next one.
    if (before !== null) location.reload();
  }
}

export const session = new Session();
