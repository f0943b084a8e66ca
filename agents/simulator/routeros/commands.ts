import { exported } from './export.ts';
import type { RouterConfiguration } from './configuration.ts';
import { Facts } from './facts.ts';
import { idText, type Entry, type Menu, type Row } from './menu.ts';
import { matches } from './query.ts';
import type { RouterHost } from './router.ts';
import { openBackup, sealBackup, type Storage } from './storage.ts';
import { trap } from './trap.ts';

/** A command, whoever gives it: the API, REST, a script. */
export interface Command {
  /** `/ip/address/print`. */
  readonly path: string;
  readonly arguments: ReadonlyMap<string, string>;
  /** Query words, `?…`. */
  readonly queries: readonly string[];
  /** Who gives it; without one the device does it by itself, and tells nobody. */
  readonly by?: string;
}

export interface Answer {
  readonly rows: readonly Row[];
  /** What `!done` brings: the id of what was added, a count. */
  readonly ret: string | null;
  /** The session ends: the device starts anew. */
  readonly ends?: true;
}

const nothing: Answer = { rows: [], ret: null };
/** Steer a command and are no parameter of the entry. */
const printWords = new Set(['.proplist', 'detail', 'count-only', 'stats', 'terse', 'without-paging', 'as-value', 'brief', 'from', 'where', 'show-ids', 'show-sensitive', 'append', 'interval', 'follow', 'follow-only']); // prettier-ignore

/** Runs commands on one device. */
export class Commands {
  readonly facts: Facts;
  readonly #configuration: RouterConfiguration;
  readonly #host: RouterHost;
  readonly #storage: Storage;
  readonly #runScript: (source: string, by: string | undefined) => void;
  readonly #reboot: (meanwhile: () => void) => void;

  constructor(options: {
    readonly configuration: RouterConfiguration;
    readonly host: RouterHost;
    readonly storage: Storage;
    /** Runs what a file or a script says, for whoever asked for it. */
    readonly runScript: (source: string, by: string | undefined) => void;
    /** Goes down, does something meanwhile, starts anew. */
    readonly reboot: (meanwhile: () => void) => void;
  }) {
    this.#configuration = options.configuration;
    this.#host = options.host;
    this.#storage = options.storage;
    this.#runScript = options.runScript;
    this.#reboot = options.reboot;
    this.facts = new Facts(options.configuration, options.host);
  }

