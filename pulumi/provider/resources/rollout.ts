import { changesOf } from '../changes.ts';
import { isOutdated } from '../looks.ts';
import { previewOf } from '../rollout-preview.ts';
import { follow, isRight, reasonsOf } from '../rollout-run.ts';
import { InitFailed, type Change, type Context, type Resource, type State } from '../resource.ts';
import { mustBeGone } from '../sight.ts';
import { isObject, isUnknown, plain, textOf, unknown, type Properties, type Value } from '../values.ts';

/** What one resource of the program has staged. */
interface Stage {
  readonly device: string;
  readonly managedBy: string;
  /** Names what was staged; `unknown` in a preview that would stage it. */
  readonly content: string;
  /** All that its owner says of the device, and not one fragment. */
  readonly isWhole: boolean;
}

/** The API takes so many devices at once. */
const mostAtOnce = 1_000;

/** Which Rollout of this run brings which device: two would take back what the other one brings. */
const rollouts = new Map<string, string>();

/** Brings what was staged to the devices. Id: its owner, since each time it is another rollout of Arung. */
export const rollout: Resource = {
  type: 'Rollout',

  async check(inputs, { urn }) {
    const failures = stagesIn(inputs).flatMap(({ device }, at) => {
      const other = rollouts.get(device) ?? urn;
      rollouts.set(device, other);
      if (other === urn) return [];
      const reason = `${device} is given to ${other.split('::').at(-1)} already: a device belongs to one Rollout.`;
      return [{ property: `stages[${at}].device`, reason }];
    });
    return { inputs, failures: failures.slice(0, 1) };
  },

  diff({ inputs, outputs }, news) {
    const { stages: _before, ...rest } = inputs;
    const { stages: _after, ...others } = news;
    const changes: Change[] = [...changesOf(rest, others), ...stageChanges(inputs, news)];
    if (namesIn(outputs['behind']).length > 0) changes.push({ path: 'behind', kind: 'update', isOutput: true });
    return changes;
  },

  create: (inputs, context) => run({ id: '', inputs: {}, outputs: {} }, inputs, context),

  update: (known, inputs, context) => run(known, inputs, context),

  async read({ id, inputs, outputs }, context) {
    // There is nothing to import: a rollout is a deed.
    if (Object.keys(inputs).length === 0) return null;
    const stages = [...stagesIn(inputs), ...withdrawnIn(outputs)];
    const devices = [...new Set(stages.map(({ device }) => device))];
    const versions = versionsIn(outputs);
    const found = await Promise.all(
      devices.map(async (device) => {
        const look = await context.looks.of(device, context);
        if (look === null) await mustBeReleased(device, context);
        return [device, look] as const;
      }),
    );
    const behind = found.flatMap(([device, look]) => (isRight(look, versions[device]) ? [] : [device]));
    return { id, inputs, outputs: { ...outputs, behind } };
  },

  async delete() {
    // What was rolled out stays; the devices' own resources say what becomes of it.
  },
};

/** Of a device that nobody looks at: released, removed, or only not this token's to see, which throws. */
async function mustBeReleased(device: string, context: Context): Promise<void> {
  const { controller, signal, status } = context;
  const path = `/devices/${encodeURIComponent(device)}`;
  if ((await controller.find({ path, signal, status })) === null) await mustBeGone(device, context);
}

async function run(known: State, inputs: Properties, context: Context): Promise<State> {
  const parts = stagesIn(inputs);
  const before = stagesIn(known.inputs);
  // A document that leaves the program releases its device; a fragment leaves it, with those of a run that did not end well.
  const gone = before.filter((old) => !old.isWhole && !parts.some((one) => isSamePart(one, old)));
  const left = withdrawnIn(known.outputs).filter((old) => ![...parts, ...gone].some((one) => isSamePart(one, old)));
  const withdrawn = [...gone, ...left];
  const affected = affectedBy(parts, before, known);
  if (context.preview) {
    const right = await rightAlready(affected, { parts, withdrawn }, context);
    const due = [...affected, ...withdrawn.map(({ device }) => device)].filter((device) => !right.has(device));
    if (right.size > 0) {
      const what = right.size === 1 ? '1 device is' : `${right.size} devices are`;
      context.log(`${what} as the program says already: the rollout finds that, and changes nothing there.`);
    }
    await previewOf(due, inputs['batch'], context);
    return {
      id: context.owner,
      inputs,
      outputs: { ...inputs, number: unknown, versions: unknown, behind: [], withdrawn: [] },
    };
  }
  await stagedAnew(affected, context);
  const versions = await settled(parts, withdrawn, context);
  const old = versionsIn(known.outputs);
  const due = Object.entries(versions).filter(([device, version]) => affected.has(device) || old[device] !== version);
  const outputs = { ...inputs, number: known.outputs['number'] ?? 0, versions, behind: [], withdrawn: [] };
  const id = known.id === '' ? context.owner : known.id;
  if (due.length === 0) return { id, inputs, outputs };
  const end = await follow(Object.fromEntries(due), inputs, context);
  const missed = end.devices.filter(({ state }) => state !== 'confirmed' && state !== 'unchanged');
  const behind = missed.map(({ device }) => device);
  const still = withdrawn.filter(({ device }) => behind.includes(device));
  const state = { id, inputs, outputs: { ...outputs, number: end.number, behind, withdrawn: still.map(asValue) } };
  if (end.state === 'done') return state;
  throw new InitFailed(state, reasonsOf(end));
}

