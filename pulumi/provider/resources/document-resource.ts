import { changesOf } from '../changes.ts';
import { asFound, checked, deviceFault, driftOf, ownerFault, partsOf, staged } from '../fragments.ts';
import type { Fragment, Part, PlaceOf } from '../fragments.ts';
import type { Change, Context, Resource, State } from '../resource.ts';
import { isUnknown, textOf, unknown, type Properties } from '../values.ts';
import { notStaged, withdraw } from './fragment-resource.ts';

/** How a type of resources says a whole document in its own properties. */
export interface DocumentForm {
  readonly type: string;
  /** The driver that applies it, of inputs that were checked. */
  driver(inputs: Properties): string;
  /** Inputs as they are kept, defaults filled in. */
  normalised(given: Properties): Properties;
  /** Null while a preview does not know yet which there are. */
  fragments(inputs: Properties): readonly Fragment[] | null;
  /** The inputs that say these fragments. */
  inputs(known: {
    readonly device: string;
    readonly driver: string;
    readonly fragments: readonly Fragment[];
  }): Properties;
  /** Where the program says what is wrong. */
  readonly placeOf: (inputs: Properties) => PlaceOf;
}

/** All that one owner says of a device, as one document. Id: the device's name. */
export class DocumentResource implements Resource {
  readonly type: string;
  readonly #form: DocumentForm;

  constructor(form: DocumentForm) {
    this.type = form.type;
    this.#form = form;
  }

  async check(given: Properties, context: Context) {
    const form = this.#form;
    const inputs = form.normalised(given);
    const { device = '' } = inputs;
    const names = [...deviceFault(device), ...ownerFault(context)];
    const driver = form.driver(inputs);
    const said = form.fragments(inputs);
    if (driver === unknown || said === null) return { inputs, failures: names };
    const { fragments, failures } = await checked(driver, said, form.placeOf(inputs), context);
    return { inputs: form.inputs({ device: String(device), driver, fragments }), failures: [...names, ...failures] };
  }

  diff({ inputs, outputs }: { readonly inputs: Properties; readonly outputs: Properties }, news: Properties) {
    const changes: Change[] = [...changesOf(inputs, news)];
    if (textOf(outputs['content']) === '' && !isUnknown(outputs['content'])) changes.push(notStaged);
    return changes;
  }

  create(inputs: Properties, context: Context): Promise<State> {
    return this.#put(inputs, context.owner, context);
  }

  update(known: State, inputs: Properties, context: Context): Promise<State> {
    return this.#put(inputs, textOf(known.outputs['managedBy']) || context.owner, context);
  }

  async #put(inputs: Properties, managedBy: string, context: Context): Promise<State> {
    const id = textOf(inputs['device']);
    if (context.preview) return { id, inputs, outputs: { ...inputs, managedBy, content: unknown } };
    const { content } = await context.controller.call<{ readonly content: string }>({
      method: 'PUT',
      path: `/intents/${encodeURIComponent(id)}`,
      query: { managedBy },
      body: {
        driver: this.#form.driver(inputs),
        fragments: this.#fragments(inputs).map((one) => ({ key: one.key, ...staged(one) })),
      },
      signal: context.signal,
      status: context.status,
    });
    return { id, inputs, outputs: { ...inputs, managedBy, content } };
  }

  #fragments(inputs: Properties): readonly Fragment[] {
    return this.#form.fragments(inputs) ?? [];
  }

  async read(known: State, context: Context): Promise<State | null> {
    const device = known.id;
    const part = partFor(known, await partsOf(device, context));
    if (part === null) return null;
    const isAsKnown = part.content === textOf(known.outputs['content']);
    const before = new Map(isAsKnown ? this.#fragments(known.inputs).map((one) => [one.key, one]) : []);
    const drift = await driftOf(device, context);
    const fragments = part.fragments.flatMap((seen) => asFound(seen, drift, before.get(seen.key) ?? null) ?? []);
    const inputs = this.#form.inputs({ device, driver: part.driver, fragments });
    return { id: device, inputs, outputs: { ...inputs, managedBy: part.managedBy, content: part.content } };
  }

  async delete(known: State, context: Context): Promise<void> {
    const managedBy = textOf(known.outputs['managedBy']) || context.owner;
    await withdraw(`/intents/${encodeURIComponent(known.id)}/parts`, managedBy, context);
  }
}

/** Its own; of one that is imported the only one there is. */
function partFor({ id, outputs }: State, parts: readonly Part[]): Part | null {
  const managedBy = textOf(outputs['managedBy']);
  if (managedBy !== '') return parts.find((part) => part.managedBy === managedBy) ?? null;
  if (parts.length <= 1) return parts[0] ?? null;
  const owners = parts.map((part) => part.managedBy).join(', ');
  throw new Error(`Several say what ${id} should be (${owners}): a document can be imported where one does.`);
}
