import type { Change } from './resource.ts';
import { isObject, isSame, plain, type Value } from './values.ts';

/** Every leaf that differs between two values, secrets by their content. */
export function changesOf(before: Value | undefined, after: Value | undefined, path = ''): readonly Change[] {
  const [old, now] = [bare(before), bare(after)];
  if (isSame(old, now)) return [];
  if (old === undefined) return [{ path, kind: 'add' }];
  if (now === undefined) return [{ path, kind: 'delete' }];
  if (isObject(old) && isObject(now)) {
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return names.flatMap((name) => changesOf(old[name], now[name], joined(path, name)));
  }
  if (keyed(old) && keyed(now)) return changesByKey(old, now, path);
  return [{ path, kind: 'update' }];
}

function bare(value: Value | undefined): Value | undefined {
  return value === undefined ? undefined : plain(value);
}

function joined(path: string, name: string): string {
  const part = /^[A-Za-z_][\w-]*$/.test(name) ? name : `["${name.replaceAll('"', '\\"')}"]`;
  return path === '' || part.startsWith('[') ? path + part : `${path}.${part}`;
}

type KeyedList = ({ [name: string]: Value } & { key: string })[];

/** Fragments: told apart by their keys, not by their places. */
function keyed(value: Value): value is KeyedList {
  return (
    Array.isArray(value) && value.length > 0 && value.every((one) => isObject(one) && typeof one['key'] === 'string')
  );
}

function changesByKey(before: KeyedList, after: KeyedList, path: string): readonly Change[] {
  const olds = new Map(before.map((one, at) => [one.key, { one, at }]));
  const keys = new Set(after.map(({ key }) => key));
  const changes = after.flatMap((one, at) => changesOf(olds.get(one.key)?.one, one, `${path}[${at}]`));
  const gone = before.flatMap(({ key }, at) =>
    keys.has(key) ? [] : [{ path: `${path}[${at}]`, kind: 'delete' as const }],
  );
  const all = [...changes, ...gone];
  // The same ones in another order: that order is what has changed.
  return all.length === 0 ? [{ path, kind: 'update' }] : all;
}
