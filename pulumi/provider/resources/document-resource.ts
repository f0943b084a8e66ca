import { changesOf } from '../changes.ts';
import { asFound, checked, deviceFault, driftOf, isAsKnown, ownerFault, partsOf, stage, staged } from '../fragments.ts';
import type { Fragment, Part, PlaceOf } from '../fragments.ts';
import type { Change, Context, Failure, Resource, State } from '../resource.ts';
import { isSame, isSecret, isUnknown, plainProperties, secret, textOf, unknown, type Properties } from '../values.ts';
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
  /** What of the inputs cannot be read at all. */
  readonly faults?: (inputs: Properties) => readonly Failure[];
  /** What differs; by the inputs alone without it. */
  readonly changes?: (inputs: Properties, news: Properties) => readonly Change[];
}

/** All that one owner says of a device, as one document. Id: the device's name. */
export class DocumentResource implements Resource {
  readonly type: string;
  readonly #form: DocumentForm;
  /** Of which it was seen in this process that Arung has it as the state has it, and would take it again. */
  readonly #right = new Set<string>();

  constructor(form: DocumentForm) {
    this.type = form.type;
    this.#form = form;
  }

  async check(given: Properties, context: Context, olds: Properties) {
    const form = this.#form;
    const inputs = form.normalised(given);
    const { device = '' } = inputs;
    const names = [...deviceFault(device), ...ownerFault(context), ...(form.faults?.(inputs) ?? [])];
    if (names.length > 0) return { inputs, failures: names };
    const driver = form.driver(inputs);
    const said = form.fragments(inputs);
    if (driver === unknown || said === null) return { inputs, failures: [] };
    const known = this.#right.has(context.urn) && driver === form.driver(olds) ? form.fragments(olds) : null;
    if (known !== null && isSameDocument(known, said)) {
      const fragments = known.map((one, at) => ({ ...one, values: withMarks(one.values, said[at]?.values) }));
      return { inputs: form.inputs({ device: String(device), driver, fragments }), failures: [] };
    }
    const { fragments, failures } = await checked(driver, said, form.placeOf(inputs), context);
    return { inputs: form.inputs({ device: String(device), driver, fragments }), failures };
  }

  diff({ inputs, outputs }: { readonly inputs: Properties; readonly outputs: Properties }, news: Properties) {
    const changes: Change[] = [...(this.#form.changes ?? changesOf)(inputs, news)];
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
    const staging = {
      path: `/intents/${encodeURIComponent(id)}`,
      managedBy,
      body: {
        driver: this.#form.driver(inputs),
        fragments: this.#fragments(inputs).map((one) => ({ key: one.key, ...staged(one) })),
      },
    };
    const content = await stage(staging, inputs, context);
    return { id, inputs, outputs: { ...inputs, managedBy, content } };
  }

  #fragments(inputs: Properties): readonly Fragment[] {
    return this.#form.fragments(inputs) ?? [];
  }

  async read(known: State, context: Context): Promise<State | null> {
    const device = known.id;
    if (await isAsKnown(device, known, context)) {
      this.#right.add(context.urn);
      return known;
    }
    const part = partFor(known, await partsOf(device, known, context));
    if (part === null) return null;
    const isSameContent = part.content === textOf(known.outputs['content']);
    const before = new Map(isSameContent ? this.#fragments(known.inputs).map((one) => [one.key, one]) : []);
    const drift = await driftOf(device, context);
    const fragments = part.fragments.flatMap((seen) => asFound(seen, drift, before.get(seen.key) ?? null) ?? []);
    const inputs = this.#form.inputs({ device, driver: part.driver, fragments });
    return { id: device, inputs, outputs: { ...inputs, managedBy: part.managedBy, content: part.content } };
  }

  async delete(known: State, context: Context): Promise<void> {
    const managedBy = textOf(known.outputs['managedBy']) || context.owner;
    await withdraw(`/intents/${encodeURIComponent(known.id)}/parts`, managedBy, { what: known.id, context });
  }
}

/** Secrets by their content. */
function isSameDocument(known: readonly Fragment[], said: readonly Fragment[]): boolean {
  const isSameFragment = ({ key, subject, values }: Fragment, other: Fragment | undefined): boolean =>
    other !== undefined &&
    key === other.key &&
    subject === other.subject &&
    isSame(plainProperties(values), plainProperties(other.values));
  return known.length === said.length && known.every((one, at) => isSameFragment(one, said[at]));
}

/** What either calls secret is so: the one because the driver said so, the other because the program does. */
function withMarks(values: Properties, others: Properties = {}): Properties {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isSecret(others[name]) ? secret(value) : value]),
  );
}

/** Its own; of one that is imported the only one there is. */
function partFor({ id, outputs }: State, parts: readonly Part[]): Part | null {
  const managedBy = textOf(outputs['managedBy']);
  if (managedBy !== '') return parts.find((part) => part.managedBy === managedBy) ?? null;
  if (parts.length <= 1) return parts[0] ?? null;
  const owners = parts.map((part) => part.managedBy).join(', ');
  throw new Error(`Several say what ${id} should be (${owners}): a document can be imported where one does.`);
}
