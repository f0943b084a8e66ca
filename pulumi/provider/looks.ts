import type { Controller } from './controller.ts';
import type { Context } from './resource.ts';

/** What a person or a device said, in English. */
export interface Said {
  readonly code: string;
  readonly message: string;
}

export interface PropertyChange {
  readonly property: string;
  readonly secret: boolean;
  /** On the device; null when it is not set there, and for secrets. */
  readonly before: string | null;
  readonly after: string | null;
}

/** One thing that would bring a device back to what was confirmed on it. */
export interface Drift {
  readonly kind: 'add' | 'set' | 'move' | 'remove';
  readonly subject: string;
  readonly fragment: string | null;
  readonly name: string;
  readonly changes: readonly PropertyChange[];
}

/** How far a device is from its intent. */
export interface Look {
  readonly deviceId: string;
  readonly device: string;
  readonly staged: { readonly version: string } | null;
  readonly confirmed: { readonly version: string } | null;
  readonly drift: readonly Drift[];
  readonly lookError: Said | null;
  /** Variables that changed since it was staged. */
  readonly stale: readonly string[];
  /** What the program has staged of it and could stage again just so. */
  readonly parts?: readonly { readonly managedBy: string; readonly content: string }[];
  /** Templates that say something else of it than they did then. */
  readonly staleTemplates: readonly string[];
}

/** Whether it would be another version if it were staged again, whatever the program says. */
export function isOutdated({ stale, staleTemplates }: Look): boolean {
  return stale.length + staleTemplates.length > 0;
}

const gatherMs = 5;
const mostAtOnce = 1_000;
const listed = 500;
/** Devices in a call that is made before anybody has asked for them, and how many such calls go on at the same time. */
const foreseenAtOnce = 150;
const foreseenCalls = 3;
/** A look is for many questions, and ends with none of them. */
const longestMs = 600_000;

/**
 * Looks at devices through the controller: each once in this process, those that are asked for together in one call. The
 * engine asks for a few at a time, and a look is mostly waiting for a far device: so the first question has all devices
 * looked at of which the program says something.
 */
export class Looks {
  readonly #controller: Controller;
  readonly #ageS: number;
  readonly #looks = new Map<string, Promise<Look | null>>();
  readonly #told = new Set<string>();
  #foreseen: Promise<void> | null = null;
  #waiting = new Map<string, (look: Promise<Look | null>) => void>();

  /** @param ageS what the controller saw so many seconds ago is not looked at again. */
  constructor(controller: Controller, ageS: number) {
    this.#controller = controller;
    this.#ageS = ageS;
  }

  /** Whether nobody has been told yet, in this process, that a device could not be looked at. */
  isNews(device: string): boolean {
    const isNews = !this.#told.has(device);
    this.#told.add(device);
    return isNews;
  }

  /** Null where nobody manages the device, or there is none of that name. */
  async of(device: string, { program, signal }: Pick<Context, 'program' | 'signal'>): Promise<Look | null> {
    this.#foreseen ??= this.#foresee(program).catch((error: unknown) => {
      this.#foreseen = null;
      throw error;
    });
    await unlessAborted(this.#foreseen, signal);
    return unlessAborted(this.#lookAt(device, program), signal);
  }

  #lookAt(device: string, program: string): Promise<Look | null> {
    let look = this.#looks.get(device);
    if (look === undefined) {
      look = new Promise((resolve) => {
        if (this.#waiting.size === 0) setTimeout(() => this.#ask(program), gatherMs);
        this.#waiting.set(device, resolve);
      });
      this.#looks.set(device, look);
    }
    return look;
  }

  /** Begins to look at all devices of the program; ends when it is known which they are. */
  async #foresee(program: string): Promise<void> {
    const devices: Pick<Look, 'device' | 'deviceId'>[] = [];
    let cursor: string | null = '';
    do {
      const page: { readonly items: readonly Look[]; readonly next: string | null } = await this.#controller.call({
        method: 'GET',
        path: '/intents',
        query: { program, limit: listed, cursor: cursor === '' ? undefined : cursor },
        signal: AbortSignal.timeout(longestMs),
      });
      devices.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    let calls: Promise<unknown>[] = Array.from({ length: foreseenCalls }, () => Promise.resolve());
    for (let from = 0; from < devices.length; from += foreseenAtOnce) {
      const some = devices.slice(from, from + foreseenAtOnce);
      const [before = Promise.resolve(), ...others] = calls;
      const asked = before.then(() =>
        this.#look(
          some.map(({ device }) => device),
          program,
        ),
      );
      // Whoever waits for one of these hears of the failure; a call that waits its turn only waits.
      calls = [...others, asked.catch(() => undefined)];
      for (const { device, deviceId } of some) {
        const look = asked.then((looks) => looks.get(device) ?? null);
        look.catch(() => undefined);
        for (const name of [device, deviceId]) if (!this.#looks.has(name)) this.#looks.set(name, look);
      }
    }
  }

  #ask(program: string): void {
    const waiting = [...this.#waiting];
    this.#waiting = new Map();
    for (let from = 0; from < waiting.length; from += mostAtOnce) {
      const some = waiting.slice(from, from + mostAtOnce);
      const asked = this.#look(
        some.map(([device]) => device),
        program,
      );
      for (const [device, resolve] of some) resolve(asked.then((looks) => looks.get(device) ?? null));
    }
  }

  async #look(devices: readonly string[], program: string): Promise<ReadonlyMap<string, Look>> {
    const { items } = await this.#controller.call<{ readonly items: readonly Look[] }>({
      method: 'POST',
      path: '/intents/look',
      body: { devices, notOlderThanS: this.#ageS, program },
      signal: AbortSignal.timeout(longestMs),
    });
    return new Map(items.flatMap((look) => [[look.device, look] as const, [look.deviceId, look] as const]));
  }
}

/** What is waited for, or why the question is not asked any more. */
function unlessAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    // Also of what nobody waits for any more the failure is heard: unheard, it would end this process.
    awaited.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}
