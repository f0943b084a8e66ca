import { FragmentResource } from './fragment-resource.ts';

/** Settings of a menu of RouterOS that has no entries. */
export const routerosSettings = new FragmentResource({
  type: 'RouterosSettings',
  keyOf: (_context, menu) => menu.slice(1).replaceAll('/', '.'),
  hasOrder: false,
});
