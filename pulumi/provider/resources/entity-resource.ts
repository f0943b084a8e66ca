import { changesOf } from '../changes.ts';
import { Refused, type Call } from '../controller.ts';
import type { Change, Context, Resource, State } from '../resource.ts';
import { isImport, mustBeGone } from '../sight.ts';
import { foretell, thereAlready } from '../there-already.ts';
import { isSame, isUnknown, plain, textOf, type Properties, type Value } from '../values.ts';
import { withdrawn } from '../withdrawn.ts';

/** How a type of resources is kept in a collection of Arung's API. */
export interface EntityForm {
  readonly type: string;
  /** `/sites`. */
  readonly path: string;
  /** The property by which a person knows it, and the API finds it: `code`. */
  readonly nameIn: string;
  /** What the API takes for these inputs; looks up ids of what they name. */
  draft(inputs: Properties, context: Context): Promise<Properties>;
  /**
   * The inputs that say what the API told.
   * @param known those of the state: who is named there by a name stays so.
   */
  inputs(entity: Properties, known: Properties, context: Context): Promise<Properties>;
}

/** A thing that people may keep in the console, too. Id: its own in Arung. */
export class EntityResource implements Resource {
  readonly type: string;
  readonly #form: EntityForm;

  constructor(form: EntityForm) {
    this.type = form.type;
    this.#form = form;
  }

  async check(inputs: Properties, _context: Context) {
    return { inputs, failures: [] };
  }

  /** What the program does not name is not looked after. */
  diff({ inputs }: { readonly inputs: Properties }, news: Properties): readonly Change[] {
    const named = Object.keys(news).filter((name) => !isSame(inputs[name], news[name]));
    return named.flatMap((name) => changesOf(inputs[name], news[name], name));
  }

  async create(inputs: Properties, context: Context): Promise<State> {
    if (context.preview) {
      await this.#foretell(inputs, context);
      return { id: '', inputs, outputs: inputs };
    }
    const body = await this.#form.draft(inputs, context);
    const query = { managedBy: context.owner };
    try {
      const made = await this.#call<Properties>(context, { method: 'POST', path: this.#form.path, query, body });
      return this.#state(textOf(made['id']), inputs);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409) throw error;
      return this.#madeBefore(inputs, context, error);
    }
  }

  /** Says in a preview that it is there, where its name is known. */
  async #foretell(inputs: Properties, context: Context): Promise<void> {
    const name = textOf(inputs[this.#form.nameIn]);
    const entity = name === '' ? null : await this.#find(name, context);
    const managedBy = textOf(entity?.['managedBy']);
    if (entity === null || managedBy === context.owner) return;
    foretell(thereAlready({ type: this.type, key: name, managedBy }, context), context);
  }

  /** It is there already: made by a run of this program that was cut off before it heard so, or by somebody else. */
  async #madeBefore(inputs: Properties, context: Context, refusal: Refused): Promise<State> {
    const name = textOf(inputs[this.#form.nameIn]);
    const entity = await this.#find(name, context);
    if (entity === null) throw refusal;
    const managedBy = textOf(entity['managedBy']);
    if (managedBy !== context.owner) {
      throw new Error(thereAlready({ type: this.type, key: name, managedBy }, context), { cause: refusal });
    }
    const known = this.#state(textOf(entity['id']), await this.#form.inputs(entity, inputs, context));
    return this.diff(known, inputs).length === 0 ? this.#state(known.id, inputs) : this.update(known, inputs, context);
  }

  async read(known: State, context: Context): Promise<State | null> {
    const entity = await this.#find(known.id, context);
    if (entity === null) {
      if (!isImport(known)) await mustBeGone(this.#nameOf(known), context);
      return null;
    }
    const inputs = await this.#form.inputs(entity, known.inputs, context);
    const named = isImport(known) ? Object.entries(inputs).filter(([, value]) => !isEmpty(value)) : null;
    const kept = named ?? Object.keys(known.inputs).flatMap((name) => (name in inputs ? [[name, inputs[name]]] : []));
    return this.#state(textOf(entity['id']), Object.fromEntries(kept) as Properties);
  }

  async update(known: State, inputs: Properties, context: Context): Promise<State> {
    if (context.preview) return this.#state(known.id, inputs);
    const changed = new Set(this.diff(known, inputs).map(({ path }) => path.split(/[.[]/, 1)[0]));
    const draft = await this.#form.draft(inputs, context);
    // Also what the API calls otherwise than the program (`siteId`) goes along: the same again is no change there.
    const body = Object.fromEntries(Object.entries(draft).filter(([name]) => changed.has(name) || !(name in inputs)));
    await this.#call(context, { method: 'PATCH', path: `${this.#form.path}/${encodeURIComponent(known.id)}`, body });
    return this.#state(known.id, inputs);
  }

  async delete(known: State, context: Context): Promise<void> {
    await withdrawn(
      this.#call(context, { method: 'DELETE', path: `${this.#form.path}/${encodeURIComponent(known.id)}` }),
      { what: this.#nameOf(known), context },
    );
  }

  #nameOf({ id, outputs }: State): string {
    return textOf(outputs[this.#form.nameIn]) || id;
  }

  #state(id: string, inputs: Properties): State {
    return { id, inputs, outputs: inputs };
  }

  #find(key: string, { controller, signal, status }: Context): Promise<Properties | null> {
    return controller.find({ path: `${this.#form.path}/${encodeURIComponent(key)}`, signal, status });
  }

  #call<T>(
    { controller, signal, status }: Context,
    call: Pick<Call, 'method' | 'path' | 'query' | 'body'>,
  ): Promise<T> {
    return controller.call<T>({ ...call, signal, status });
  }
}

function isEmpty(value: Value): boolean {
  const bare = plain(value);
  return bare === null || bare === '' || bare === false || bare === 0 || (Array.isArray(bare) && bare.length === 0);
}

/** Ids of things that a program may name, each asked for once in this process. */
const ids = new Map<string, Promise<string>>();

/**
 * The id of a thing that is named by its id, name or code.
 * @param property which property names it, for the error.
 */
export async function idOf(
  collection: string,
  key: Value | undefined,
  { property, context }: { readonly property: string; readonly context: Context },
): Promise<string> {
  const name = key === undefined || isUnknown(key) ? '' : textOf(key);
  const place = `${collection}/${encodeURIComponent(name)}`;
  const found = ids.get(place) ?? lookUp(place, context);
  ids.set(place, found);
  try {
    return await found;
  } catch (error) {
    // Asked again the next time: it may have been made since.
    ids.delete(place);
    if (!(error instanceof Refused) || error.status !== 404) throw error;
    throw new Error(`${property}: ${error.message}`, { cause: error });
  }
}

async function lookUp(path: string, { controller, signal, status }: Context): Promise<string> {
  const { id } = await controller.call<{ readonly id: string }>({ method: 'GET', path, signal, status });
  return id;
}

/**
 * What an id is called: as the state calls it, where that still means the same; else by its code or name.
 */
export async function nameOf(
  collection: string,
  id: Value | undefined,
  {
    known,
    property,
    context,
  }: { readonly known: Value | undefined; readonly property: string; readonly context: Context },
): Promise<Value> {
  if (id === undefined || id === null) return '';
  if (known !== undefined && textOf(known) !== '') {
    const same = await idOf(collection, known, { property, context }).catch(() => '');
    if (same === id) return known;
  }
  const { controller, signal, status } = context;
  const path = `${collection}/${encodeURIComponent(textOf(id))}`;
  const found = await controller.find<Properties>({ path, signal, status });
  return found?.['code'] ?? found?.['name'] ?? id;
}
