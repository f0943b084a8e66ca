import { secretWords } from '../../../src/provisioning/drivers/cli/secrets.ts';
import { knownMenus } from '../../../src/provisioning/drivers/routeros/menus/menus.ts';
import { settings } from '../../../src/provisioning/drivers/zkteco/settings.ts';
import type { Canaries } from '../canaries.ts';
import type { Said } from './stack.ts';

/**
 * Programs with a canary in every field that takes a secret, by the drivers' own tables: a menu or word that is added there
 * is in them, or `canaryPrograms` says what is missing. `mark` makes all secrets others.
 */
type Resources = Said['resources'];

export const devices = { router: 'rtr-c-01', switch: 'sw-b-01', ios: 'sw-c-01', terminal: 'abs-d-01', refusing: 'rtr-d-01' }; // prettier-ignore

/** What an entry of a menu needs beside its secrets, of the simulator's menus. */
const bases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/interface/wireguard': { name: 'wg9' },
  '/interface/wireguard/peers': { interface: 'wg9', 'public-key': Buffer.alloc(32, 3).toString('base64') },
  '/snmp': { enabled: 'yes' },
  '/snmp/community': {},
  '/user': { name: 'ops', group: 'read' },
};

/** Menus that no table of the driver has and no simulated router: what is staged for them is refused there. */
const unknownMenus: Readonly<Record<string, readonly [Readonly<Record<string, string>>, string]>> = {
  '/ppp/secret': [{ name: 'desa' }, 'password'],
  '/interface/l2tp-client': [{ name: 'l2tp1', user: 'desa' }, 'password'],
  '/interface/wifi/security': [{ name: 'kantor' }, 'passphrase'],
  '/ip/ipsec/identity': [{ name: 'hub', peer: 'hub' }, 'secret'],
  '/radius': [{ name: 'pusat', address: '10.73.0.9' }, 'secret'],
  '/tool/e-mail': [{ name: 'surel' }, 'password'],
  // Nothing tells that it is one, but the program.
  '/ip/dhcp-server/option': [{ name: 'kode', code: '125' }, 'value'],
};

interface Planted {
  readonly key: string;
  readonly subject: string;
  /** Texts, and what stands for a secret of the configuration. */
  readonly values: object;
}

/** As the API takes one. */
export interface CanaryFragment {
  readonly key: string;
  readonly subject: string;
  readonly values: Readonly<Record<string, string>>;
  readonly secret: readonly string[];
}

export class CanaryPrograms {
  readonly #canaries: Canaries;
  /** Secrets by name: the program takes them from its configuration. */
  readonly secrets: Record<string, string> = {};

  constructor(canaries: Canaries) {
    this.#canaries = canaries;
  }

