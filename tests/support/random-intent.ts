import * as fc from 'fast-check';
import type { MenuKind } from '../../agents/simulator/routeros/menu-kind.ts';
import { menuKinds } from '../../agents/simulator/routeros/menus/menus.ts';
import type { ValueKind } from '../../agents/simulator/routeros/values.ts';
import type { IntentFragment } from '../../src/domain/intent.ts';

/** Menus of the simulator in which something can be set. */
export const changeableMenus: readonly MenuKind[] = menuKinds.filter(
  ({ path, readOnly }) => readOnly !== true && path !== '/file' && path !== '/interface',
);

/** Property names whose values must be known ones for a device to take them. */
const known: Readonly<Record<string, readonly string[]>> = {
  'default-name': ['ether1', 'ether2'],
  'time-zone-name': ['Asia/Makassar', 'Asia/Jakarta'],
  group: ['read', 'full'],
  'start-time': ['startup', '03:00:00'],
  'start-date': ['2031-01-02'],
  // Scripts that would do something are not what is tried here.
  'on-event': [':log info "x"', ''],
};

function valueOf(name: string, kind: ValueKind): fc.Arbitrary<string> {
  const fixed = known[name];
  if (fixed !== undefined) return fc.constantFrom(...fixed);
  const octet = fc.integer({ min: 1, max: 250 });
  switch (kind.is) {
    case 'text':
      return kind.longest === undefined
        ? fc.constantFrom('satu', 'dua', 'Pattiró ✓', '10.9.0.2-10.9.0.9', '10.9.0.0/24', '80', 'established,related')
        : fc.constantFrom('rtr-x', 'rtr ✓');
    case 'bool':
      return fc.constantFrom('yes', 'no', 'true', 'false');
    case 'number':
      return fc.integer({ min: kind.least ?? 0, max: Math.min(kind.most ?? 9_000, 9_000) }).map(String);
    case 'time':
      return fc.constantFrom('5m', '00:10:00', '1d', '24h', '90');
    case 'address':
      return octet.map((last) => `10.7.0.${last}`);
    case 'prefix':
      return fc.tuple(octet, octet).map(([third, last]) => `10.7.${third}.${last}/24`);
    case 'mac':
      return octet.map((last) => `00:0c:42:00:00:${last.toString(16).padStart(2, '0')}`);
    case 'interface':
      return fc.constantFrom('bridge', 'ether1', 'ether2', 'lo');
    case 'one-of':
      return fc.constantFrom(...kind.values);
    case 'list':
      return fc.uniqueArray(valueOf(name, kind.of), { minLength: 1, maxLength: 3 }).map((values) => values.join(','));
  }
}

/** What the hardware has, so that a fragment of it names something. */
const own: Readonly<Record<string, readonly [property: string, ...names: string[]]>> = {
  '/interface/ethernet': ['default-name', 'ether1', 'ether2'],
  '/ip/service': ['name', 'ftp', 'telnet', 'winbox', 'ssh'],
};

/** A fragment of a menu with everything that it needs, and some of what it may have. */
export function fragmentOf(menu: MenuKind, key: string): fc.Arbitrary<IntentFragment> {
  const names = Object.entries(menu.properties).filter(([name]) => name !== 'default-name' && !(menu.fixed === true && name === 'name')); // prettier-ignore
  const required = names.filter(([, property]) => property.required === true).map(([name]) => name);
  const values = fc.record(Object.fromEntries(names.map(([name, { kind }]) => [name, valueOf(name, kind)])), {
    requiredKeys: required,
  }) as fc.Arbitrary<Record<string, string>>;
  const hardware = own[menu.path];
  const named = hardware === undefined ? fc.constant({}) : fc.constantFrom(...hardware.slice(1)).map((name) => ({ [hardware[0]]: name })); // prettier-ignore
  return fc.tuple(values, named).map(([some, name]) => ({ key, subject: menu.path, values: { ...some, ...name }, secret: [] })); // prettier-ignore
}
