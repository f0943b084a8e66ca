import type { Menu } from '../menu.ts';
import { bridgePortMenus, interfaceMenus } from './interfaces.ts';
import { addressMenus, clientMenus, firewallMenus } from './ip.ts';
import { accessMenus, clockMenus, systemMenus } from './system.ts';

/** In the order in which entries may lean on each other. */
const inOrder = [
  ...clockMenus,
  ...interfaceMenus,
  ...addressMenus,
  ...bridgePortMenus,
  ...firewallMenus,
  ...clientMenus,
  ...systemMenus,
  ...accessMenus,
];

/** Every menu that the driver knows more of than its path. */
export const knownMenus: ReadonlyMap<string, Menu> = new Map(
  inOrder.map((one, rank) => [one.path, { ...one, rank }] as const),
);

const clockPaths: ReadonlySet<string> = new Set(clockMenus.map(({ path }) => path));

export function movesTheClock({ path }: Menu): boolean {
  return clockPaths.has(path);
}

/**
 * The menu at a path. Of one that no table has it is taken that its entries have comments and are known by their names;
 * whether it has entries or is one set of settings, the device's answer tells.
 */
export function menuAt(path: string): Menu {
  return (
    knownMenus.get(path) ?? {
      path,
      shape: 'unknown',
      rank: inOrder.length,
      ordered: false,
      hasComment: true,
      keys: [['name']],
      properties: new Map(),
    }
  );
}
