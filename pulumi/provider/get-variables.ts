import type { Controller } from './controller.ts';
import { textOf, type Properties } from './values.ts';

interface Variable {
  readonly name: string;
  /** Null for a secret one. */
  readonly value: string | null;
}

/** Variables of a device or a site; one that is secret as what the controller fills in. */
export async function getVariables(args: Properties, controller: Controller, signal: AbortSignal): Promise<Properties> {
  const [device, site] = [textOf(args['device']), textOf(args['site'])];
  if ((device === '') === (site === '')) throw new Error('getVariables: give either a device or a site.');
  const { items } = await controller.call<{ readonly items: readonly Variable[] }>({
    method: 'GET',
    path: '/variables/resolved',
    query: device === '' ? { site } : { device },
    signal,
  });
  return { variables: Object.fromEntries(items.map(({ name, value }) => [name, value ?? `{{variable:${name}}}`])) };
}