  /** Throws a Trap. */
  run(command: Command): Answer {
    const slash = command.path.lastIndexOf('/');
    const menuPath = command.path.slice(0, slash);
    const verb = command.path.slice(slash + 1);
    const whole = this.#wholeCommand(command);
    if (whole !== null) return whole;
    const menu = this.#configuration.menu(menuPath);
    switch (verb) {
      case 'print':
      case 'getall':
        return this.#print(menu, command);
      case 'add': {
        const entry = this.#configuration.add(menuPath, command.arguments);
        this.#host.changed();
        return { rows: [], ret: idText(entry.id) };
      }
      case 'set':
        return this.#set(menu, command.arguments);
      case 'remove':
        for (const { menu: owner, entry } of this.#targets(menu, command.arguments))
          this.#configuration.remove(owner, entry);
        this.#host.changed();
        return nothing;
      case 'enable':
      case 'disable': {
        const values = new Map([['disabled', verb === 'disable' ? 'yes' : 'no']]);
        for (const { menu: owner, entry } of this.#targets(menu, command.arguments)) owner.set(entry, values);
        this.#host.changed();
        return nothing;
      }
      case 'comment': {
        const values = new Map([['comment', command.arguments.get('comment') ?? '']]);
        for (const { menu: owner, entry } of this.#targets(menu, command.arguments)) owner.set(entry, values);
        this.#host.changed();
        return nothing;
      }
      case 'unset':
        for (const { menu: owner, entry } of this.#targets(menu, command.arguments)) {
          owner.unset(entry, command.arguments.get('value-name') ?? '');
        }
        this.#host.changed();
        return nothing;
      case 'move': {
        const before = command.arguments.get('destination');
        menu.move(
          this.#targets(menu, command.arguments).map(({ entry }) => entry),
          before === undefined ? null : menu.find(before),
        );
        this.#host.changed();
        return nothing;
      }
      default:
        throw trap('no such command', 'missing');
    }
  }

  /** The rows of a menu with everything that `print` shows. */
  rows(menu: Menu): Row[] {
    const { path } = menu.kind;
    if (path === '/interface') {
      return [...this.#configuration.interfaces()].map(({ entry, menu: owner, type }) => ({
        '.id': idText(entry.id),
        ...(owner === null ? Object.fromEntries(entry.values) : pick(owner.rowOf(entry), menu)),
        type,
        ...this.facts.of(path, entry),
      }));
    }
    if (path === '/file') {
      return [...this.#storage.files].map(({ name, type, content }, i) => ({
        '.id': idText(i + 1),
        name,
        type,
        size: String(content.length),
        ...(type === 'backup' || type === 'disk' || content.length > 61_440
          ? {}
          : { contents: content.toString('utf8') }),
      }));
    }
    const status = this.facts.status(path);
    if (status !== null) return [status];
    return menu.entries.map((entry) => {
      const row = { ...menu.rowOf(entry), ...this.facts.of(path, entry) };
      if (path === '/user') delete row['password'];
      return menu.kind.single === true ? row : { '.id': idText(entry.id), ...row };
    });
  }

  /** Commands that belong to no entry; null for the others. */
  #wholeCommand({ path, arguments: given, by }: Command): Answer | null {
    switch (path) {
      case '/system/reboot':
        this.#reboot(() => undefined);
        return { ...nothing, ends: true };
      case '/system/backup/save': {
        const name = given.get('name') ?? this.#host.name;
        const file = name.endsWith('.backup') ? name : `${name}.backup`;
        const content = sealBackup(this.#configuration.state(), given.get('password') ?? '');
        this.#storage.put({ name: file, type: 'backup', content });
        return nothing;
      }
      case '/system/backup/load': {
        const name = given.get('name') ?? '';
        const file = this.#storage.get(name.endsWith('.backup') ? name : `${name}.backup`);
        const state = openBackup(file.content, given.get('password') ?? '');
        this.#reboot(() => this.#configuration.restore(state));
        return { ...nothing, ends: true };
      }
      case '/export': {
        const heading = `# ${new Date(this.#host.clockS() * 1_000).toISOString().slice(0, 19).replace('T', ' ')} by RouterOS ${this.#host.firmware}`;
        const text = exported(this.#configuration, { heading, showSensitive: given.has('show-sensitive') });
        const name = given.get('file');
        if (name === undefined) return { rows: [], ret: text };
        this.#storage.put({
          name: name.endsWith('.rsc') ? name : `${name}.rsc`,
          type: 'script',
          content: Buffer.from(text),
        });
        return nothing;
      }
      case '/import':
        this.#runScript(this.#storage.get(given.get('file-name') ?? '').content.toString('utf8'), by);
        return nothing;
      case '/system/script/run': {
        const menu = this.#configuration.menu('/system/script');
        const [script] = this.#targets(menu, given);
        if (script !== undefined) this.#runScript(script.entry.values.get('source') ?? '', by);
        return nothing;
      }
      case '/file/remove': {
        const known = [...this.#storage.files];
        for (const wanted of idsOf(given)) {
          const name = known.find((file, i) => file.name === wanted || idText(i + 1) === wanted)?.name;
          if (name === undefined || !this.#storage.delete(name)) throw trap('no such item', 'missing');
        }
        return nothing;
      }
      default:
        return null;
    }
  }

  #print(menu: Menu, { arguments: given, queries }: Command): Answer {
    for (const name of given.keys())
      if (!printWords.has(name) && name !== '.id') throw trap(`unknown parameter ${name}`, 'argument');
    const id = given.get('.id') ?? given.get('from');
    let rows = this.rows(menu).filter((row) => matches(row, queries));
    if (id !== undefined) {
      const wanted = id.split(',');
      rows = rows.filter((row) => wanted.includes(row['.id'] ?? '') || wanted.includes(row['name'] ?? ''));
    }
    if (given.has('count-only')) return { rows: [], ret: String(rows.length) };
    const shown = given.get('.proplist')?.split(',');
    if (shown === undefined || shown.join('') === '') return { rows, ret: null };
    return { rows: rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => shown.includes(name)))), ret: null }; // prettier-ignore
  }

  #set(menu: Menu, given: ReadonlyMap<string, string>): Answer {
    const values = new Map([...given].filter(([name]) => name !== '.id' && name !== 'numbers'));
    for (const { menu: owner, entry } of this.#targets(menu, given)) this.#configuration.set(owner, entry, values);
    this.#host.changed();
    return nothing;
  }

  /** The entries that a command names, each with the menu that owns it. */
  #targets(menu: Menu, given: ReadonlyMap<string, string>): { readonly menu: Menu; readonly entry: Entry }[] {
    if (menu.kind.single === true) return menu.entries.map((entry) => ({ menu, entry }));
    const ids = idsOf(given);
    if (ids.length === 0) throw trap('missing value(s) of argument(s) numbers', 'argument');
    if (menu.kind.path !== '/interface') return ids.map((id) => ({ menu, entry: menu.find(id) }));
    return ids.map((id) => {
      for (const { entry, menu: owner } of this.#configuration.interfaces()) {
        if (idText(entry.id) !== id.toUpperCase() && entry.values.get('name') !== id) continue;
        if (owner === null) throw trap('failure: can not change this interface');
        return { menu: owner, entry };
      }
      throw trap('no such item', 'missing');
    });
  }
}

function idsOf(given: ReadonlyMap<string, string>): string[] {
  const text = given.get('.id') ?? given.get('numbers') ?? '';
  return text === '' ? [] : text.split(',');
}

/** What a menu shows of a row that another one owns. */
function pick(row: Row, menu: Menu): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => menu.kind.properties[name] !== undefined));
}
