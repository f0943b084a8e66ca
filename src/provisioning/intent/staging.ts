import type { Kysely } from 'kysely';
import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import type { TemplateResolver } from '../templates/template-resolver.ts';
import type { Filled } from '../variables/fill.ts';
import type { VariableResolver } from '../variables/variable-resolver.ts';
import { compose, isOfTemplates, type IntentPart, type IntentParts, type Sealer } from './intent-parts.ts';
import { noIntent, type ManagedDevice } from './managed-device.ts';
import { keepVersionRows } from './version-rows.ts';

/** Who knows the values that documents leave open. */
export type Variables = Pick<VariableResolver, 'fill' | 'keep'>;

/** Who knows what templates say of devices. */
export type Templates = Pick<TemplateResolver, 'partsOf' | 'keep'>;

/** What is said of a device from now on. */
export interface SaidOfDevice {
  readonly device: ManagedDevice;
  /** Whose part was written. */
  readonly managedBy: string;
  readonly parts: readonly IntentPart[];
}

/** What was staged, and what it is called. */
export interface StagedPart {
  /** What the device should be, by all owners together. */
  readonly version: string;
  /** Whether that is another version than before. */
  readonly changed: boolean;
  /** Names what this owner says. */
  readonly content: string;
}

interface Staged extends SaidOfDevice, StagedPart, Filled {
  /** With what templates say. */
  readonly whole: readonly IntentPart[];
}

/** So many devices go into one statement. */
const atOnce = 100;

export interface StagingOptions {
  readonly sealer: Sealer;
  readonly parts: IntentParts;
  readonly variables: Variables | null;
  readonly templates: Templates | null;
  /** Throws `intent.invalid`. */
  readonly check: (document: IntentDocument) => void;
  readonly versionOf: (document: IntentDocument) => string;
  readonly contentOf: (part: IntentPart) => string;
  readonly clock: Clock;
}

/** Makes of what owners and templates say of devices what they should be, and keeps it. */
export class Staging {
  readonly #options: StagingOptions;

  constructor(options: StagingOptions) {
    this.#options = options;
  }

  /** What is said of devices by these parts and by the templates that hold for them now. */
  async withTemplates(
    db: Kysely<Database>,
    said: ReadonlyMap<DeviceId, readonly IntentPart[]>,
  ): Promise<ReadonlyMap<DeviceId, readonly IntentPart[]>> {
    const { templates } = this.#options;
    if (templates === null) return said;
    const ofTemplates = await templates.partsOf(db, said);
    return new Map(
      [...said].map(([deviceId, parts]) => {
        const own = parts.filter((part) => !isOfTemplates(part));
        const part = ofTemplates.get(deviceId);
        return [deviceId, part === undefined ? own : [...own, part]];
      }),
    );
  }

  /** Documents with the values that hold for their devices, checked. Throws `variable.missing`, `intent.invalid`. */
  async filled(
    db: Kysely<Database>,
    documents: ReadonlyMap<DeviceId, IntentDocument>,
  ): Promise<ReadonlyMap<DeviceId, Filled>> {
    const { variables, check } = this.#options;
    const open = [...documents].map(([id, document]) => [id, { document, used: new Map() }] as const);
    const filled = (await variables?.fill(db, documents)) ?? new Map<DeviceId, Filled>(open);
    for (const { document } of filled.values()) check(document);
    return filled;
  }

  /**
   * Makes parts, and what templates say, all that is said of devices, and that together what they should be. Says of each in
   * turn what was staged. Throws `intent.none` where nobody says anything of one. Those that are so already cost no write.
   */
  async keep(change: Change, said: readonly SaidOfDevice[]): Promise<readonly StagedPart[]> {
    const kept: StagedPart[] = [];
    for (let at = 0; at < said.length; at += atOnce) {
      const staged = await this.#keepSome(change, said.slice(at, at + atOnce));
      // Nothing else of it leaves: it holds secrets.
      kept.push(...staged.map(({ version, changed, content }) => ({ version, changed, content })));
    }
    return kept;
  }

