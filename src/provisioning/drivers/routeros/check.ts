import type { ErrorDetail } from '../../../domain/errors.ts';
import { checkIntentDocument, intentFault, throwIfFaulty, type IntentDocument } from '../../../domain/intent.ts';
import { byMenu, sameEntries } from './match.ts';
import { readComment } from './mark.ts';
import { propertyOf } from './menu.ts';
import { menuAt } from './menus/menus.ts';
import { isRollbackName } from './rollback-names.ts';
import { expectation } from './values.ts';

/** A path of a menu: `/ip/firewall/filter`. */
const pathPattern = /^(\/[a-z0-9][a-z0-9-]*){1,6}$/;

/** Throws `intent.invalid` with everything that a router would not take, as far as it can be known without one. */
export function checkDocument(document: IntentDocument): void {
  checkIntentDocument(document);
  // A router gave it itself.
  if (document.whole === true) return;
  const faults = document.fragments.flatMap(fragmentFaults);
  const place = new Map(document.fragments.map(({ key }, at) => [key, at]));
  for (const [path, fragments] of byMenu(document)) {
    const menu = menuAt(path);
    for (const [earlier, fragment] of sameEntries(menu, fragments)) {
      const message = `${fragment.key} is the same entry of ${path} as ${earlier.key}: keep one of them.`;
      const at = place.get(fragment.key) ?? 0;
      faults.push(intentFault({ reason: 'same-entry', message, at, fragment: fragment.key, hint: earlier.key }));
    }
  }
  throwIfFaulty(faults);
}

function fragmentFaults({ key, subject, values }: IntentDocument['fragments'][number], at: number): ErrorDetail[] {
  if (!pathPattern.test(subject)) {
    const message = `${key}: ${subject} is no menu of RouterOS; one looks like /ip/address.`;
    return [intentFault({ reason: 'subject', message, at, fragment: key })];
  }
  const menu = menuAt(subject);
  const faults: ErrorDetail[] = [];
  const fault = (
    reason: Parameters<typeof intentFault>[0]['reason'],
    message: string,
    where: { readonly property: string; readonly hint?: string },
  ): void => {
    faults.push(intentFault({ reason, message: `${key}: ${message}`, at, fragment: key, ...where }));
  };
  for (const [name, { required }] of menu.properties) {
    if (required && (values[name] ?? '') === '') fault('property-needed', `${name} is needed.`, { property: name });
  }
  const names = menu.shape === 'fixed' && menu.keys !== 'content' ? menu.keys.flat() : [];
  if (names.length > 0 && !names.some((name) => (values[name] ?? '') !== '')) {
    fault('property-needed', `${names.join(' or ')} is needed.`, { property: names.join(' / ') });
  }
  for (const [name, value] of Object.entries(values)) {
    const hint = value === '' ? null : expectation(propertyOf(menu, name).kind, value);
    if (hint !== null) fault('value-kind', `${name} must look like ${hint}.`, { property: name, hint });
  }
  if (readComment(values['comment']).key !== null) {
    fault('comment-mark', 'a comment must not end as Arung marks its own (arung:…).', { property: 'comment' });
  }
  if (subject === '/system/scheduler' && isRollbackName(values['name'] ?? '')) {
    fault('name-kept', "this name is kept for Arung's own rollback.", { property: 'name' });
  }
  return faults;
}
