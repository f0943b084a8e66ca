import type { Failure } from './resource.ts';
import { isObject, isSecret, isUnknown, plain, secret, unknown, type Properties, type Value } from './values.ts';

/** What of `schema.json` the provider itself goes by (pulumi.com/docs/iac/extending-pulumi/schema). */
interface PropertySpec {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: PropertySpec;
  readonly oneOf?: readonly PropertySpec[];
  readonly secret?: boolean;
  readonly willReplaceOnChanges?: boolean;
}

interface TypeSpec {
  readonly type?: string;
  readonly enum?: readonly { readonly value: string }[];
  readonly properties?: Readonly<Record<string, PropertySpec>>;
  readonly required?: readonly string[];
}

interface ResourceSpec {
  readonly inputProperties: Readonly<Record<string, PropertySpec>>;
  readonly requiredInputs: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface PackageSchema {
  readonly version: string;
  readonly types: Readonly<Record<string, TypeSpec>>;
  readonly resources: Readonly<Record<string, ResourceSpec>>;
}

export class Schema {
  readonly #schema: PackageSchema;

  constructor(schema: PackageSchema) {
    this.#schema = schema;
  }

  /** Names of the inputs whose change needs a new resource. */
  replacing(token: string): ReadonlySet<string> {
    const all = Object.entries(this.#resource(token).inputProperties);
    return new Set(all.filter(([, { willReplaceOnChanges }]) => willReplaceOnChanges === true).map(([name]) => name));
  }

  /** The inputs with those marked secret that always are, and everything that is not of the right form. */
  check(token: string, given: Properties): { readonly inputs: Properties; readonly failures: readonly Failure[] } {
    const { inputProperties, requiredInputs, properties } = this.#resource(token);
    const failures: Failure[] = [];
    const inputs: Properties = {};
    for (const [property, value] of Object.entries(given)) {
      const spec = inputProperties[property];
      // What a program leaves out comes as null from some languages; outputs come as undefined ones.
      if (value === null || (spec === undefined && property in properties)) continue;
      if (spec === undefined) {
        const known = Object.keys(inputProperties).join(', ');
        failures.push({ property, reason: `is no property of ${shortName(token)}: it has ${known}.` });
        continue;
      }
      failures.push(...this.#faults(spec, value, property));
      inputs[property] = this.#marked(spec, value);
    }
    for (const property of requiredInputs) {
      if (inputs[property] === undefined) failures.push({ property, reason: 'is needed: give it a value.' });
    }
    return { inputs, failures };
  }

  #resource(token: string): ResourceSpec {
    const found = this.#schema.resources[token];
    if (found !== undefined) return found;
    const known = Object.keys(this.#schema.resources).map(shortName).join(', ');
    throw new Error(`Arung has no resource of the type ${token}: it has ${known}.`);
  }

  #type({ $ref }: PropertySpec): TypeSpec | null {
    return $ref?.startsWith('#/types/') === true ? (this.#schema.types[$ref.slice('#/types/'.length)] ?? null) : null;
  }

  /** Of several forms the one that a value has; the last where it has none of them. */
  #form(spec: PropertySpec, value: Value): PropertySpec {
    const forms = spec.oneOf ?? [spec];
    const found = forms.find((one) => (this.#type(one)?.type ?? one.type) === kindOf(value));
    return found ?? forms.at(-1) ?? spec;
  }

  #faults(given: PropertySpec, marked: Value, path: string): readonly Failure[] {
    const value = isSecret(marked) ? marked.value : marked;
    if (value === unknown) return [];
    const spec = this.#form(given, value);
    const type = this.#type(spec);
    const kind = type?.type ?? spec.type;
    if (kind !== undefined && kind !== kindOf(value) && !(kind === 'integer' && Number.isInteger(value))) {
      const found = value === null ? 'nothing' : kindOf(value);
      return [{ property: path, reason: `must be ${article(kind)} ${kind}, and is ${article(found)} ${found}.` }];
    }
    if (type?.enum !== undefined && !type.enum.some((one) => one.value === value)) {
      const allowed = type.enum.map((one) => one.value).join(', ');
      return [{ property: path, reason: `is ${JSON.stringify(value)}: choose one of ${allowed}.` }];
    }
    if (Array.isArray(value)) {
      return value.flatMap((one, at) => this.#faults(spec.items ?? {}, one, `${path}[${at}]`));
    }
    if (!isObject(value) || type?.properties === undefined) return [];
    return this.#faultsOfObject(type, value, path);
  }

  #faultsOfObject({ properties = {}, required = [] }: TypeSpec, value: Properties, path: string): readonly Failure[] {
    const failures: Failure[] = [];
    for (const [name, one] of Object.entries(value)) {
      const spec = properties[name];
      const property = `${path}.${name}`;
      if (spec !== undefined) failures.push(...this.#faults(spec, one, property));
      else failures.push({ property, reason: `is not known: there are ${Object.keys(properties).join(', ')}.` });
    }
    for (const name of required) {
      if (value[name] === undefined)
        failures.push({ property: `${path}.${name}`, reason: 'is needed: give it a value.' });
    }
    return failures;
  }

  /** Marked where the schema says that it is secret, however deep. */
  #marked(spec: PropertySpec, value: Value): Value {
    if (spec.secret === true) return secret(value);
    if (isSecret(value) || (isUnknown(value) && value === unknown)) return value;
    if (Array.isArray(value)) return value.map((one) => this.#marked(spec.items ?? {}, one));
    const properties = this.#type(this.#form(spec, value))?.properties;
    if (!isObject(value) || properties === undefined) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, this.#marked(properties[name] ?? {}, one)]),
    );
  }
}

function shortName(token: string): string {
  return token.split(':').at(-1) ?? token;
}

function kindOf(value: Value): string {
  if (Array.isArray(value)) return 'array';
  return plain(value) === null ? 'null' : typeof value;
}

function article(word: string): string {
  return word === 'nothing' ? '' : /^[aeiou]/.test(word) ? 'an' : 'a';
}
