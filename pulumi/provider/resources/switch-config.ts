import { normalised } from '../fragment-text.ts';
import type { Fragment } from '../fragments.ts';
import { isObject, isSecret, secret, unknown, type Properties } from '../values.ts';
import { DocumentResource } from './document-resource.ts';

function sectionsIn(inputs: Properties): readonly Fragment[] | null {
  const given = inputs['sections'];
  const sections = isSecret(given) ? given.value : given;
  if (!isObject(sections) || Object.values(sections).includes(unknown)) return null;
  return Object.entries(sections).map(([subject, values]) => ({
    key: keyOf(subject),
    subject,
    order: 0,
    values: normalised(isSecret(given) ? secret(values) : values, '\n'),
  }));
}

/** `interface GigabitEthernet0/1` is `interface-gigabitethernet0-1`. */
function keyOf(section: string): string {
  const words = section.toLowerCase().replace(/[^a-z0-9._]+/g, '-');
  return words.replace(/^[^a-z0-9]+|-+$/g, '').slice(0, 64);
}

/** Sections of the configuration of a switch. */
export const switchConfig = new DocumentResource({
  type: 'SwitchConfig',
  driver: () => 'cli',
  normalised: ({ device = '', sections = {} }) => ({ device, sections }),
  fragments: sectionsIn,
  inputs: ({ device, fragments }) => ({
    device,
    sections: Object.fromEntries(fragments.map(({ subject, values }) => [subject, values])),
  }),
  placeOf: (inputs) => (at, property) => {
    const section = `sections["${sectionsIn(inputs)?.[at]?.subject ?? ''}"]`;
    return property === null ? section : `${section}.${property}`;
  },
});
