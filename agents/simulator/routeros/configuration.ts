import { createPublicKey, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { Menu, type Entry, type MenuState } from './menu.ts';
import { menuKinds } from './menus/menus.ts';
import { trap } from './trap.ts';

/** The menus whose entries are interfaces, and the `type` that `/interface` shows of them. */
const interfaceTypes: Readonly<Record<string, string>> = {
  '/interface/ethernet': 'ether',
  '/interface/bridge': 'bridge',
  '/interface/vlan': 'vlan',
  '/interface/wireguard': 'wg',
};

/** Everything that is set on one device. A backup is a copy of it. */
export class RouterConfiguration {
  readonly #menus = new Map<string, Menu>();
  /** Interfaces that no menu here makes: `lo`, a modem, a radio. */
  readonly #others: Entry[] = [];
  #lastId = 0;

  constructor() {
    const context = { isInterface: (name: string) => this.interfaceNamed(name) !== null };
    for (const kind of menuKinds) {
      this.#menus.set(kind.path, new Menu(kind, context, () => (this.#lastId += 1)));
    }
  }

  /** The menu at a path such as `/ip/address`; throws a Trap. */
  menu(path: string): Menu {
    const found = this.#menus.get(path);
    if (found === undefined) throw trap('no such command prefix', 'missing');
    return found;
  }

  isMenu(path: string): boolean {
    return this.#menus.has(path);
  }

  get menus(): Iterable<Menu> {
    return this.#menus.values();
  }

  /** An interface that the device has by itself, beside its Ethernet ports. */
  plantInterface(name: string, type: string): void {
    this.#lastId += 1;
    this.#others.push({ id: this.#lastId, values: new Map([['name', name], ['type', type]]) }); // prettier-ignore
  }

  /** Every interface with the menu that made it; null for the device's own. */
  *interfaces(): Iterable<{ readonly entry: Entry; readonly menu: Menu | null; readonly type: string }> {
    for (const [path, type] of Object.entries(interfaceTypes)) {
      const menu = this.menu(path);
      for (const entry of menu.entries) yield { entry, menu, type };
    }
    for (const entry of this.#others) yield { entry, menu: null, type: entry.values.get('type') ?? '' };
  }

  interfaceNamed(name: string): { readonly entry: Entry; readonly menu: Menu | null; readonly type: string } | null {
    for (const one of this.interfaces()) if (one.entry.values.get('name') === name) return one;
    return null;
  }

  /** Adds an entry; a WireGuard interface without a key gets one, as on the device. */
  add(path: string, given: ReadonlyMap<string, string>): Entry {
    const values = new Map(given);
    if (path === '/interface/wireguard' && !values.has('private-key')) values.set('private-key', newPrivateKey());
    const name = given.get('name');
    if (interfaceTypes[path] !== undefined && name !== undefined && this.interfaceNamed(name) !== null) {
      throw trap('failure: already have interface with such name');
    }
    return this.menu(path).add(values);
  }

  /** Changes an entry; where it is an interface that gets another name, what points at it follows. */
  set(menu: Menu, entry: Entry, given: ReadonlyMap<string, string>): void {
    const before = entry.values.get('name');
    menu.set(entry, given);
    const after = entry.values.get('name');
    if (interfaceTypes[menu.kind.path] === undefined || before === undefined || after === undefined) return;
    if (before !== after) this.#renamed(before, after);
  }

  remove(menu: Menu, entry: Entry): void {
    menu.remove(entry);
    const name = entry.values.get('name');
    if (interfaceTypes[menu.kind.path] !== undefined && name !== undefined) {
      this.#renamed(name, `*${entry.id.toString(16).toUpperCase()}`);
    }
  }

  state(): readonly MenuState[] {
    return [...this.#menus.values()].filter(({ kind }) => !keptApart.has(kind.path)).map((menu) => menu.state());
  }

  restore(state: readonly MenuState[]): void {
    for (const one of state) this.#menus.get(one.path)?.restore(one);
  }

  /** All that a device without power holds; ids are never used again. */
  held(): { readonly lastId: number; readonly menus: readonly MenuState[] } {
    return { lastId: this.#lastId, menus: this.state() };
  }

  resume({ lastId, menus }: ReturnType<RouterConfiguration['held']>): void {
    this.restore(menus);
    this.#lastId = Math.max(this.#lastId, lastId);
  }

  #renamed(from: string, to: string): void {
    for (const menu of this.#menus.values()) menu.renamed(from, to);
  }
}

/** Not in a backup. */
const keptApart = new Set(['/file', '/log']);

/** Clamped as WireGuard's keys are (RFC 7748, section 5), base64. */
function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('x25519');
  return privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('base64');
}

const pkcs8Head = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** The public key of a WireGuard private key, both base64; empty when it is no key. */
export function wireguardPublicKey(privateKey: string): string {
  const raw = Buffer.from(privateKey, 'base64');
  if (raw.length !== 32) return '';
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, raw]), format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
}
