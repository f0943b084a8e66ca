import { isObject, isSecret, isUnknown, plain, secret, unknown, type Properties, type Value } from './values.ts';

/**
 * A fragment without secrets as one text: `lan /ip/address`, then a line for each property, by name: `address=10.73.8.1/24`.
 * A router has some forty fragments and four hundred values in them, and Pulumi carries each value a dozen times through
 * every operation, however little changes; so it carries forty texts, and shows what differs in one line by line.
 */
export interface TextedFragment {
  readonly key: string;
  readonly subject: string;
  readonly values: Readonly<Record<string, string>>;
}

const keyPattern = /^[^\s=]+$/;
const linePattern = /^[^\r\n]+$/;

/** Values as devices take them: `true` is yes, a list is joined; what is secret stays marked. */
export function normalised(given: Value | undefined, separator = ','): Properties {
  const isAllSecret = isSecret(given);
  const values = isAllSecret ? given.value : given;
  if (!isObject(values)) return {};
  const names = Object.keys(values).toSorted();
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = values[name];
      if (value === undefined || value === null) return [];
      const text = textFor(plain(value), separator);
      return [[name, isAllSecret || isSecret(value) ? secret(text) : text]];
    }),
  );
}

function textFor(value: Value, separator: string): Value {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return typeof value === 'number' ? String(value) : JSON.stringify(value);
  return value.includes(unknown) ? unknown : value.map((one) => String(textFor(one, separator))).join(separator);
}

/** Null where something in it is secret, is not known yet, or has no place in a text of lines. */
export function fragmentText({
  key,
  subject,
  values,
}: {
  readonly key: string;
  readonly subject: string;
  readonly values: Properties;
}): string | null {
  if (!keyPattern.test(key) || !linePattern.test(subject) || key === unknown || subject === unknown) return null;
  const lines = [`${key} ${subject}`];
  for (const name of Object.keys(values).toSorted()) {
    const value = values[name];
    if (typeof value !== 'string' || !keyPattern.test(name) || isUnknown(value)) return null;
    // A value that is a text of several lines is written as JSON writes it.
    lines.push(`${name}=${/[\r\n]|^"/.test(value) ? JSON.stringify(value) : value}`);
  }
  return lines.join('\n');
}

/** Throws a sentence where the text is none of a fragment. */
export function fragmentOf(text: string): TextedFragment {
  const [head = '', ...lines] = text.split('\n');
  const [, key = '', subject = ''] = /^(\S+) (.+)$/.exec(head) ?? [];
  const values = lines.map((line): readonly [string, string] => {
    const [, name = '', value = ''] = /^([^\s=]+)=(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`${JSON.stringify(line)} is no line of a fragment: write it as NAME=VALUE.`);
    return [name, value.startsWith('"') ? (JSON.parse(value) as string) : value];
  });
  if (key === '') throw new Error(`${JSON.stringify(head)} is no beginning of a fragment: write it as KEY SUBJECT.`);
  return { key, subject, values: Object.fromEntries(values) };
}
