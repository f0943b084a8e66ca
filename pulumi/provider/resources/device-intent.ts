import { changesOf } from '../changes.ts';
import { fragmentOf, fragmentText, normalised } from '../fragment-text.ts';
import type { Fragment } from '../fragments.ts';
import type { Change, Failure } from '../resource.ts';
import { isObject, isSecret, secret, textOf, unknown, type Properties, type Value } from '../values.ts';
import { DocumentResource } from './document-resource.ts';

function listIn({ fragments: given }: Properties): readonly Value[] | null {
  const list = isSecret(given) ? given.value : given;
  return Array.isArray(list) ? list : null;
}

function fragmentsIn(inputs: Properties): readonly Fragment[] | null {
  const isListSecret = isSecret(inputs['fragments']);
  const fragments = listIn(inputs)?.map((one) => fragmentIn(one, isListSecret)) ?? null;
  return fragments?.every((one) => one !== null) === true ? fragments : null;
}

function fragmentIn(given: Value, isListSecret: boolean): Fragment | null {
  const fragment = opened(isSecret(given) ? given.value : given);
  if (!isObject(fragment)) return null;
  const { key = '', subject = '', values = {} } = fragment;
  if (key === unknown || subject === unknown || values === unknown) return null;
  // A list that is secret as a whole is so in its values: names of menus and keys stand in ids and messages.
  const hidden = isListSecret || isSecret(given) ? secret(values) : values;
  return { key: textOf(key), subject: textOf(subject), order: 0, values: normalised(hidden) };
}

/** A fragment that is written as a text, as its properties. */
function opened(given: Value): Value {
  return typeof given === 'string' && given !== unknown ? { ...fragmentOf(given) } : given;
}

function faults(inputs: Properties): readonly Failure[] {
  return (listIn(inputs) ?? []).flatMap((one, at) => {
    try {
      opened(isSecret(one) ? one.value : one);
      return [];
    } catch (error) {
      return [{ property: `fragments[${at}]`, reason: error instanceof Error ? error.message : String(error) }];
    }
  });
}

/** By properties, and told by whole fragments where these are texts: that is what there is to show. */
function changes(inputs: Properties, news: Properties): readonly Change[] {
  const whole = (all: Properties): Properties => {
    const list = listIn(all);
    return list === null ? all : { ...all, fragments: list.map(opened) };
  };
  const now = listIn(news) ?? [];
  const told = changesOf(whole(inputs), whole(news)).map((change): Change => {
    const [path = '', at = ''] = /^fragments\[(\d+)\](?=\.)/.exec(change.path) ?? [];
    return path !== '' && typeof now[Number(at)] === 'string' ? { path, kind: 'update' } : change;
  });
  return [...new Map(told.map((change) => [`${change.path} ${change.kind}`, change])).values()];
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
    fragments: fragments.map((one) => fragmentText(one) ?? { key: one.key, subject: one.subject, values: one.values }),
  }),
  placeOf: () => (at, property) => (property === null ? `fragments[${at}]` : `fragments[${at}].values.${property}`),
  faults,
  changes,
});
