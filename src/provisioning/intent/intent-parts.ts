import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import { ArungError } from '../../domain/errors.ts';
import { newId, type DeviceId } from '../../domain/ids.ts';
import type { IntentDocument, IntentFragment } from '../../domain/intent.ts';
import { templateOwner, type TemplateSource } from '../../domain/template.ts';

/** Seals secrets; `context` is the row's id. */
export interface Sealer {
  seal(plain: string, context: string): Buffer;
  open(sealed: Buffer, context: string): string;
}

export interface PartFragment extends IntentFragment {
  /** Place among all fragments of the device: smaller first. Those of the same place go by owner, then as they were given. */
  readonly order: number;
  /** Of the part of templates: whose it is, and which templates farther away say the same key. */
  readonly from?: TemplateSource;
  readonly hides?: readonly TemplateSource[];
}

/** One fragment of what an owner says, and the driver that applies it. */
export interface OwnedFragment {
  readonly driver: string;
  readonly fragment: PartFragment;
}

/** What one owner says of a device. */
export interface IntentPart {
  readonly managedBy: string;
  readonly driver: string;
  readonly fragments: readonly PartFragment[];
}

/** Whether a part is what templates say of the device. */
export function isOfTemplates({ managedBy }: Pick<IntentPart, 'managedBy'>): boolean {
  return managedBy === templateOwner;
}

/** Keys that a device's own owners say: these are nearer to it than any template. */
export function ownKeysOf(parts: readonly IntentPart[]): ReadonlySet<string> {
  return new Set(
    parts.filter((part) => !isOfTemplates(part)).flatMap(({ fragments }) => fragments.map(({ key }) => key)),
  );
}

/**
 * What all owners say together. Whatever order they came in, the same parts are the same document. What templates say
 * counts where no owner of the device says the same key.
 * @param device its name, for the errors: `intent.key-taken`, `intent.other-driver`.
 */
export function compose(device: string, parts: readonly IntentPart[]): IntentDocument {
  const ownKeys = ownKeysOf(parts);
  const sorted = parts
    .map((part) =>
      isOfTemplates(part) ? { ...part, fragments: part.fragments.filter(({ key }) => !ownKeys.has(key)) } : part,
    )
    .toSorted((a, b) => (a.managedBy < b.managedBy ? -1 : 1));
  const [first] = sorted;
  const owners = new Map<string, string>();
  for (const { managedBy, driver, fragments } of sorted) {
    if (first !== undefined && driver !== first.driver) {
      throw new ArungError(
        'conflict',
        `${managedBy} configures ${device} by the driver ${driver}, and ${first.managedBy} by ${first.driver}: a device has one.`,
        {
          code: 'intent.other-driver',
          arguments: { name: device, owner: managedBy, driver, other: first.managedBy, others: first.driver },
        },
      );
    }
    for (const { key } of fragments) {
      const owner = owners.get(key);
      // Twice within one part is for the check of the document's form.
      if (owner !== undefined && owner !== managedBy) throw keyTaken({ device, key, owners: [owner, managedBy] });
      owners.set(key, managedBy);
    }
  }
  const fragments = sorted.flatMap((part) => part.fragments).toSorted((a, b) => a.order - b.order);
  return {
    driver: first?.driver ?? '',
    fragments: fragments.map(({ key, subject, values, secret }) => ({ key, subject, values, secret })),
  };
}

function keyTaken({ device, key, owners }: { device: string; key: string; owners: readonly [string, string] }) {
  const [a, b] = owners;
  return new ArungError(
    'conflict',
    `Both ${a} and ${b} say what the fragment ${key} of ${device} is: give one of them another key, or take it out of one.`,
    { code: 'intent.key-taken', arguments: { name: device, fragment: key, owner: a, other: b } },
  );
}

/** A document as the part of an owner. */
export function partOf(managedBy: string, { driver, fragments }: IntentDocument): IntentPart {
  return { managedBy, driver, fragments: fragments.map((one) => ({ ...one, order: 0 })) };
}

/** What an owner says, as text: the same content is the same one. Holds secrets. */
export function partText({ driver, fragments }: IntentPart): string {
  const content = fragments.map(({ key, subject, values, secret, order }) => {
    const sorted = Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return [key, subject, order, sorted, secret.toSorted()];
  });
  return JSON.stringify(['arung-part-1', driver, content]);
}

