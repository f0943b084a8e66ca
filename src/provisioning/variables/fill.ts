import { ArungError } from '../../domain/errors.ts';
import type { IntentDocument, IntentFragment } from '../../domain/intent.ts';

export interface VariableValue {
  readonly value: string;
  readonly secret: boolean;
}

export interface Filled {
  readonly document: IntentDocument;
  /** The variables that it was filled with, by name. */
  readonly used: ReadonlyMap<string, string>;
}

const placeholder = /\{\{variable:([a-z][a-z0-9_.-]{0,62})\}\}/g;
const mostDetails = 50;

/** Names of the variables that a document asks for, each once. */
export function variablesIn({ fragments }: Pick<IntentDocument, 'fragments'>): readonly string[] {
  const names = fragments.flatMap(({ values }) => Object.values(values).flatMap(variablesOf));
  return [...new Set(names)].sort();
}

/** Names of the variables that a value asks for. */
export function variablesOf(value: string): readonly string[] {
  return [...value.matchAll(placeholder)].map(([, name = '']) => name);
}

/** Whether a value is what a variable says and nothing else: as such it tells no secret. */
export function isVariable(value: string): boolean {
  const [name] = variablesOf(value);
  return name !== undefined && value === `{{variable:${name}}}`;
}

/** Whether a value is known only where a variable has one. */
export function holdsVariable(value: string): boolean {
  return variablesOf(value).length > 0;
}

/**
 * Puts values in the place of `{{variable:NAME}}`; what is filled with a secret is a secret. A value that holds such a
 * word itself is taken as it is. Throws `variable.missing` with every place that has no value.
 * @param device its name, for the error.
 */
export function fillVariables(
  document: IntentDocument,
  values: ReadonlyMap<string, VariableValue>,
  device: string,
): Filled {
  const used = new Map<string, string>();
  const missing: Missing[] = [];
  const filled = (fragment: IntentFragment, at: number): IntentFragment => {
    const secret = new Set(fragment.secret);
    const given = Object.entries(fragment.values).map(([property, text]) => {
      const value = text.replace(placeholder, (word, name: string) => {
        const found = values.get(name);
        if (found === undefined) {
          missing.push({ device, name, fragment: fragment.key, property, at });
          return word;
        }
        if (found.secret) secret.add(property);
        used.set(name, found.value);
        return found.value;
      });
      return [property, value] as const;
    });
    return { ...fragment, values: Object.fromEntries(given), secret: [...secret] };
  };
  const fragments = document.fragments.map(filled);
  const [first] = missing;
  if (first === undefined) return { document: { ...document, fragments }, used };
  const { name, fragment, property } = first;
  throw new ArungError('invalid', sentence(first), {
    code: 'variable.missing',
    arguments: { device, name, fragment, property },
    details: missing.slice(0, mostDetails).map((one) => ({
      code: 'variable.missing',
      message: sentence(one),
      arguments: { device, name: one.name, fragment: one.fragment, property: one.property },
      field: `/fragments/${one.at}/values/${one.property}`,
    })),
  });
}

interface Missing {
  readonly device: string;
  readonly name: string;
  readonly fragment: string;
  readonly property: string;
  /** Place of the fragment in the document, from 0. */
  readonly at: number;
}

function sentence({ device, name, fragment, property }: Missing): string {
  return `${fragment}: ${property} asks for the variable ${name}, which has no value where ${device} stands: give it one for the device, its site, a region, a group or the network.`;
}
