import type { Context, State } from './resource.ts';

type Asking = Pick<Context, 'controller' | 'signal' | 'status' | 'urn'>;

/** It has no inputs yet: the engine asks what there is to import. */
export function isImport({ inputs }: Pick<State, 'inputs'>): boolean {
  return Object.keys(inputs).length === 0;
}

/** The first one says all; a token of another region would have every resource of a program say it. */
let isSaid = false;

/**
 * Of something that the state has and Arung does not show. To whoever may not see it, Arung says the same as where there
 * is none: so only a token for all regions can tell that it is gone. Any other is told so, and the state keeps it.
 * @param what as a person calls it: `rtr-kahu-01`.
 */
export async function mustBeGone(what: string, { controller, signal, status, urn }: Asking): Promise<void> {
  const regions = await controller.regions({ signal, status });
  if (regions === 'everywhere') return;
  if (isSaid) throw new Error(`${what} is not to be seen with this token either, and stays in the state: \`${urn}\`.`);
  isSaid = true;
  throw new Error(
    `${what} is not to be seen with this token, which is for ${regions.join(', ') || 'no region'} only; it may stand elsewhere all the same, ` +
      `and stays in the state. Take a token for its region or for all (\`./arung token create\`); ` +
      `where it is gone from Arung indeed, \`pulumi state delete '${urn}'\` takes it out of the state.`,
  );
}
