/** A field of a channel's form, read out of the JSON Schema of its kind. */
export interface ChannelField {
  /** Where its value stands in the settings: `host`, `template.id`. */
  readonly path: string;
  readonly type: 'text' | 'number' | 'choice' | 'lines' | 'secret';
  readonly required: boolean;
  /** Of a choice. */
  readonly options: readonly string[];
  readonly example: string;
  /** What stands in it before anybody typed. */
  readonly standard: string;
  /** Of the whole value. */
  readonly pattern: string | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** As much of JSON Schema as the kinds of channels use. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** From here on a text is a body or a certificate, and not a line. */
const linesFrom = 4_000;

/** The fields of a kind's settings, or of its secrets; an object in it gives its own fields. */
export function fieldsOf(schema: unknown, secret = false): readonly ChannelField[] {
  return fieldsBelow(schema as Schema, '', secret);
}

function fieldsBelow(schema: Schema, above: string, secret: boolean): readonly ChannelField[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${above}${name}`;
    if (field.properties !== undefined) return fieldsBelow(field, `${path}.`, secret);
    return {
      path,
      type: secret ? 'secret' : typeOf(field),
      required: schema.required?.includes(name) ?? false,
      options: (field.enum ?? []).map(String),
      example: textOfValue(field.examples?.[0]),
      standard: textOfValue(field.default ?? (schema.required?.includes(name) ? field.enum?.[0] : undefined)),
      pattern: field.pattern === undefined ? undefined : wholePattern(field.pattern),
      minLength: field.minLength,
      maxLength: field.maxLength,
      min: field.minimum,
      max: field.maximum,
    };
  });
}

/** A form holds a pattern against the whole of what is typed, JSON Schema against any part of it. */
function wholePattern(pattern: string): string {
  return `${pattern.startsWith('^') ? '' : '.*'}${pattern}${pattern.endsWith('$') ? '' : '.*'}`;
}

function typeOf({ type, enum: options, maxLength = 0 }: Schema): ChannelField['type'] {
  if (options !== undefined) return 'choice';
  if (type === 'integer' || type === 'number') return 'number';
  return maxLength >= linesFrom ? 'lines' : 'text';
}

function textOfValue(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

export type Typed = Readonly<Record<string, string>>;

/** What stands in the fields: what was kept, else what is usual. `isNew`: nothing was kept yet. */
export function typedOf(
  fields: readonly ChannelField[],
  settings: Readonly<Record<string, unknown>>,
  isNew: boolean,
): Typed {
  return Object.fromEntries(
    fields.map(({ path, standard }) => {
      let value: unknown = settings;
      for (const part of path.split('.')) value = (value as Readonly<Record<string, unknown>> | undefined)?.[part];
      return [path, value === undefined && isNew ? standard : textOfValue(value)];
    }),
  );
}

/** The settings of what was typed: what is empty is not given. The controller checks it. */
export function settingsOf(fields: readonly ChannelField[], typed: Typed): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const { path, type } of fields) {
    const text = type === 'secret' || type === 'lines' ? (typed[path] ?? '') : (typed[path] ?? '').trim();
    if (text === '') continue;
    const parts = path.split('.');
    const last = parts.pop() ?? '';
    let place = settings;
    for (const part of parts) place = (place[part] ??= {}) as Record<string, unknown>;
    place[last] = type === 'number' ? Number(text) : text;
  }
  return settings;
}
