import type { Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { IntentFragment } from '../../domain/intent.ts';
import type { PartFragment, Sealer } from '../intent/intent-parts.ts';
import { namePlaces, type NamedPlace } from '../places/named-places.ts';
import { isVariable } from '../variables/fill.ts';
import type { ResolvableTemplate } from './resolve.ts';

/** A fragment of a template: as one of an intent, with `{{variable:…}}` in its values. */
export type TemplateFragment = Omit<PartFragment, 'from' | 'hides'>;

export interface LoadedTemplate extends ResolvableTemplate {
  readonly id: string;
  readonly note: string;
  readonly places: readonly NamedPlace[];
  /** Without secrets. */
  readonly masked: readonly TemplateFragment[];
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
  readonly changedBy: string;
  /** With secrets: opens the seal. */
  readonly fragments: () => readonly TemplateFragment[];
}

/** All templates of the network, or one, with where they hold. */
export async function loadTemplates(
  db: Kysely<Database>,
  sealer: Sealer,
  only?: { readonly name: string } | { readonly id: string },
): Promise<readonly LoadedTemplate[]> {
  let query = db.selectFrom('templates').selectAll().orderBy('name');
  if (only !== undefined) {
    query = 'id' in only ? query.where('id', '=', only.id) : query.where('name', '=', only.name);
  }
  const rows = await query.execute();
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const placed = await db.selectFrom('template_places').selectAll().where('template_id', 'in', ids).execute();
  const places = Map.groupBy(await namePlaces(db, placed), ({ template_id: id }) => id);
  return rows.map(({ id, name, note, driver, masked, contents, sealed, ...row }) => {
    let opened: readonly TemplateFragment[] | null = null;
    return {
      id,
      name,
      note,
      driver,
      masked,
      contents,
      places: (places.get(id) ?? []).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      changedAt: row.changed_at.getTime(),
      changedBy: row.changed_by,
      fragments: () => (opened ??= JSON.parse(sealer.open(sealed, id)) as readonly TemplateFragment[]),
    };
  });
}

/** Keys and names of contents of fragments, secrets included. */
export function contentsOf(
  fragments: readonly TemplateFragment[],
  nameOf: (text: string) => string,
): readonly (readonly [string, string])[] {
  return fragments.map(({ key, subject, values, secret, order }) => {
    const sorted = Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return [key, nameOf(JSON.stringify(['arung-fragment-1', key, subject, order, sorted, secret.toSorted()]))];
  });
}

/** Fragments as anybody may see them: secrets have no value, unless it is a variable and nothing else. */
export function maskedFragments(fragments: readonly TemplateFragment[]): readonly TemplateFragment[] {
  return fragments.map(({ values, secret, ...one }) => {
    const hidden = new Set(secret);
    const shown = Object.entries(values).filter(([name, value]) => !hidden.has(name) || isVariable(value));
    return { ...one, values: Object.fromEntries(shown), secret: [...hidden].sort() };
  });
}

/** Fragments as the document that they would be. */
export function templateDocument(driver: string, fragments: readonly TemplateFragment[]) {
  return { driver, fragments: fragments.map(({ order: _order, ...one }): IntentFragment => one) };
}
