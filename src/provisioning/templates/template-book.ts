import { sql, type Kysely } from 'kysely';
import type { Changes } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import { isId, newId } from '../../domain/ids.ts';
import type { PlaceScope } from '../../domain/place.ts';
import type { Sealer } from '../intent/intent-parts.ts';
import { namePlaces, type NamedPlace, type PlaceRow } from '../places/named-places.ts';
import { placeWithin } from '../places/placing.ts';
import { preparedTemplate, type TemplateForm } from './template-form.ts';
import { isReadableTemplate, readablePlaces, requireWritable } from './template-rights.ts';
import {
  contentsOf,
  loadTemplates,
  maskedFragments,
  type LoadedTemplate,
  type TemplateFragment,
} from './template-rows.ts';

/** A template as somebody writes it. */
export interface TemplateDraft {
  readonly name: string;
  /** What it is for; a sentence for people. */
  readonly note: string;
  readonly driver: string;
  /** A secret that is named without a value stays what it was. */
  readonly fragments: readonly TemplateFragment[];
  /** Where it holds; see `Place`. */
  readonly places: readonly { readonly scope: PlaceScope; readonly key: string }[];
}

/** A template as a reader may see it. */
export interface SeenTemplate extends Pick<
  LoadedTemplate,
  'id' | 'name' | 'note' | 'driver' | 'changedAt' | 'changedBy'
> {
  /** Without secrets. */
  readonly fragments: readonly TemplateFragment[];
  readonly places: readonly NamedPlace['place'][];
  /** How many more there are outside the reader's regions. */
  readonly placesElsewhere: number;
}

/** Templates as people and programs keep them. */
export class TemplateBook {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #sealer: Sealer;
  readonly #form: TemplateForm;
  readonly #nameOf: (text: string) => string;
  readonly #clock: Clock;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly sealer: Sealer;
    readonly form: TemplateForm;
    /** Names a text that holds secrets. */
    readonly nameOf: (text: string) => string;
    readonly clock: Clock;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#sealer = options.sealer;
    this.#form = options.form;
    this.#nameOf = options.nameOf;
    this.#clock = options.clock;
  }

  /** Those that hold nowhere, for the network, for groups, in the reader's regions or in what these lie in; by name. */
  async list(access: Access): Promise<readonly SeenTemplate[]> {
    const templates = await loadTemplates(this.#db, this.#sealer);
    return templates.filter(({ places }) => isReadableTemplate(places, access)).map((one) => seenBy(one, access));
  }

  /** By name or id. Throws `template.not-found`. */
  async get(access: Access, key: string): Promise<SeenTemplate> {
    return seenBy(await this.find(access, key), access);
  }

  /** With its secrets closed, for who works with it. Throws `template.not-found`. */
  async find(access: Access, key: string, db: Kysely<Database> = this.#db): Promise<LoadedTemplate> {
    const [found] = await loadTemplates(db, this.#sealer, isId(key) ? { id: key } : { name: key });
    if (found !== undefined && isReadableTemplate(found.places, access)) return found;
    throw new ArungError('not-found', `There is no template ${key} in your regions.`, {
      code: 'template.not-found',
      arguments: { key },
    });
  }

  /**
   * Makes a template what a draft says, whether it was there or not. Throws `intent.invalid`, `driver.unknown`,
   * `template.no-place`, `template.outside-regions`, `device.not-found`.
   */
  async put(access: Access, draft: TemplateDraft, reason: string | undefined): Promise<string> {
    return this.#changes.run(access, reason, async (change) => {
      const { trx } = change;
      // Two that make the same one at once: the second finds what the first has made.
      await sql`select pg_advisory_xact_lock(hashtext('arung templates'))`.execute(trx);
      const { before, after, rows } = await this.drafted(trx, access, draft);
      const { id, name, note, driver, contents } = after;
      const row = {
        name,
        note,
        driver,
        masked: JSON.stringify(after.masked),
        contents: JSON.stringify(contents),
        sealed: this.#sealer.seal(JSON.stringify(after.fragments()), id),
        changed_at: new Date(this.#clock.now()),
        changed_by: access.name,
      };
      await trx
        .insertInto('templates')
        .values({ id, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute();
      await trx.deleteFrom('template_places').where('template_id', '=', id).execute();
      if (rows.length > 0) {
        await trx
          .insertInto('template_places')
          .values(rows.map((one) => ({ template_id: id, ...one })))
          .execute();
      }
      change.record({
        action: before === null ? 'create' : 'update',
        ...audited(after),
        before: before === null ? null : factsOf(before),
        after: factsOf(after),
      });
      return id;
    });
  }

  /** Takes a template away everywhere. Throws `template.not-found`, `template.outside-regions`. */
  async remove(access: Access, key: string, reason: string | undefined): Promise<void> {
    await this.#changes.run(access, reason, async (change) => {
      const found = await this.find(access, key, change.trx);
      requireWritable(found.name, found.places, access);
      await change.trx.deleteFrom('templates').where('id', '=', found.id).execute();
      change.record({ action: 'remove', ...audited(found), before: factsOf(found), after: null });
    });
  }

  /** What a draft would make of a template, checked, keeping nothing. Throws as `put`. */
  async drafted(
    db: Kysely<Database>,
    access: Access,
    draft: TemplateDraft,
  ): Promise<{
    readonly before: LoadedTemplate | null;
    readonly after: LoadedTemplate;
    readonly rows: readonly PlaceRow[];
  }> {
    const { name, note, driver } = draft;
    const [before = null] = await loadTemplates(db, this.#sealer, { name });
    if (before !== null) requireWritable(name, before.places, access);
    const places = [...new Map(draft.places.map((one) => [`${one.scope} ${one.key}`, one])).values()];
    const rows: PlaceRow[] = [];
    for (const { scope, key } of places) {
      const { regionCode: _region, ...columns } = await placeWithin(db, access, { what: 'template', scope, key });
      rows.push({ scope, ...columns });
    }
    const named = await namePlaces(db, rows);
    requireWritable(name, named, access);
    const fragments = preparedTemplate(this.#form, draft, before?.driver === driver ? before.fragments() : []);
    const after: LoadedTemplate = {
      id: before?.id ?? newId<never>(),
      name,
      note,
      driver,
      places: named,
      masked: maskedFragments(fragments),
      contents: contentsOf(fragments, this.#nameOf),
      changedAt: this.#clock.now(),
      changedBy: access.name,
      fragments: () => fragments,
    };
    return { before, after, rows };
  }
}

function seenBy(template: LoadedTemplate, access: Access): SeenTemplate {
  const { id, name, note, driver, masked, places, changedAt, changedBy } = template;
  const seen = readablePlaces(places, access);
  return {
    id,
    name,
    note,
    driver,
    changedAt,
    changedBy,
    fragments: masked,
    places: seen.map(({ place }) => place),
    placesElsewhere: places.length - seen.length,
  };
}

function audited({ id, name, places }: LoadedTemplate) {
  const [first] = places;
  const regionCode = places.length === 1 && first !== undefined ? first.regionCode : null;
  return { entityKind: 'template', entityId: id, entityName: name, regionCode };
}

/** What the audit log keeps of one: where it holds and which fragments it has, whose contents are named and not told. */
function factsOf({ driver, note, places, contents }: LoadedTemplate) {
  return {
    driver,
    note,
    places: places.map(({ place: { scope, key } }) => `${scope} ${key}`.trim()),
    fragments: Object.fromEntries(contents),
  };
}
