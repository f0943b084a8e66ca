import { readInventory } from '../../data/bone/demo.ts';
import { everyDevice, type Demo } from '../support/demo.ts';
import { linksToCut, Oracle, shuffled } from './cutting.ts';

/** Something that is broken for a while: a link that is cut, or a router that is rebooted (gone for 35 s). */
export interface Break {
  readonly kind: 'link' | 'device';
  readonly name: string;
  /** Devices that are dark while it lasts. */
  readonly dark: ReadonlySet<string>;
  /** Other names that look exactly the same from outside: what is silent is the same. */
  readonly alike: ReadonlySet<string>;
}

export interface Told {
  readonly what: Break;
  /** Null when all was right. */
  readonly wrong: string | null;
  /** The very thing was named; false: one that looks the same was. */
  readonly exact: boolean;
  /** From the cut to the message in the inbox; null when none was due. */
  readonly ms: number | null;
}

interface ShownIncident {
  readonly id: string;
  readonly name: string;
  readonly severity: string;
  readonly state: string;
  readonly cause: { readonly kind: string | null; readonly name: string; readonly reason: string | null };
}

interface ShownNotice {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly person: { readonly id: string } | null;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
/** A terminal is missed only after a while; the last word on what is told comes 15 s after that. */
const waitMs = 75_000;
/** What else is told of it comes within so long. */
const holdMs = 4_000;

/** Links and routers in turn, mixed, the same for the same seed: two links for each router. */
export async function breaksOf(demo: Demo, count: number, seed: number): Promise<readonly Break[]> {
  const inventory = readInventory();
  const ends = new Map((inventory.links ?? []).map(({ name, a, b }) => [name, [a, b].map(deviceOf)]));
  const oracle = new Oracle();
  const routers = (inventory.devices ?? []).filter(({ role }) => role === 'router').map(({ name }) => name);
  const killed = shuffled(routers, seed).slice(0, Math.floor(count / 3));
  const cut = await linksToCut(demo, { between: Number.POSITIVE_INFINITY, inside: Number.POSITIVE_INFINITY });
  const links = shuffled(cut, seed).slice(0, count - killed.length);
  const breaks = [
    ...links.map(({ name }): Break => {
      const dark = oracle.darkWithout(name);
      // a cut just before a device and the end of that device darken the same
      const alike = (ends.get(name) ?? []).filter(
        (device) => dark.has(device) && same(dark, oracle.darkWhenOff(device)),
      );
      return { kind: 'link', name, dark, alike: new Set(alike) };
    }),
    ...killed.map((name): Break => {
      const dark = oracle.darkWhenOff(name);
      const beside = [...ends].filter(([, both]) => both.includes(name)).map(([link]) => link);
      return {
        kind: 'device',
        name,
        dark,
        alike: new Set(beside.filter((link) => same(dark, oracle.darkWithout(link)))),
      };
    }),
  ];
  return shuffled(breaks, seed + 1);
}

function deviceOf(port: string): string {
  return port.split(':')[0] ?? '';
}

function same(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((device) => other.has(device));
}

/** Everybody may be told at any hour, so that what is no matter of life and death is not told at eight in the morning. */
export async function wakeEverybody(demo: Demo): Promise<readonly string[]> {
  const { items } = await demo.get<{ items: { id: string }[] }>('/api/v1/people?limit=200');
  for (const { id } of items) {
    const answer = await demo.call('PATCH', `/api/v1/people/${id}`, { workingHours: [], quietHours: null });
    if (!answer.ok) throw new Error(`PATCH person: ${answer.status} ${await answer.text()}`);
  }
  return items.map(({ id }) => id);
}

/** Breaks things one after the other and looks at what is told of each. */
export class Telling {
  readonly #demo: Demo;
  readonly #people: readonly string[];
  readonly #known = new Set<string>();

  constructor(demo: Demo, people: readonly string[]) {
    this.#demo = demo;
    this.#people = people;
  }

