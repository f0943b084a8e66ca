import type { ProgramChange } from '../../domain/program-run.ts';
import { openedFragment } from './fragment-lines.ts';
import { isBag, textOf, type Bag, type StepMetadata } from './engine-event.ts';
import type { TextCleaner } from './program-text.ts';

/** Pulumi's engine shows a secret so, and hands its value to nobody. */
const masked = '[secret]';
/** How Pulumi writes a value that is known once `up` has made it (`plugin.UnknownStringValue`). */
const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
/** Marks a secret among plain properties: `resource.SigKey` and its value for secrets. */
const [signature, secretSignature] = ['4dabf18193072939515e22adb298388d', '1b47061264138c4ac30d75fd1eb44270'];

const mostChanges = 60;
const mostDepth = 8;
export const mostOfValue = 2_000;
const mostOfPath = 200;

/** The most that is shown of one resource, and how much more there was. */
export interface PropertyChanges {
  readonly changes: readonly ProgramChange[];
  readonly left: number;
}

export const noChanges: PropertyChanges = { changes: [], left: 0 };

/** What a step changes: all properties of what comes or goes, the differences of what stays. */
export function changesOfStep(metadata: StepMetadata, kind: 'create' | 'delete' | 'update', clean: TextCleaner) {
  const inputs = [bag(metadata.old?.inputs), bag(metadata.new?.inputs)] as const;
  if (kind === 'create') return listed(leaves({}), leaves(inputs[1]), clean);
  if (kind === 'delete') return listed(leaves(inputs[0]), leaves({}), clean);
  const detailed = isBag(metadata.detailedDiff) ? Object.entries(metadata.detailedDiff) : [];
  const named = Array.isArray(metadata.diffs) ? metadata.diffs.map(textOf) : [];
  const paths = detailed.length > 0 ? detailed.map(([path]) => path) : named;
  const outputs = [bag(metadata.old?.outputs), bag(metadata.new?.outputs)] as const;
  const before = new Map<string, unknown>();
  const after = new Map<string, unknown>();
  for (const path of paths) {
    const difference = detailed.find(([one]) => one === path)?.[1];
    const ofInput = isBag(difference) && difference['inputDiff'] === true;
    const keys = keysOf(path);
    const old = at(ofInput ? inputs[0] : outputs[0], keys) ?? at(inputs[0], keys);
    const fresh = at(inputs[1], keys) ?? at(outputs[1], keys);
    for (const [leaf, value] of leaves(old, path)) before.set(leaf, value);
    for (const [leaf, value] of leaves(fresh, path)) after.set(leaf, value);
  }
  // A secret that differs shows the same mask on both sides.
  return listed(before, after, clean, { differing: new Set(paths) });
}

/** What was found to be otherwise than the state had it. */
export function changesFound(metadata: StepMetadata, clean: TextCleaner): PropertyChanges {
  return listed(leaves(bag(metadata.old?.outputs)), leaves(bag(metadata.new?.outputs)), clean);
}

function listed(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
  clean: TextCleaner,
  known: { readonly differing: ReadonlySet<string> } = { differing: new Set() },
): PropertyChanges {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const differing = paths.filter((path) => {
    const [old, fresh] = [before.get(path), after.get(path)];
    return (known.differing.has(path) && isSecret(fresh)) || JSON.stringify(old) !== JSON.stringify(fresh);
  });
  const changes = differing.slice(0, mostChanges).map((path): ProgramChange => {
    const [old, fresh] = [before.get(path), after.get(path)];
    const secret = isSecret(old) || isSecret(fresh);
    const computed = isComputed(fresh);
    return {
      property: clean(path, mostOfPath),
      secret,
      computed,
      before: secret ? null : shown(old, clean),
      after: secret || computed ? null : shown(fresh, clean),
    };
  });
  return { changes, left: differing.length - changes.length };
}

function shown(value: unknown, clean: TextCleaner): string | null {
  if (value === undefined || value === null) return null;
  return clean(typeof value === 'string' ? value : JSON.stringify(value), mostOfValue);
}

function isSecret(value: unknown): boolean {
  return value === masked || (isBag(value) && value[signature] === secretSignature);
}

function isComputed(value: unknown): boolean {
  return value === unknown;
}

function bag(value: unknown): Bag {
  return isBag(value) ? value : {};
}

/** Every value that holds no others, by its path as Pulumi writes it: `stages[0].device`. */
function leaves(given: unknown, path = '', depth = 0): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const value = openedFragment(path, given);
  const isLeaf = typeof value !== 'object' || value === null || isSecret(value) || depth === mostDepth;
  if (isLeaf) {
    if (path !== '' && value !== undefined) found.set(path, value);
    return found;
  }
  const inside = Array.isArray(value)
    ? value.map((one, index) => [`${path}[${index}]`, one] as const)
    : Object.entries(value).flatMap(([name, one]) =>
        // Pulumi's own, such as `__defaults`.
        name.startsWith('__') ? [] : [[path === '' ? written(name) : joined(path, name), one] as const],
      );
  for (const [one, inner] of inside) for (const [leaf, held] of leaves(inner, one, depth + 1)) found.set(leaf, held);
  return found;
}

const plainName = /^[A-Za-z_][\w-]*$/;

function written(name: string): string {
  return plainName.test(name) ? name : `[${JSON.stringify(name)}]`;
}

function joined(path: string, name: string): string {
  return plainName.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}

/** `fragments[1].values["a.b"]` in its parts. */
function keysOf(path: string): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  for (const [, quoted, index, name] of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)) {
    if (quoted !== undefined) parts.push(quoted.replace(/\\(.)/g, '$1'));
    else parts.push(index === undefined ? (name ?? '') : Number(index));
  }
  return parts;
}

function at(value: unknown, keys: readonly (string | number)[]): unknown {
  let here = value;
  for (const key of keys) {
    if (isSecret(here)) return here;
    if (Array.isArray(here)) here = typeof key === 'number' ? here[key] : undefined;
    else here = isBag(here) && Object.hasOwn(here, key) ? here[key] : undefined;
  }
  return here;
}
