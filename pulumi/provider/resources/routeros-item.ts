import { FragmentResource } from './fragment-resource.ts';

/** An entry of a menu of RouterOS. */
export const routerosItem = new FragmentResource({
  type: 'RouterosItem',
  keyOf: ({ name }) => name.toLowerCase(),
  hasOrder: true,
});
