/** A property as the engine hands it over: JSON, with marks in it for secrets and for what is not known yet. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };
export type Properties = { [name: string]: Value };

// Pulumi's own marks, sdk/go/common/resource/properties.go: sigs of values that JSON has no word for.
const signature = '4dabf18193072939515e22adb298388d';
const secretMark = '1b47061264138c4ac30d75fd1eb44270';

/** What stands for a value that a preview cannot know yet. */
export const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** Stands where a secret is that nobody tells: differs from whatever a program says. */
export const untold = '(not told by Arung)';

export function isObject(value: Value | undefined): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Marked, so that the engine encrypts it in the state and hides it in the display. */
export function secret(value: Value): Value {
  return isSecret(value) ? value : { [signature]: secretMark, value };
}

export function isSecret(value: Value | undefined): value is { value: Value } {
  return isObject(value) && value[signature] === secretMark;
}

/** The value without its marks: as it goes to the controller. */
export function plain(value: Value): Value {
  if (isSecret(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  return isObject(value) ? plainProperties(value) : value;
}

export function plainProperties(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, plain(value)]));
}

/** Whether it, or something in it, is not known yet. */
export function isUnknown(value: Value | undefined): boolean {
  if (value === unknown) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(isUnknown);
}

/** The text, where the value is one that is known. */
export function textOf(value: Value | undefined): string {
  const bare = value === undefined ? '' : plain(value);
  return typeof bare === 'string' && bare !== unknown ? bare : '';
}

export function isSame(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  const others = new Map(right);
  return (
    left.length === right.length && left.every(([name, value]) => others.has(name) && isSame(value, others.get(name)))
  );
}
