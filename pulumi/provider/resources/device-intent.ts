import { normalised, type Fragment } from '../fragments.ts';
import { isObject, isSecret, secret, textOf, unknown, type Properties, type Value } from '../values.ts';
import { DocumentResource } from './document-resource.ts';

function fragmentsIn(inputs: Properties): readonly Fragment[] | null {
  const given = inputs['fragments'];
  const list = isSecret(given) ? given.value : given;
  if (!Array.isArray(list)) return null;
  const fragments = list.map((one) => fragmentIn(one, isSecret(given)));
  return fragments.every((one) => one !== null) ? fragments : null;
}

function fragmentIn(given: Value, isListSecret: boolean): Fragment | null {
  const fragment = isSecret(given) ? given.value : given;
  if (!isObject(fragment)) return null;
  const { key = '', subject = '', values = {} } = fragment;
  if (key === unknown || subject === unknown || values === unknown) return null;
  // A list that is secret as a whole is so in its values: names of menus and keys stand in ids and messages.
  const hidden = isListSecret || isSecret(given) ? secret(values) : values;
  return { key: textOf(key), subject: textOf(subject), order: 0, values: normalised(hidden) };
}

/** The whole document of a device. */
export const deviceIntent = new DocumentResource({
  type: 'DeviceIntent',
  driver: ({ driver }) => (driver === unknown ? unknown : textOf(driver)),
  normalised: ({ device = '', driver = 'routeros', fragments = [] }) => ({ device, driver, fragments }),
  fragments: fragmentsIn,
  inputs: ({ device, driver, fragments }) => ({
    device,
    driver,
    fragments: fragments.map(({ key, subject, values }) => ({ key, subject, values })),
  }),
  placeOf: () => (at, property) => (property === null ? `fragments[${at}]` : `fragments[${at}].values.${property}`),
});
