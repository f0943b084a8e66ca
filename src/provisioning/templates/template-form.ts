import { ArungError } from '../../domain/errors.ts';
import { checkIntentDocument, throwIfFaulty, type IntentDocument } from '../../domain/intent.ts';
import { holdsVariable } from '../variables/fill.ts';
import type { IntentStore } from '../intent/intent-store.ts';
import { templateDocument, type TemplateFragment } from './template-rows.ts';

/** Who knows what documents of a driver must be like. */
export type TemplateForm = Pick<IntentStore, 'check' | 'secretsOf'>;

/**
 * Fragments as they are kept: with every secret called one. What a value must look like is left to the devices where a
 * variable stands in it; all else is checked now. Throws `intent.invalid` with every fault.
 * @param before what the template had: a secret that is named without a value stays as it was there.
 */
export function preparedTemplate(
  form: TemplateForm,
  { driver, fragments }: { readonly driver: string; readonly fragments: readonly TemplateFragment[] },
  before: readonly TemplateFragment[],
): readonly TemplateFragment[] {
  const whole = fragments.map((one) => withKeptSecrets(one, before));
  const document = templateDocument(driver, whole);
  checkIntentDocument(document);
  try {
    form.check(document);
  } catch (error) {
    if (!(error instanceof ArungError) || error.code !== 'intent.invalid') throw error;
    throwIfFaulty(error.details.filter(({ field }) => !isOpen(document, field)));
  }
  const secrets = form.secretsOf(document);
  return whole.map((one, at) => ({ ...one, secret: secrets[at] ?? [] }));
}

/** Only where the fragment is the same thing still: a secret never moves to a place where it could be read. */
function withKeptSecrets(fragment: TemplateFragment, before: readonly TemplateFragment[]): TemplateFragment {
  const was = before.find(({ key, subject }) => key === fragment.key && subject === fragment.subject);
  if (was === undefined) return fragment;
  const kept = fragment.secret.flatMap((name) => {
    const value = was.secret.includes(name) ? was.values[name] : undefined;
    return value === undefined || fragment.values[name] !== undefined ? [] : [[name, value] as const];
  });
  return kept.length === 0 ? fragment : { ...fragment, values: { ...fragment.values, ...Object.fromEntries(kept) } };
}

/** Whether a fault is of a value that a variable will make. */
function isOpen({ fragments }: IntentDocument, field: string | undefined): boolean {
  const [, at, property] = /^\/fragments\/(\d+)\/values\/(.+)$/.exec(field ?? '') ?? [];
  if (at === undefined || property === undefined) return false;
  return holdsVariable(fragments[Number(at)]?.values[property] ?? '');
}