/** Devices of which something was staged anew, that a hand has changed, or that are not there yet. */
function affectedBy(parts: readonly Stage[], before: readonly Stage[], { outputs }: State): ReadonlySet<string> {
  const staged = parts.filter((one) => before.find((old) => isSamePart(one, old))?.content !== one.content);
  return new Set([...staged.map(({ device }) => device), ...namesIn(outputs['behind'])]);
}

/** Of a run that was cut off: devices that have been brought to all that the program says of them, and were looked at since. */
async function rightAlready(
  affected: ReadonlySet<string>,
  { parts, withdrawn }: { readonly parts: readonly Stage[]; readonly withdrawn: readonly Stage[] },
  context: Context,
): Promise<ReadonlySet<string>> {
  const own = Map.groupBy(parts, ({ device }) => device);
  const leaving = new Set(withdrawn.map(({ device }) => device));
  const whole = [...affected].filter(
    (device) => !leaving.has(device) && own.get(device)?.every(({ content }) => content !== unknown) === true,
  );
  const found = await Promise.all(
    whole.map(async (device) => {
      const look = await context.looks.of(device, context);
      if (look === null || look.lookError !== null || !isRight(look, look.staged?.version)) return [];
      const has = ({ managedBy, content }: Stage): boolean =>
        look.parts?.some((one) => one.managedBy === managedBy && one.content === content) ?? false;
      return own.get(device)?.every(has) === true ? [device] : [];
    }),
  );
  return new Set(found.flat());
}

/** Devices whose variables or templates have changed are staged again, as these are now. */
async function stagedAnew(affected: ReadonlySet<string>, context: Context): Promise<void> {
  const { looks, controller, signal, status } = context;
  const found = await Promise.all([...affected].map((device) => looks.of(device, context)));
  const stale = found.flatMap((look) => (look === null || !isOutdated(look) ? [] : [look.device]));
  for (let from = 0; from < stale.length; from += mostAtOnce) {
    const devices = stale.slice(from, from + mostAtOnce);
    await controller.call({ method: 'POST', path: '/intents/refresh', body: { devices }, signal, status });
  }
}

async function settled(parts: readonly Stage[], withdrawn: readonly Stage[], context: Context) {
  const { program, controller, signal, status } = context;
  if (parts.length + withdrawn.length === 0) return {};
  const { versions } = await controller.call<{ readonly versions: Record<string, string> }>({
    method: 'POST',
    path: '/intents/settle',
    body: {
      program,
      parts: parts.map(({ device, managedBy, content }) => ({ device, managedBy, content })),
      withdrawn: withdrawn.map(({ device, managedBy }) => ({ device, managedBy })),
    },
    signal,
    status,
  });
  return versions;
}

/** Each stage that differs, told apart by whose it is: of the others there is nothing to show, nor of their order. */
function stageChanges(inputs: Properties, news: Properties): readonly Change[] {
  const olds = new Map(listed(inputs).map((stage, at) => [nameOf(stage), { stage, at }]));
  const names = new Set(listed(news).map(nameOf));
  const told = listed(news).flatMap((stage, at): readonly Change[] => {
    const path = `stages[${at}]`;
    const old = olds.get(nameOf(stage));
    if (old === undefined) return [{ path, kind: 'add' }];
    const changes = changesOf(old.stage, stage, path);
    return old.at === at || changes.length === 0 ? changes : [{ path, kind: 'update' }];
  });
  const gone = [...olds].flatMap(([name, { at }]): readonly Change[] =>
    names.has(name) ? [] : [{ path: `stages[${at}]`, kind: 'delete' }],
  );
  return [...told, ...gone];
}

function listed({ stages }: Properties): readonly Value[] {
  return Array.isArray(stages) ? stages : [];
}

function nameOf(stage: Value): string {
  return JSON.stringify(isObject(stage) ? [stage['device'], stage['managedBy']] : stage);
}

function isSamePart(a: Stage, b: Stage): boolean {
  return a.device === b.device && a.managedBy === b.managedBy;
}

function stagesIn({ stages }: Properties): readonly Stage[] {
  if (!Array.isArray(stages)) return [];
  return stages.filter(isObject).flatMap(({ device = '', managedBy = '', content = '', isWhole = false }) => {
    // A device that the program does not know the name of yet cannot be named in a preview either.
    if (isUnknown(device)) return [];
    const known = content === unknown ? unknown : textOf(content);
    return [{ device: textOf(device), managedBy: textOf(managedBy), content: known, isWhole: isWhole === true }];
  });
}

function withdrawnIn({ withdrawn = [] }: Properties): readonly Stage[] {
  return stagesIn({ stages: withdrawn });
}

function asValue(stage: Stage): Properties {
  return { ...stage };
}

function versionsIn({ versions }: Properties): Readonly<Record<string, string>> {
  const bare = versions === undefined ? {} : plain(versions);
  if (!isObject(bare)) return {};
  return Object.fromEntries(Object.entries(bare).map(([device, version]) => [device, textOf(version)]));
}

function namesIn(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : [];
}
