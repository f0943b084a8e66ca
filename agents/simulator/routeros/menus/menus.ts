import type { MenuKind } from '../menu-kind.ts';
import { interfacesMenus } from './interfaces.ts';
import { ipMenus } from './ip.ts';
import { systemMenus } from './system.ts';

/** Every menu that a simulated router has. */
export const menuKinds: readonly MenuKind[] = [...interfacesMenus, ...ipMenus, ...systemMenus];

/** Where a command line can stand: the menus, what lies above them, and the one that has commands only. */
export const places: ReadonlySet<string> = new Set([
  ...menuKinds.flatMap(({ path }) => path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'))),
  '/system/backup',
]);