  /** Everything that the simulated devices take. */
  taken(mark: string): Resources {
    return [
      { type: 'DeviceIntent', name: 'router', args: { device: devices.router, fragments: this.#menus(mark) } },
      {
        type: 'SwitchConfig',
        name: 'switch',
        args: {
          device: devices.switch,
          sections: {
            global: {
              'username.kedua': this.#secret(`username.business ${mark}`, (text) => `password ${text} privilege 1`),
              // Beside the one by which it is polled.
              'snmp-server.community': this.#secret(`community.business ${mark}`, (text) => `${text} ro\nrahasia ro`),
            },
          },
        },
      },
      {
        type: 'SwitchConfig',
        name: 'ios',
        args: {
          device: devices.ios,
          sections: {
            global: { 'username.kedua': this.#secret(`username.ios ${mark}`, (text) => `privilege 1 secret ${text}`) },
            // Nothing but the program tells that it is one.
            'vlan 30': { name: this.#secret(`vlan.ios ${mark}`) },
          },
        },
      },
      { type: 'AttendanceTerminal', name: 'terminal', args: { device: devices.terminal, ...this.#settings(mark) } },
      {
        type: 'NotificationRoute',
        name: 'jaga',
        args: { name: 'Meja Jaga', channels: [{ channel: 'inbox', address: 'meja-jaga' }] },
      },
    ];
  }

  /** The same of a router and a terminal as fragments of the API, with the secrets as they are. */
  fragments(mark: string): {
    readonly router: readonly CanaryFragment[];
    readonly terminal: readonly CanaryFragment[];
  } {
    const terminal = Object.entries(this.#settings(mark)).map(([subject, values]) => ({ key: subject, subject, values: values as object })); // prettier-ignore
    return { router: this.#menus(mark).map((one) => this.#plain(one)), terminal: terminal.map((one) => this.#plain(one)) }; // prettier-ignore
  }

  /** Of menus that no simulated router knows, likewise. */
  refusedFragments(mark: string): readonly CanaryFragment[] {
    return this.refused(mark).map(({ name, args }) => {
      const { menu, values } = args as { readonly menu: string; readonly values: object };
      return this.#plain({ key: name, subject: menu, values });
    });
  }

  /** What no simulated device takes: each is staged, and refused when it is rolled out. */
  refused(mark: string): Resources {
    return Object.entries(unknownMenus).map(([menu, [base, property]]) => ({
      type: 'RouterosItem',
      name: menu.slice(1).replaceAll('/', '-'),
      args: { device: devices.refusing, menu, values: { ...base, [property]: this.#secret(`${menu} ${mark}`) } },
    }));
  }

  /** One line of a switch that begins with each word behind which a secret stands; no simulated one knows them. */
  words(mark: string): Resources {
    const lines = secretWords.map((word) => [`uji.${word}`, this.#secret(`line ${word} ${mark}`)] as const);
    return [
      {
        type: 'SwitchConfig',
        name: 'words',
        args: { device: devices.switch, sections: { global: Object.fromEntries(lines) } },
      },
    ];
  }

  /** Every secret property of every menu that the driver has a table of. Throws where it is not known how one is made. */
  #menus(mark: string): readonly Planted[] {
    const fragments = [...knownMenus.values()].flatMap((menu) => {
      const names = [...menu.properties].flatMap(([name, { secret }]) => (secret ? [name] : []));
      if (names.length === 0) return [];
      const base = bases[menu.path];
      if (base === undefined) throw new Error(`Say in canary-program.ts what an entry of ${menu.path} needs.`);
      const secrets = names.map((name) => [name, this.#property(menu.path, name, mark)] as const);
      return [{ key: menu.path.slice(1).replaceAll('/', '-'), subject: menu.path, values: { ...base, ...Object.fromEntries(secrets) } }]; // prettier-ignore
    });
    const script = this.#secret(`script ${mark}`, (text) => `/tool fetch url="https://x" password="${text}"`);
    return [
      ...fragments,
      { key: 'kirim', subject: '/system/script', values: { name: 'kirim', source: script } },
      // Nothing but the program, and a variable, tells that these are secrets.
      { key: 'catatan', subject: '/system/note', values: { note: this.#secret(`note ${mark}`) } },
      {
        key: 'kolam',
        subject: '/ip/pool',
        values: { name: 'uji', ranges: '10.200.0.10-10.200.0.99', comment: '{{variable:sandi}}' },
      },
    ];
  }

  /** A driver knows of no secret that only a person names: all of them are named. */
  #plain({ values, ...fragment }: Planted): CanaryFragment {
    const given = Object.entries(values).map(([name, value]: [string, unknown]) => {
      const at = typeof value === 'object' && value !== null && 'at' in value ? String(value.at) : null;
      return { name, isSecret: at !== null, text: at === null ? String(value) : (this.secrets[at] ?? '') };
    });
    return {
      ...fragment,
      values: Object.fromEntries(given.map(({ name, text }) => [name, text])),
      secret: given.filter(({ isSecret }) => isSecret).map(({ name }) => name),
    };
  }

  #property(menu: string, name: string, mark: string): object {
    const key = `${menu} ${name} ${mark}`;
    return name === 'private-key' || name === 'preshared-key' ? this.#kept(key, this.#canaries.key(key)) : this.#secret(key); // prettier-ignore
  }

  #settings(mark: string): object {
    const found: Record<string, Record<string, object>> = {};
    for (const { subject, property, secret } of settings) {
      if (!secret) continue;
      const name = `${subject}.${property} ${mark}`;
      const digits = String(700_000 + (Object.keys(this.secrets).length % 100) * 1_009 + 137);
      (found[subject] ??= {})[property] = this.#kept(name, this.#canaries.digits(name, digits));
    }
    return found;
  }

  #secret(name: string, within: (text: string) => string = (text) => text): object {
    return this.#kept(name, within(this.#canaries.text(name)));
  }

  /** How the program says a secret: by its place in the configuration. */
  #kept(name: string, text: string): object {
    this.secrets[name] = text;
    return { $config: 'kenari', at: name };
  }
}
