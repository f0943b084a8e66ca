import { Refused } from './controller.ts';
import type { Drift, PropertyChange } from './looks.ts';
import type { Context, Failure, State } from './resource.ts';
import { isImport, mustBeGone } from './sight.ts';
import { foretell } from './there-already.ts';
import { isSecret, isUnknown, plain, secret, textOf, unknown, untold, type Properties, type Value } from './values.ts';

/** A fragment of a device's intent, its values marked where they are secret. */
export interface Fragment {
  readonly key: string;
  readonly subject: string;
  readonly values: Properties;
  readonly order: number;
}

/** A fragment as the controller tells it: secrets are named and have no value. */
export interface SeenFragment {
  readonly key: string;
  readonly subject: string;
  readonly order?: number;
  readonly values: Readonly<Record<string, string>>;
  readonly secret: readonly string[];
}

/** What one owner says of a device. */
export interface Part {
  readonly managedBy: string;
  readonly content: string;
  readonly driver: string;
  readonly fragments: readonly SeenFragment[];
}

/** `path` of the property in which the program says something of a fragment. */
export type PlaceOf = (at: number, property: string | null) => string;

/** As the API takes it. */
export function staged({ subject, values }: Pick<Fragment, 'subject' | 'values'>) {
  return {
    subject,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(plain(value))])),
    secret: Object.keys(values).filter((name) => isSecret(values[name])),
  };
}

/**
 * What the driver finds wrong with fragments, by the program's properties, and the fragments with every secret marked. A
 * value that is not known yet is left out, and nothing is said of it.
 */
export async function checked(
  driver: string,
  fragments: readonly Fragment[],
  placeOf: PlaceOf,
  context: Context,
): Promise<{ readonly fragments: readonly Fragment[]; readonly failures: readonly Failure[] }> {
  const whole = fragments.filter(({ key, subject }) => key !== unknown && subject !== unknown);
  if (whole.length === 0) return { fragments, failures: [] };
  const known = whole.map((one) => ({ ...one, values: withoutUnknown(one.values) }));
  const body = { driver, fragments: known.map((one) => ({ key: one.key, ...staged(one) })) };
  const answer = await context.controller
    .call<{ faults: readonly Fault[]; secret: readonly (readonly string[])[] }>({
      method: 'POST',
      path: '/intents/check',
      body,
      signal: context.signal,
      status: context.status,
    })
    .catch((error: unknown) => {
      if (!(error instanceof Refused) || error.status !== 400) throw error;
      const faults = error.details.map(({ field = '', message }) => ({
        field: `/${field.replaceAll('.', '/')}`,
        message,
      }));
      return { faults: faults.length > 0 ? faults : [{ field: '', message: error.message }], secret: [] };
    });
  const secretOf = new Map(whole.map((one, at) => [one, new Set(answer.secret[at])]));
  return {
    fragments: fragments.map((one) => ({ ...one, values: marked(one.values, secretOf.get(one) ?? new Set()) })),
    failures: answer.faults.flatMap((fault) => failureOf(fault, whole, fragments, placeOf)),
  };
}

interface Fault {
  readonly field: string;
  readonly message: string;
}

function withoutUnknown(values: Properties): Properties {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => plain(value) !== unknown));
}

function failureOf(
  { field, message }: Fault,
  whole: readonly Fragment[],
  all: readonly Fragment[],
  placeOf: PlaceOf,
): readonly Failure[] {
  const found = /^\/fragments\/(\d+)(?:\/values\/(.+))?/.exec(field);
  const fragment = found === null ? undefined : whole[Number(found[1])];
  if (fragment === undefined) return [{ property: placeOf(0, null), reason: message }];
  const names = found?.[2]?.split(' / ') ?? [];
  if (names.some((name) => plain(fragment.values[name] ?? null) === unknown)) return [];
  return [{ property: placeOf(all.indexOf(fragment), names[0] ?? null), reason: message }];
}

function marked(values: Properties, names: ReadonlySet<string>): Properties {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, names.has(name) ? secret(value) : value]),
  );
}

/**
 * A fragment as it is on the device: as it was staged, with what a hand has changed since; null when a hand took it away.
 * @param known what the state has of it, when that is what is staged: it has the secrets.
 */
export function asFound(seen: SeenFragment, drift: readonly Drift[], known: Fragment | null): Fragment | null {
  const own = drift.filter(({ fragment }) => fragment === seen.key);
  if (own.some(({ kind }) => kind === 'add')) return null;
  const values = known === null ? seenValues(seen) : { ...known.values };
  for (const change of own.flatMap(({ kind, changes }) => (kind === 'set' ? changes : []))) {
    const now = valueOnDevice(change);
    if (now === null) delete values[change.property];
    else values[change.property] = now;
  }
  return { key: seen.key, subject: seen.subject, order: seen.order ?? 0, values: sorted(values) };
}

