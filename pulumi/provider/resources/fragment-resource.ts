import { changesOf } from '../changes.ts';
import { asFound, checked, deviceFault, driftOf, isAsKnown, ownerFault, partsOf, stage, staged } from '../fragments.ts';
import type { Fragment, Part, SeenFragment } from '../fragments.ts';
import { normalised } from '../fragment-text.ts';
import { Refused } from '../controller.ts';
import type { Drift } from '../looks.ts';
import type { Change, Context, Failure, Resource, State } from '../resource.ts';
import { foretell } from '../there-already.ts';
import { isObject, isUnknown, secret, textOf, unknown, untold, type Properties } from '../values.ts';
import { withdrawn, type Removing } from '../withdrawn.ts';

const driver = 'routeros';
const keyPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** One fragment of the intent of a router, staged by itself. Id: `rtr-kahu-01/ip/address#lan`. */
export class FragmentResource implements Resource {
  readonly type: string;
  readonly #keyOf: (context: Context, menu: string) => string;
  readonly #hasOrder: boolean;
  /** Which resource of this run says what of a key of a device: two would take turns. */
  readonly #said = new Map<string, string>();

  constructor(options: {
    readonly type: string;
    /** Key of a fragment that the program gives none. */
    readonly keyOf: (context: Context, menu: string) => string;
    readonly hasOrder: boolean;
  }) {
    this.type = options.type;
    this.#keyOf = options.keyOf;
    this.#hasOrder = options.hasOrder;
  }

  async check(given: Properties, context: Context) {
    const { device = '', menu = '' } = given;
    const key = given['key'] ?? (menu === unknown ? unknown : this.#keyOf(context, textOf(menu)));
    const fragment = { key: String(key), subject: String(menu), order: 0, values: normalised(given['values']) };
    const result = await checked(driver, [fragment], placeOf, context);
    const inputs: Properties = {
      device,
      menu,
      key,
      ...(this.#hasOrder ? { order: given['order'] ?? 0 } : {}),
      // The whole is not known yet: what is in it, neither.
      values: given['values'] === unknown ? unknown : (result.fragments[0]?.values ?? {}),
    };
    const failures = given['values'] === unknown ? [] : result.failures;
    return {
      inputs,
      failures: [...deviceFault(device), ...ownerFault(context), ...this.#keyFaults(inputs, context), ...failures],
    };
  }

  #keyFaults({ device = '', key = '' }: Properties, { urn }: Context): readonly Failure[] {
    if (isUnknown(device) || isUnknown(key)) return [];
    if (!keyPattern.test(textOf(key))) {
      const reason = `${JSON.stringify(key)} must be 1 to 64 of a-z, 0-9, dot, dash and underscore, and begin with a letter or digit: give one.`;
      return [{ property: 'key', reason }];
    }
    const place = `${textOf(device)}#${textOf(key)}`;
    const other = this.#said.get(place) ?? urn;
    this.#said.set(place, other);
    if (other === urn) return [];
    const reason = `${textOf(key)} of ${textOf(device)} is what ${other.split('::').at(-1)} says already: give one of both another key.`;
    return [{ property: 'key', reason }];
  }

  diff({ inputs, outputs }: { readonly inputs: Properties; readonly outputs: Properties }, news: Properties) {
    const changes: Change[] = changesOf(inputs, news).map((change) => ({ ...change }));
    // Imported, and nobody says in Arung yet that it is wanted.
    if (textOf(outputs['content']) === '' && outputs['content'] !== unknown) changes.push(notStaged);
    return changes;
  }

  async create(inputs: Properties, context: Context): Promise<State> {
    return this.#put(inputs, context.owner, context);
  }

  async update(known: State, inputs: Properties, context: Context): Promise<State> {
    if (textOf(known.outputs['content']) === '') await refuseTwins(inputs, context);
    return this.#put(inputs, textOf(known.outputs['managedBy']) || context.owner, context);
  }

  async #put(inputs: Properties, managedBy: string, context: Context): Promise<State> {
    const id = idOf(inputs);
    const staging = {
      path: pathOf(inputs),
      managedBy,
      body: {
        driver,
        order: Number(inputs['order'] ?? 0),
        ...staged({ subject: textOf(inputs['menu']), values: valuesOf(inputs) }),
      },
    };
    const content = await stage(staging, inputs, context);
    return { id, inputs, outputs: { ...inputs, managedBy, content } };
  }

  async read(known: State, context: Context): Promise<State | null> {
    const place = placeIn(known.id);
    if (await isAsKnown(place.device, known, context)) return known;
    const parts = await partsOf(place.device, known, context);
    for (const part of parts) {
      const seen = part.fragments.find(({ key, subject }) => key === place.key && subject === place.menu);
      if (seen !== undefined) return this.#staged(known, { part, seen, device: place.device }, context);
    }
    // What was staged once and is no longer was taken out there; what never was may be on the device, set up by hand.
    const isImport = textOf(known.outputs['content']) === '';
    return isImport ? this.#onDevice(known, place, context) : null;
  }

  async #staged(
    known: State,
    { part, seen, device }: { readonly part: Part; readonly seen: SeenFragment; readonly device: string },
    context: Context,
  ): Promise<State | null> {
    const isSameContent = part.content === textOf(known.outputs['content']);
    const before = isSameContent ? { ...seen, order: seen.order ?? 0, values: valuesOf(known.inputs) } : null;
    const found = asFound(seen, await driftOf(device, context), before);
    if (found === null) return null;
    return this.#state(known.id, device, found, part);
  }

