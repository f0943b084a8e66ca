import { byNearness, type Place } from '../../domain/place.ts';
import type { TemplateSource } from '../../domain/template.ts';
import { holdsAt, type HoldingPlace, type Stand } from '../places/stands.ts';

/** What decides which fragments of a template a device gets. */
export interface ResolvableTemplate {
  readonly name: string;
  readonly driver: string;
  readonly places: readonly (HoldingPlace & { readonly place: Place })[];
  /** Keys of its fragments in their order, and what names the content of each. */
  readonly contents: readonly (readonly [key: string, content: string])[];
}

/** A fragment that a device gets from a template. */
export interface HeldFragment<T extends ResolvableTemplate = ResolvableTemplate> {
  readonly key: string;
  readonly content: string;
  readonly template: T;
  readonly place: Place;
  /** Templates farther away that say the same key, the nearer first. */
  readonly hides: readonly TemplateSource[];
}

/**
 * What templates say of a device: of each key the fragment of the nearest template that has it; of two at the same place,
 * of the one whose name comes first in the alphabet. The nearest template's fragments come first, each template's in its
 * own order.
 * @param driver templates of others do not count.
 */
export function resolveTemplates<T extends ResolvableTemplate>(
  templates: readonly T[],
  stand: Stand,
  driver: string,
): readonly HeldFragment<T>[] {
  const holding = templates
    .filter((template) => template.driver === driver)
    .flatMap((template) => {
      const place = nearestPlace(template, stand);
      return place === null ? [] : [{ template, place }];
    })
    .sort((a, b) => byNearness(a.place, b.place) || (a.template.name < b.template.name ? -1 : 1));
  const farther = new Map<string, TemplateSource[]>();
  const held: HeldFragment<T>[] = [];
  for (const { template, place } of holding) {
    for (const [key, content] of template.contents) {
      const hides = farther.get(key);
      if (hides !== undefined) hides.push({ template: template.name, place });
      else {
        const own: TemplateSource[] = [];
        farther.set(key, own);
        held.push({ key, content, template, place, hides: own });
      }
    }
  }
  return held;
}

/** The nearest of a template's places that holds for the device; null where none does. */
export function nearestPlace({ places }: Pick<ResolvableTemplate, 'places'>, stand: Stand): Place | null {
  const [nearest] = places
    .filter((one) => holdsAt(one, stand))
    .map(({ place }) => place)
    .sort(byNearness);
  return nearest ?? null;
}

/** What each template says of a device, as it is kept to tell later whether it would be otherwise: the nearest first. */
export type UsedTemplates = readonly (readonly [template: string, content: string])[];

/**
 * @param ownKeys fragments that the device's own owners say; a template's of the same key does not count.
 * @param nameOf names a text.
 */
export function usedOf(
  held: readonly { readonly key: string; readonly content: string; readonly template: { readonly name: string } }[],
  ownKeys: ReadonlySet<string>,
  nameOf: (text: string) => string,
): UsedTemplates {
  const counting = held.filter(({ key }) => !ownKeys.has(key));
  return [...Map.groupBy(counting, ({ template }) => template.name)].map(([name, fragments]) => [
    name,
    nameOf(JSON.stringify(['arung-template-1', fragments.map(({ key, content }) => [key, content])])),
  ]);
}

/** Templates that say something else of a device than they did; all of them where only their order is another. */
export function changedTemplates(before: UsedTemplates, now: UsedTemplates): readonly string[] {
  const [was, is] = [new Map(before), new Map(now)];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  const changed = names.filter((name) => was.get(name) !== is.get(name)).sort();
  if (changed.length > 0) return changed;
  const inOrder = before.every(([name], at) => now[at]?.[0] === name);
  return inOrder ? [] : names.sort();
}
