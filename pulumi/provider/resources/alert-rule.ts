import { changesOf } from '../changes.ts';
import type { Context, Resource, State } from '../resource.ts';
import { isImport, mustBeGone } from '../sight.ts';
import { foretell, thereAlready } from '../there-already.ts';
import { plainProperties, textOf, type Properties } from '../values.ts';
import { withdrawn } from '../withdrawn.ts';

interface Known {
  readonly rule: Properties;
  readonly origin: 'built-in' | 'changed' | 'own';
  readonly managedBy: string;
}

const pathOf = (key: string): string => `/alert-rules/${encodeURIComponent(key)}`;

/** A rule: when an alert begins to hold. Id: its key. */
export const alertRule: Resource = {
  type: 'AlertRule',

  async check(given) {
    const inputs = { forS: 0, scope: {}, isEnabled: true, ...given };
    return { inputs, failures: [] };
  },

  diff: ({ inputs }, news) => changesOf(inputs, news),

  async create(inputs, context) {
    const key = textOf(inputs['key']);
    const found = key === '' ? null : await find(key, context);
    // A built-in one that nobody has changed is nobody's: it is tuned so.
    if (found !== null && found.origin !== 'built-in' && found.managedBy !== context.owner) {
      const refusal = thereAlready({ type: 'AlertRule', key, managedBy: found.managedBy }, context);
      if (!context.preview) throw new Error(refusal);
      foretell(refusal, context);
    }
    return put(inputs, context);
  },

  update: (_known, inputs, context) => put(inputs, context),

  async read(known, context) {
    const { id } = known;
    const found = await find(id, context);
    if (found === null) {
      if (!isImport(known)) await mustBeGone(id, context);
      return null;
    }
    return { id, inputs: found.rule, outputs: found.rule };
  },

  async delete({ id }, context) {
    const { controller, signal, status } = context;
    // A built-in one goes back to what it was; one that is so already cannot be removed.
    const removal = controller.call({ method: 'DELETE', path: pathOf(id), signal, status });
    await withdrawn(removal, { what: id, context, done: 'rule.built-in' });
  },
};

function find(key: string, { controller, signal, status }: Context): Promise<Known | null> {
  return controller.find<Known>({ path: pathOf(key), signal, status });
}

async function put(inputs: Properties, { preview, owner, controller, signal, status }: Context): Promise<State> {
  const id = textOf(inputs['key']);
  if (!preview) {
    const query = { managedBy: owner };
    await controller.call({ method: 'PUT', path: pathOf(id), query, body: plainProperties(inputs), signal, status });
  }
  return { id, inputs, outputs: inputs };
}
