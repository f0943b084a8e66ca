import type { Access } from '../../domain/access.ts';
import type { IntentFragment } from '../../domain/intent.ts';
import type { TemplateSource } from '../../domain/template.ts';
import { variablesOf } from '../variables/fill.ts';
import { isOfTemplates } from './intent-parts.ts';
import type { IntentReader } from './intent-reader.ts';
import { noIntent } from './managed-device.ts';
import type { SharedIntent } from './shared-intent.ts';

/** A fragment of what a device should be, and where it comes from. */
export interface SourcedFragment extends IntentFragment {
  /** Who says it of this device; null: a template does. */
  readonly owner: string | null;
  readonly template: TemplateSource | null;
  /** Templates that say the same key and do not count here, the nearest first. */
  readonly hides: readonly TemplateSource[];
  /** Variables that were put into its values, by property. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

/**
 * What a device should be as it is staged, fragment by fragment, in order; secrets have no value. Throws
 * `device.not-found`, `intent.none` where it is not managed.
 */
export async function sourcedFragments(
  {
    reader,
    shared,
  }: { readonly reader: Pick<IntentReader, 'get' | 'masked'>; readonly shared: Pick<SharedIntent, 'parts'> },
  access: Access,
  key: string,
): Promise<{ readonly driver: string; readonly fragments: readonly SourcedFragment[] }> {
  const { staged, deviceName } = await reader.get(access, key);
  if (staged === null) throw noIntent(deviceName);
  const { driver, fragments } = await reader.masked(access, key, staged.version);
  const parts = await shared.parts(access, key);
  const own = parts.filter((part) => !isOfTemplates(part));
  const ofTemplates = parts.find(isOfTemplates)?.fragments ?? [];
  return {
    driver,
    fragments: fragments.map((fragment) => {
      const owner = own.find((part) => part.fragments.some((one) => one.key === fragment.key));
      const said = owner?.fragments.find((one) => one.key === fragment.key);
      const template = ofTemplates.find((one) => one.key === fragment.key);
      const farther = [...(template?.from === undefined ? [] : [template.from]), ...(template?.hides ?? [])];
      return {
        ...fragment,
        owner: owner?.managedBy ?? null,
        template: owner === undefined ? (template?.from ?? null) : null,
        hides: owner === undefined ? (template?.hides ?? []) : farther,
        variables: variablesByProperty((said ?? template)?.values ?? {}),
      };
    }),
  };
}

function variablesByProperty(values: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([property, value]) => {
      const names = [...new Set(variablesOf(value))];
      return names.length === 0 ? [] : [[property, names] as const];
    }),
  );
}
