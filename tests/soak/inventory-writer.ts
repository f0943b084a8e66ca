import type { InventoryDocument } from '../../src/inventory/document.ts';

/** What the writer needs of a running controller. */
interface Target {
  post(path: string, body?: unknown): Promise<Response>;
  call(method: string, path: string, body?: unknown): Promise<Response>;
}

/** A group of things that is written by one import: all of it or nothing. */
function group(name: string): InventoryDocument {
  const [a, b] = [`${name}-a`, `${name}-b`];
  return {
    format: 'arung-inventory/1',
    contacts: [{ name, phone: '+62 811' }],
    sites: [
      // planned: what is written must not change what is polled
      { code: name, name, kind: 'agency', network: 'smart-office', rolloutStatus: 'planned', region: '73.08.21.1001' },
    ],
    devices: [a, b].map((device) => ({ name: device, site: name, role: 'switch' as const, protocol: 'none' as const })),
    interfaces: [a, b].map((device) => ({ device, name: 'eth0' })),
    links: [{ name, medium: 'copper', capacityBps: 1e9, a: `${a}:eth0`, b: `${b}:eth0` }],
  };
}

/** Things of one group that an export of the inventory has; a whole one has seven. */
export function thingsOf(document: InventoryDocument, name: string): number {
  const { contacts = [], sites = [], devices = [], interfaces = [], links = [] } = document;
  return (
    contacts.filter((one) => one.name === name).length +
    sites.filter((one) => one.code === name).length +
    devices.filter((one) => one.site === name).length +
    interfaces.filter((one) => one.device.startsWith(`${name}-`)).length +
    links.filter((one) => one.name === name).length
  );
}
export const wholeGroup = 7;

/**
 * Writes contacts, changes and removes some, and imports whole groups, from several hands at once, until the controller
 * is gone; remembers what was acknowledged and what hung in the air.
 */
export class InventoryWriter {
  /** By contact: its role as acknowledged last; null when its removal was acknowledged. */
  readonly contacts = new Map<string, string | null>();
  /** Contacts with a change under way when the controller went: either state is right. */
  readonly undecided = new Set<string>();
  readonly groups = new Set<string>();
  readonly undecidedGroups = new Set<string>();
  /** Answers that were neither a success nor a lost connection. */
  readonly refusals: string[] = [];
  #acknowledged = 0;
  #number = 0;
  #stopped = false;

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Resolves when every hand has lost its connection, or `stop` was called. */
  async run(target: Target, hands: number): Promise<void> {
    this.#stopped = false;
    await Promise.all(
      Array.from({ length: hands }, (_, hand) => (hand === 0 ? this.#import(target) : this.#write(target))),
    );
  }

  stop(): void {
    this.#stopped = true;
  }

  async #write(target: Target): Promise<void> {
    while (!this.#stopped) {
      const name = `saksi-${++this.#number}`;
      const path = `/api/v1/contacts/${name}`;
      this.undecided.add(name);
      const steps: [() => Promise<Response>, string | null][] = [
        [() => target.post('/api/v1/contacts', { name, role: 'satu' }), 'satu'],
        [() => target.call('PATCH', path, { role: 'dua' }), 'dua'],
      ];
      if (this.#number % 3 === 0) steps.push([() => target.call('DELETE', path), null]);
      let whole = true;
      for (const [request, role] of steps) {
        const answer = await this.#send(request);
        if (answer === 'gone') return;
        if (answer === 'acknowledged') this.contacts.set(name, role);
        else whole = false;
        if (!whole) break;
      }
      if (whole) this.undecided.delete(name);
    }
  }

  async #import(target: Target): Promise<void> {
    while (!this.#stopped) {
      const name = `kelompok-${++this.#number}`;
      this.undecidedGroups.add(name);
      const answer = await this.#send(() => target.post('/api/v1/inventory/import', group(name)));
      if (answer === 'gone') return;
      if (answer === 'refused') continue;
      this.undecidedGroups.delete(name);
      this.groups.add(name);
    }
  }

  async #send(request: () => Promise<Response>): Promise<'acknowledged' | 'refused' | 'gone'> {
    try {
      const answer = await request();
      const text = await answer.text();
      if (answer.ok) {
        this.#acknowledged++;
        return 'acknowledged';
      }
      this.refusals.push(`${answer.status} ${text.slice(0, 300)}`);
      await new Promise((done) => setTimeout(done, 500));
      return 'refused';
    } catch {
      return 'gone';
    }
  }
}
