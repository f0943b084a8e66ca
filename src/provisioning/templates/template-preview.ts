import { isDeepStrictEqual } from 'node:util';
import { sql, type Kysely, type SqlBool } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId, SiteId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import type { Said } from '../../domain/rollout.ts';
import type { TemplateSource } from '../../domain/template.ts';
import { compose, isOfTemplates, type IntentPart, type Sealer } from '../intent/intent-parts.ts';
import type { IntentStore } from '../intent/intent-store.ts';
import { groupsOf, type Stand } from '../places/stands.ts';
import { saidOf } from '../rollouts/said.ts';
import { fillVariables, variablesIn, type VariableValue } from '../variables/fill.ts';
import type { VariableResolver } from '../variables/variable-resolver.ts';
import { nearestPlace, resolveTemplates, type HeldFragment } from './resolve.ts';
import type { TemplateBook, TemplateDraft } from './template-book.ts';
import { requireWritable } from './template-rights.ts';
import { loadTemplates, type LoadedTemplate } from './template-rows.ts';
import { templatePart, type DriverOfCredential } from './template-resolver.ts';

/** A fragment of a template that a device does not get, and who says it instead: an owner, or a nearer template. */
export interface HiddenFragment {
  readonly key: string;
  readonly owner: string | null;
  readonly by: TemplateSource | null;
}

/**
 * `right`: on the device. `pending`: staged, and waits for a rollout. `stale`: staged again it would be another version.
 * `unmanaged`: nobody says anything of it yet but templates. `refused`: it cannot be staged as it would be, and `error` says
 * why.
 */
export const templateDeviceStates = ['right', 'pending', 'stale', 'unmanaged', 'refused'] as const;
export type TemplateDeviceState = (typeof templateDeviceStates)[number];

/** What a device would be, staged again. */
export interface WouldBe {
  readonly deviceId: DeviceId;
  readonly device: string;
  readonly siteId: SiteId;
  readonly site: string;
  readonly region: string;
  readonly state: TemplateDeviceState;
  /** Where the template holds for it; null where it does not, any more. */
  readonly from: TemplateSource['place'] | null;
  /** Keys of fragments that are otherwise than staged, whoever says them. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly hidden: readonly HiddenFragment[];
  readonly error: Said | null;
}

/** What becomes of a template: nothing, what a draft says, or its end. */
export type TemplateChange =
  | { readonly kind: 'none'; readonly key: string }
  | { readonly kind: 'put'; readonly draft: TemplateDraft }
  | { readonly kind: 'remove'; readonly key: string };

/** Which devices have a template, and what they would be when it changes. Keeps nothing and reads no device. */
export class TemplatePreview {
  readonly #db: Kysely<Database>;
  readonly #sealer: Sealer;
  readonly #book: TemplateBook;
  readonly #intents: Pick<IntentStore, 'parts' | 'check' | 'versionOf' | 'open'>;
  readonly #variables: Pick<VariableResolver, 'valuesOf'>;
  readonly #driverOf: DriverOfCredential;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly sealer: Sealer;
    readonly book: TemplateBook;
    readonly intents: Pick<IntentStore, 'parts' | 'check' | 'versionOf' | 'open'>;
    readonly variables: Pick<VariableResolver, 'valuesOf'>;
    readonly driverOf: DriverOfCredential;
  }) {
    this.#db = options.db;
    this.#sealer = options.sealer;
    this.#book = options.book;
    this.#intents = options.intents;
    this.#variables = options.variables;
    this.#driverOf = options.driverOf;
  }

  /**
   * The devices in the reader's regions for which the template holds, held, or would hold, by name. Throws as
   * `TemplateBook.put` and `remove` would.
   */
  async devices(access: Access, change: TemplateChange): Promise<readonly WouldBe[]> {
    const { name, before, after } = await this.#changed(access, change);
    const others = (await loadTemplates(this.#db, this.#sealer)).filter((one) => one.name !== name);
    const templates = after === null ? others : [...others, after];
    const concerned = (await this.#candidates(access)).filter(
      (one) => one.used.includes(name) || concerns(before, one) || concerns(after, one),
    );
    const ids = concerned.map(({ deviceId }) => deviceId);
    const parts = await this.#intents.parts.ofAll(this.#db, ids);
    const composed = concerned.flatMap((candidate) => {
      const one = composedFor(candidate, { name, after, templates, parts: parts.get(candidate.deviceId) ?? [] });
      return one === null ? [] : [one];
    });
    const names = new Set(composed.flatMap(({ document }) => (document === null ? [] : variablesIn(document))));
    const values = await this.#variables.valuesOf(ids, [...names]);
    const found: WouldBe[] = [];
    for (const one of composed) found.push(await this.#wouldBe(one, values.get(one.candidate.deviceId) ?? new Map()));
    return found;
  }

  async #changed(
    access: Access,
    change: TemplateChange,
  ): Promise<{
    readonly name: string;
    readonly before: LoadedTemplate | null;
    readonly after: LoadedTemplate | null;
  }> {
    if (change.kind === 'put') {
      const { before, after } = await this.#book.drafted(this.#db, access, change.draft);
      return { name: after.name, before, after };
    }
    const found = await this.#book.find(access, change.key);
    if (change.kind === 'none') return { name: found.name, before: found, after: found };
    requireWritable(found.name, found.places, access);
    return { name: found.name, before: found, after: null };
  }

  async #wouldBe(
    { candidate, facts, document: open, error }: Composed,
    values: ReadonlyMap<string, VariableValue>,
  ): Promise<WouldBe> {
    const { deviceId, device, staged, confirmed } = candidate;
    const none = { added: [], changed: [], removed: [] };
    try {
      if (open === null) throw error;
      const { document } = fillVariables(open, values, device);
      const version = this.#intents.versionOf(document);
      if (version === staged) {
        return { ...facts, ...none, state: staged === confirmed ? 'right' : 'pending', error: null };
      }
      this.#intents.check(document);
      const was = staged === null ? null : await this.#intents.open(deviceId, staged);
      return { ...facts, ...differenceOf(was, document), state: staged === null ? 'unmanaged' : 'stale', error: null };
    } catch (cause) {
      // Only what is wrong with what is said of the device is told as such.
      if (!(cause instanceof ArungError)) throw cause;
      return { ...facts, ...none, state: 'refused', error: saidOf(cause) };
    }
  }

  /** Devices in reach that can be configured or are. */
  async #candidates(access: Access): Promise<readonly Candidate[]> {
    const rows = await this.#db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .leftJoin('credentials', 'credentials.id', 'devices.management_credential_id')
      .leftJoin('device_intents', 'device_intents.device_id', 'devices.id')
      .leftJoin('device_templates', 'device_templates.device_id', 'devices.id')
      .select([
        'devices.id as deviceId',
        'devices.name as device',
        'devices.role',
        'devices.tags',
        'sites.id as siteId',
        'sites.name as site',
        'sites.tags as siteTags',
        'regions.code as regionCode',
        'credentials.kind as kind',
        'device_intents.staged as staged',
        'device_intents.confirmed as confirmed',
        'device_templates.used as used',
      ])
      .where(withinScope('regions.code', scopeFor(access, 'provisioning.read')))
      .where(sql<SqlBool>`(devices.management_credential_id is not null or device_intents.staged is not null)`)
      .orderBy('devices.name')
      .execute();
    return rows.map(({ role, tags, siteTags, regionCode, kind, used, ...row }) => ({
      ...row,
      driver: kind === null ? null : this.#driverOf(kind),
      used: (used ?? []).map(([template]) => template),
      stand: {
        deviceId: row.deviceId,
        deviceName: row.device,
        siteId: row.siteId,
        regionCode,
        groups: groupsOf(role, tags, siteTags),
      },
    }));
  }
}

