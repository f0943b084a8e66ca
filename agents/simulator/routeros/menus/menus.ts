import type { MenuKind } from '../menu-kind.ts';
import { interfacesMenus } from './interfaces.ts';
import { ipMenus } from './ip.ts';
import { systemMenus } from './system.ts';

/** Every menu that a simulated router has. */
export const menuKinds: readonly MenuKind[] = [...interfacesMenus, ...ipMenus, ...systemMenus];