function valueOnDevice({ property, secret: isHidden, before }: PropertyChange): Value | null {
  if (isHidden) return secret(`${untold}: ${property} was changed on the device`);
  return before;
}

/** What the controller tells: secrets are marked, and differ from whatever a program says. */
function seenValues({ values, secret: names }: SeenFragment): Properties {
  return { ...values, ...Object.fromEntries(names.map((name) => [name, secret(untold)])) };
}

function sorted(values: Properties): Properties {
  return Object.fromEntries(Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What each owner says of a device; nothing where it is gone. Throws where this token may only not see it. */
export async function partsOf(device: string, known: State, context: Context): Promise<readonly Part[]> {
  const found = await context.controller.find<{ readonly items: readonly Part[] }>({
    path: `/intents/${encodeURIComponent(device)}/parts`,
    signal: context.signal,
    status: context.status,
  });
  if (found === null && !isImport(known)) await mustBeGone(device, context);
  return found?.items ?? [];
}

/**
 * Whether Arung has staged what the state has of a device, would take it again, and has found nothing else there. One answer says
 * so of all devices of the program: those of which it is true, mostly all, need no question of their own. Says so when it could
 * not look.
 */
export async function isAsKnown(
  device: string,
  { outputs }: Pick<State, 'outputs'>,
  context: Context,
): Promise<boolean> {
  const [managedBy, content] = [textOf(outputs['managedBy']), textOf(outputs['content'])];
  if (content === '') return false;
  const look = await context.looks.of(device, context);
  const isStaged = look?.parts?.some((one) => one.managedBy === managedBy && one.content === content) ?? false;
  return isStaged && (await driftOf(device, context)).length === 0;
}

/** What a look at the device has found to differ from what was confirmed there. Says so when it could not look. */
export async function driftOf(device: string, context: Context): Promise<readonly Drift[]> {
  const look = await context.looks.of(device, context);
  if (look === null || look.lookError === null) return look?.drift ?? [];
  const text = `${device} could not be compared with its intent: ${look.lookError.message}`;
  if (context.looks.isNews(device)) context.log(text, 'warning');
  return [];
}

interface Staging {
  readonly path: string;
  readonly managedBy: string;
  readonly body: unknown;
}

/**
 * Stages something of a device, as these inputs say it. Says the name of what the owner says of it now. In a preview it is only
 * tried, where all is known, and the name is not known yet.
 */
export async function stage({ path, managedBy, body }: Staging, inputs: Properties, context: Context): Promise<string> {
  const { controller, preview, signal, status } = context;
  if (preview && isUnknown(inputs)) return unknown;
  const query = { managedBy, ...(preview ? { dryRun: true } : {}) };
  try {
    const { content } = await controller.call<{ readonly content: string }>({ method: 'PUT', path, query, body, signal, status }); // prettier-ignore
    return preview ? unknown : content;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (!preview) throw new Error(refusalOf(error, context), { cause: error });
    // No more than said: what this program changes before it, or makes only then, is not there yet.
    if (error.code !== 'device.not-found') {
      foretell(refusalOf(error, context), context);
    }
    return unknown;
  }
}

/** Who has the same already may be a resource of this program, under the name that it had before. */
function refusalOf({ code, message, arguments: { owner = '', other = '' } }: Refused, context: Context): string {
  const prefix = `${context.program} `;
  const twin = [owner, other].map(String).find((one) => one !== context.owner && one.startsWith(prefix));
  if (code !== 'intent.key-taken' || twin === undefined) return message;
  const name = twin.slice(prefix.length);
  return `${message} ${name} is a resource of this program: where it has another name now, that one needs \`aliases: [{ name: '${name}' }]\`.`;
}

/** Of a name of a device that no device can have. */
export function deviceFault(device: Value | undefined): readonly Failure[] {
  const name = textOf(device);
  if (device === unknown || /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/.test(name)) return [];
  return [{ property: 'device', reason: `${JSON.stringify(name)} is no name of a device of the inventory.` }];
}

const mostCharacters = 200;

/** Arung keeps so much of who manages something. */
export function ownerFault({ owner }: Context): readonly Failure[] {
  if (owner.length <= mostCharacters) return [];
  const reason = `The resource is called ${owner} towards Arung, ${owner.length} characters: ${mostCharacters} are taken; give it a shorter name.`;
  return [{ property: 'device', reason }];
}