  async #onDevice(known: State, place: Place, context: Context): Promise<State | null> {
    const found = await context.controller.find<{ readonly items: readonly SeenFragment[] }>({
      path: `/intents/${encodeURIComponent(place.device)}/found`,
      query: { driver, subject: place.menu },
      signal: context.signal,
      status: context.status,
    });
    const seen = found?.items.find(({ key }) => key === place.key);
    if (seen === undefined) return null;
    const values = { ...seen.values, ...Object.fromEntries(seen.secret.map((name) => [name, secret(untold)])) };
    const managedBy = textOf(known.outputs['managedBy']) || context.owner;
    return this.#state(known.id, place.device, { ...seen, order: 0, values }, { managedBy, content: '' });
  }

  #state(id: string, device: string, fragment: Fragment, part: Pick<Part, 'managedBy' | 'content'>): State {
    const { key, subject, order, values } = fragment;
    const inputs: Properties = { device, menu: subject, key, ...(this.#hasOrder ? { order } : {}), values };
    return { id, inputs, outputs: { ...inputs, managedBy: part.managedBy, content: part.content } };
  }

  async delete(known: State, context: Context): Promise<void> {
    const managedBy = textOf(known.outputs['managedBy']) || context.owner;
    await withdraw(pathOf(known.outputs), managedBy, { what: placeIn(known.id).device, context });
  }
}

/** Takes back what an owner says; it may be gone already. */
export function withdraw(path: string, managedBy: string, removing: Removing): Promise<void> {
  const { controller, signal, status } = removing.context;
  return withdrawn(controller.call({ method: 'DELETE', path, query: { managedBy }, signal, status }), removing);
}

/** What was imported is known by what names it until its mark is on the device: in other words it may be another entry. */
async function refuseTwins(inputs: Properties, context: Context): Promise<void> {
  if (isUnknown(inputs)) return;
  const { controller, owner, signal, status } = context;
  const [device, menu, key] = [textOf(inputs['device']), textOf(inputs['menu']), textOf(inputs['key'])];
  const compared = controller.call<{ readonly steps: readonly Pick<Drift, 'kind' | 'fragment'>[] }>({
    method: 'POST',
    path: `/intents/${encodeURIComponent(device)}/compare`,
    query: { managedBy: owner },
    body: { driver, fragments: [{ key, ...staged({ subject: menu, values: valuesOf(inputs) }) }] },
    signal,
    status,
  });
  const { steps } = await compared.catch((error: unknown) => {
    // What else is wrong with it is said when it is staged.
    if (error instanceof Refused) return { steps: [] };
    throw error;
  });
  if (!steps.some(({ kind, fragment }) => kind === 'add' && fragment === key)) return;
  const refusal = `${key} was imported, and ${menu} of ${device} would get a second entry: the program names another than the one that is there. Say it first as it is there, \`pulumi up\`, and change it then.`;
  if (!context.preview) throw new Error(refusal);
  foretell(refusal, context);
}

export const notStaged: Change = { path: 'content', kind: 'update', isOutput: true };

interface Place {
  readonly device: string;
  readonly menu: string;
  readonly key: string;
}

function placeIn(id: string): Place {
  const found = /^([^/#]+)(\/[^#]+)#(.+)$/.exec(id);
  if (found === null) {
    throw new Error(`${id} names no fragment: an id looks like rtr-kahu-01/ip/address#lan (device, menu, key).`);
  }
  const [, device = '', menu = '', key = ''] = found;
  return { device, menu, key };
}

function idOf(inputs: Properties): string {
  return `${textOf(inputs['device'])}${textOf(inputs['menu'])}#${textOf(inputs['key'])}`;
}

function pathOf(inputs: Properties): string {
  return `/intents/${encodeURIComponent(textOf(inputs['device']))}/fragments/${encodeURIComponent(textOf(inputs['key']))}`;
}

function valuesOf(inputs: Properties): Properties {
  const values = inputs['values'];
  return isObject(values) ? normalised(values) : {};
}

function placeOf(_at: number, property: string | null): string {
  return property === null ? 'values' : `values.${property}`;
}
