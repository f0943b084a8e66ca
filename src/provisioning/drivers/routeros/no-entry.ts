import { ArungError } from '../../../domain/errors.ts';
import type { IntentFragment } from '../../../domain/intent.ts';
import { nameOfEntry } from './action.ts';
import type { Menu } from './menu.ts';

/** An interface or a service that the hardware does not have cannot be made. */
export function noSuchEntry(menu: Menu, { key, values, secret }: IntentFragment): ArungError {
  const name = nameOfEntry(menu, values, secret);
  return new ArungError('invalid', `${key}: the device has no ${menu.path} ${name}: check its name.`, {
    code: 'router.no-entry',
    arguments: { fragment: key, menu: menu.path, name },
  });
}
