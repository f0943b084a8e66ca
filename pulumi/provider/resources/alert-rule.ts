import { changesOf } from '../changes.ts';
import { withdrawn } from '../withdrawn.ts';
import type { Context, Resource, State } from '../resource.ts';
import { plainProperties, textOf, type Properties } from '../values.ts';

const pathOf = (key: string): string => `/alert-rules/${encodeURIComponent(key)}`;

/** A rule: when an alert begins to hold. Id: its key. */
export const alertRule: Resource = {
  type: 'AlertRule',

  async check(given) {
    const inputs = { forS: 0, scope: {}, isEnabled: true, ...given };
    return { inputs, failures: [] };
  },

  diff: ({ inputs }, news) => changesOf(inputs, news),

  create: put,

  update: (_known, inputs, context) => put(inputs, context),

  async read({ id }, { controller, signal, status }) {
    const found = await controller.find<{ readonly rule: Properties }>({ path: pathOf(id), signal, status });
    if (found === null) return null;
    return { id, inputs: found.rule, outputs: found.rule };
  },

  async delete({ id }, { controller, signal, status }) {
    // A built-in one goes back to what it was; one that is so already cannot be removed.
    await withdrawn(controller.call({ method: 'DELETE', path: pathOf(id), signal, status }), 'rule.built-in');
  },
};

async function put(inputs: Properties, { preview, controller, signal, status }: Context): Promise<State> {
  const id = textOf(inputs['key']);
  if (!preview) {
    await controller.call({ method: 'PUT', path: pathOf(id), body: plainProperties(inputs), signal, status });
  }
  return { id, inputs, outputs: inputs };
}
