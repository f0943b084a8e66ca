import { Refused } from './controller.ts';
import type { Context } from './resource.ts';
import { mustBeGone } from './sight.ts';

export interface Removing {
  /** As a person calls it. */
  readonly what: string;
  readonly context: Context;
  /** Code of the refusal that says that it is gone, where that is no 404. */
  readonly done?: string;
}

/** Waits for the end of something that takes a thing away. That it is gone already is no error. */
export async function withdrawn(removal: Promise<unknown>, { what, context, done }: Removing): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === done) return;
    if (error.status === 404) return error.code.endsWith('.not-found') ? mustBeGone(what, context) : undefined;
    if (error.code !== 'inventory.in-use') throw error;
    const keep = `Where it shall stay in Arung and only leave the program: \`pulumi state delete '${context.urn}'\`.`;
    throw new Error(`${what}: ${error.message} ${keep}`, { cause: error });
  }
}