interface Candidate {
  readonly deviceId: DeviceId;
  readonly device: string;
  readonly siteId: SiteId;
  readonly site: string;
  readonly stand: Stand;
  /** Of who opens it. */
  readonly driver: string | null;
  /** Templates that its staged version has. */
  readonly used: readonly string[];
  readonly staged: string | null;
  readonly confirmed: string | null;
}

/** What a device would be before values of variables are put in; `error` says why that cannot be. */
interface Composed {
  readonly candidate: Candidate;
  readonly facts: Omit<WouldBe, 'state' | 'added' | 'changed' | 'removed' | 'error'>;
  readonly document: IntentDocument | null;
  readonly error: unknown;
}

/** Null for a device that the template does not concern, by its driver. */
function composedFor(
  candidate: Candidate,
  would: {
    readonly name: string;
    readonly after: LoadedTemplate | null;
    readonly templates: readonly LoadedTemplate[];
    readonly parts: readonly IntentPart[];
  },
): Composed | null {
  const { name, after, templates, parts } = would;
  const { deviceId, device, siteId, site, stand } = candidate;
  const own = parts.filter((part) => !isOfTemplates(part));
  const before = parts.find(isOfTemplates) ?? null;
  const driver = own[0]?.driver ?? before?.driver ?? candidate.driver;
  if (driver === null) return null;
  const holds = after !== null && after.driver === driver ? nearestPlace(after, stand) : null;
  if (holds === null && !candidate.used.includes(name)) return null;
  const held = resolveTemplates(templates, stand, driver);
  const part = templatePart(held, { driver, before });
  const said = part === null ? own : [...own, part];
  if (said.length === 0) return null;
  const hidden = holds === null ? [] : hiddenOf(name, held, own);
  const facts = { deviceId, device, siteId, site, region: stand.regionCode, from: holds, hidden };
  try {
    return { candidate, facts, document: compose(device, said), error: null };
  } catch (error) {
    return { candidate, facts, document: null, error };
  }
}

function concerns(template: LoadedTemplate | null, { stand }: Candidate): boolean {
  return template !== null && nearestPlace(template, stand) !== null;
}

/** Fragments of a template that the device does not get. */
function hiddenOf(
  name: string,
  held: readonly HeldFragment<LoadedTemplate>[],
  own: readonly IntentPart[],
): readonly HiddenFragment[] {
  const owners = new Map(
    own.flatMap(({ managedBy, fragments }) => fragments.map(({ key }) => [key, managedBy] as const)),
  );
  return held.flatMap(({ key, template, place, hides }): readonly HiddenFragment[] => {
    const isMine = template.name === name;
    if (!isMine && !hides.some((one) => one.template === name)) return [];
    const owner = owners.get(key) ?? null;
    if (owner !== null) return [{ key, owner, by: null }];
    return isMine ? [] : [{ key, owner: null, by: { template: template.name, place } }];
  });
}

function differenceOf(was: IntentDocument | null, is: IntentDocument): Pick<WouldBe, 'added' | 'changed' | 'removed'> {
  const before = new Map((was?.fragments ?? []).map((one) => [one.key, one]));
  const after = new Map(is.fragments.map((one) => [one.key, one]));
  const said = (one: IntentDocument['fragments'][number] | undefined) =>
    one === undefined ? null : { ...one, secret: one.secret.toSorted() };
  return {
    added: [...after.keys()].filter((key) => !before.has(key)),
    changed: [...after.keys()].filter(
      (key) => before.has(key) && !isDeepStrictEqual(said(before.get(key)), said(after.get(key))),
    ),
    removed: [...before.keys()].filter((key) => !after.has(key)),
  };
}