  async #keepSome({ trx, access, record }: Change, said: readonly SaidOfDevice[]): Promise<readonly Staged[]> {
    const { parts, sealer, templates, variables, clock } = this.#options;
    const ids = said.map(({ device }) => device.id);
    const before = await this.#stagedBefore(trx, ids);
    const stored = await parts.kept(trx, ids);
    const staged = await this.#stagedOf(trx, said, before);
    const isStored = ({ device, whole }: Staged): boolean =>
      isDeepStrictEqual(sorted(stored.get(device.id) ?? []), sorted(whole));
    const written = staged.filter((one) => one.changed || !isStored(one));
    const at = new Date(clock.now());
    await parts.keep(trx, new Map(written.map(({ device, whole }) => [device.id, whole])));
    const versions = written.map(({ device, document, version, managedBy }) => ({
      deviceId: device.id,
      document,
      version,
      by: access.name,
      managedBy,
      at,
    }));
    await keepVersionRows(trx, sealer, versions);
    await variables?.keep(
      trx,
      written.map(({ device, version, used }) => ({ deviceId: device.id, version, used })),
    );
    const concerned = written.filter((one) => [...one.whole, ...one.parts].some(isOfTemplates));
    await templates?.keep(trx, new Map(concerned.map(({ device, whole }) => [device.id, whole])));
    const changed = staged.filter((one) => one.changed);
    if (changed.length > 0) {
      await trx
        .insertInto('device_intents')
        .values(changed.map(({ device, version }) => ({ device_id: device.id, staged: version, staged_at: at })))
        .onConflict((conflict) =>
          conflict.column('device_id').doUpdateSet(({ ref }) => ({
            staged: ref('excluded.staged'),
            staged_at: ref('excluded.staged_at'),
          })),
        )
        .execute();
    }
    for (const { device, version, managedBy } of changed) {
      const old = before.get(device.id) ?? null;
      record({
        ...auditedIntent(device),
        action: 'stage',
        before: old === null ? null : { version: old },
        after: { version, managedBy },
      });
    }
    return staged;
  }

  async #stagedOf(
    trx: Kysely<Database>,
    said: readonly SaidOfDevice[],
    before: ReadonlyMap<DeviceId, string | null>,
  ): Promise<readonly Staged[]> {
    const { versionOf, contentOf } = this.#options;
    const whole = await this.withTemplates(trx, new Map(said.map(({ device, parts }) => [device.id, parts])));
    const documents = new Map(
      said.map(({ device }) => {
        const parts = whole.get(device.id) ?? [];
        if (parts.length === 0) throw noIntent(device.name);
        return [device.id, compose(device.name, parts)];
      }),
    );
    const filled = await this.filled(trx, documents);
    return said.flatMap((one): Staged[] => {
      const found = filled.get(one.device.id);
      if (found === undefined) return [];
      const parts = whole.get(one.device.id) ?? [];
      const version = versionOf(found.document);
      const own = parts.find(({ managedBy }) => managedBy === one.managedBy);
      const content = own === undefined ? '' : contentOf(own);
      return [{ ...one, ...found, whole: parts, version, content, changed: before.get(one.device.id) !== version }];
    });
  }

  async #stagedBefore(trx: Kysely<Database>, ids: readonly DeviceId[]): Promise<ReadonlyMap<DeviceId, string | null>> {
    const rows = await trx
      .selectFrom('device_intents')
      .select(['device_id', 'staged'])
      .where('device_id', 'in', [...ids])
      .execute();
    return new Map(rows.map(({ device_id: id, staged }) => [id, staged]));
  }
}

function sorted(parts: readonly IntentPart[]): readonly IntentPart[] {
  return parts.toSorted((a, b) => (a.managedBy < b.managedBy ? -1 : 1));
}

/** How the audit log knows the intent of a device. */
export function auditedIntent({ id, name, regionCode }: ManagedDevice) {
  return { entityKind: 'intent', entityId: id, entityName: name, regionCode };
}