  /** Incidents that are there already are no news. */
  async begin(): Promise<void> {
    for (const { id } of await this.#news()) this.#known.add(id);
  }

  async tell(what: Break): Promise<Told> {
    const path = `/api/v1/simulator/${what.kind}s/${encodeURIComponent(what.name)}`;
    const broken = await this.#demo.post(`${path}/${what.kind === 'link' ? 'cut' : 'reboot'}`);
    if (!broken.ok) throw new Error(`${what.name} could not be broken: ${await broken.text()}`);
    const started = performance.now();
    let ms: number | null = null;
    while (ms === null && performance.now() - started < waitMs) {
      if ((await this.#arrived()).length > 0) ms = performance.now() - started;
      else if (what.dark.size === 0 && (await this.#isQuietlyKnown())) break;
      else await pause(100);
    }
    await pause(holdMs);
    const incidents = await this.#news();
    const arrived = await this.#arrived();
    if (what.kind === 'link') await this.#demo.post(`${path}/restore`);
    await this.#demo.until((status) => status.devices.up === everyDevice, 180_000);
    for (const { id } of incidents) this.#known.add(id);
    const names = incidents.map(({ cause }) => cause.name);
    const exact = names.length === 1 && names[0] === what.name;
    const isTrue = exact || (names.length === 1 && what.alike.has(names[0] ?? ''));
    const isInfo = incidents.every(({ severity }) => severity === 'info');
    const right = isTrue && arrived.length === (isInfo ? 0 : 1) && arrived.every(({ kind }) => kind === 'opened');
    const wrong = right
      ? null
      : `${incidents.map(({ name, cause, state, severity }) => `${name} ${state} ${severity} by ${cause.name}`).join('; ') || 'no incident'}; ` +
        `told ${arrived.map(({ kind }) => kind).join(', ') || 'nothing'}; ${what.dark.size} dark`;
    return { what, wrong, exact, ms };
  }

  /** An incident is there and for the digest only. */
  async #isQuietlyKnown(): Promise<boolean> {
    const incidents = await this.#news();
    return incidents.length > 0 && incidents.every(({ severity }) => severity === 'info');
  }

  async #news(): Promise<readonly ShownIncident[]> {
    const { items } = await this.#demo.get<{ items: ShownIncident[] }>('/api/v1/incidents?state=all&limit=50');
    // What turned out to be another one goes on as that.
    // Nor is what a rule keeps for the digest: clocks of terminals drift, whatever is cut.
    return items.filter(
      ({ id, state, severity, cause }) =>
        state !== 'merged' && !(severity === 'info' && cause.reason === 'rule') && !this.#known.has(id),
    );
  }

  /** Messages about the news that lie in the inbox of their person. */
  async #arrived(): Promise<readonly ShownNotice[]> {
    const found: ShownNotice[] = [];
    for (const { id } of await this.#news()) {
      const { notices } = await this.#demo.get<{ notices: ShownNotice[] }>(`/api/v1/incidents/${id}`);
      for (const notice of notices) {
        if (notice.state !== 'sent' && notice.state !== 'read' && notice.state !== 'delivered') continue;
        if (await this.#isInInbox(notice)) found.push(notice);
      }
    }
    return found;
  }

  async #isInInbox({ id, person }: ShownNotice): Promise<boolean> {
    const { items } = await this.#demo.get<{ items: { id: string }[] }>(`/api/v1/inbox?person=${person?.id ?? ''}`);
    return items.some((message) => message.id === id);
  }

  /** Messages in all inboxes, by what they say; `resolved` ones follow a minute after each repair. */
  async inboxes(): Promise<ReadonlyMap<string, number>> {
    const kinds = new Map<string, number>();
    for (const person of this.#people) {
      let next: string | null = '';
      while (next !== null) {
        const after: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
        const page: { items: { kind: string }[]; next: string | null } = await this.#demo.get(
          `/api/v1/inbox?person=${person}&limit=200${after}`,
        );
        for (const { kind } of page.items) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        next = page.next;
      }
    }
    return kinds;
  }
}