/** The part of an owner with one fragment put in, where it was or at the end. */
export function withFragment(part: IntentPart, fragment: PartFragment): IntentPart {
  const at = part.fragments.findIndex(({ key }) => key === fragment.key);
  const fragments = at === -1 ? [...part.fragments, fragment] : part.fragments.with(at, fragment);
  return { ...part, fragments };
}

/** Where parts are kept, sealed whole. */
export class IntentParts {
  readonly #sealer: Sealer;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  /** Of a device, by owner. One that was staged before there were parts has one: what is staged. */
  async of(trx: Transaction<Database>, deviceId: DeviceId): Promise<readonly IntentPart[]> {
    return (await this.ofAll(trx, [deviceId])).get(deviceId) ?? [];
  }

  /** Of several devices, as `of` has them. */
  async ofAll(
    db: Kysely<Database>,
    deviceIds: readonly DeviceId[],
  ): Promise<ReadonlyMap<DeviceId, readonly IntentPart[]>> {
    const kept = await this.kept(db, deviceIds);
    const before = await this.#fromBefore(
      db,
      deviceIds.filter((id) => !kept.has(id)),
    );
    return new Map(deviceIds.map((id) => [id, kept.get(id) ?? before.get(id) ?? []]));
  }

  /** Those that are kept as parts, by owner; nothing of a device that has none. */
  async kept(
    db: Kysely<Database>,
    deviceIds: readonly DeviceId[],
  ): Promise<ReadonlyMap<DeviceId, readonly IntentPart[]>> {
    if (deviceIds.length === 0) return new Map();
    const rows = await db
      .selectFrom('intent_parts')
      .selectAll()
      .where('device_id', 'in', [...deviceIds])
      .orderBy('managed_by')
      .execute();
    const byDevice = Map.groupBy(rows, ({ device_id: id }) => id);
    return new Map([...byDevice].map(([id, own]) => [id, own.map((row) => this.#open(row))]));
  }

  /** All that is said of devices from now on. */
  async keep(trx: Transaction<Database>, said: ReadonlyMap<DeviceId, readonly IntentPart[]>): Promise<void> {
    if (said.size === 0) return;
    await trx
      .deleteFrom('intent_parts')
      .where('device_id', 'in', [...said.keys()])
      .execute();
    const rows = [...said].flatMap(([deviceId, parts]) =>
      parts.map(({ managedBy, ...part }) => {
        const id = newId<never>() as string;
        const sealed = this.#sealer.seal(JSON.stringify(part), id);
        return { id, device_id: deviceId, managed_by: managedBy, sealed };
      }),
    );
    if (rows.length > 0) await trx.insertInto('intent_parts').values(rows).execute();
  }

  #open(row: { readonly id: string; readonly managed_by: string; readonly sealed: Buffer }): IntentPart {
    const { id, managed_by: managedBy, sealed } = row;
    return { managedBy, ...(JSON.parse(this.#sealer.open(sealed, id)) as Omit<IntentPart, 'managedBy'>) };
  }

  async #fromBefore(
    db: Kysely<Database>,
    deviceIds: readonly DeviceId[],
  ): Promise<ReadonlyMap<DeviceId, readonly IntentPart[]>> {
    if (deviceIds.length === 0) return new Map();
    const rows = await db
      .selectFrom('device_intents')
      .innerJoin('intent_versions', (join) =>
        join
          .onRef('intent_versions.device_id', '=', 'device_intents.device_id')
          .onRef('intent_versions.version', '=', 'device_intents.staged'),
      )
      .select([
        'device_intents.device_id',
        'intent_versions.id',
        'intent_versions.managed_by',
        'intent_versions.sealed',
      ])
      .where('device_intents.device_id', 'in', [...deviceIds])
      .execute();
    return new Map(
      rows.map(({ device_id: deviceId, id, managed_by: by, sealed }) => [
        deviceId,
        [partOf(by, JSON.parse(this.#sealer.open(sealed, id)) as IntentDocument)],
      ]),
    );
  }
}
