import type { Kysely } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import { templateOwner } from '../../domain/template.ts';
import { stagedOf } from './device-state.ts';
import { compose, partOf, withFragment, type IntentPart, type OwnedFragment } from './intent-parts.ts';
import type { IntentStore } from './intent-store.ts';
import { findDevice, ownerKept } from './managed-device.ts';
import { holdsSecrets } from './masked.ts';
import type { StagedPart } from './staging.ts';

interface OwnedDocument {
  readonly managedBy: string;
  readonly document: IntentDocument;
}

interface Trial {
  readonly managedBy: string;
  /** What the owner would say, of what it says now; that has no fragments where it says nothing. */
  readonly said: (own: IntentPart) => IntentPart;
  /** What other owners say goes. */
  readonly takeOver?: boolean;
}

/** Null, and `changed`, where the device's document holds a secret: equal names would tell who guesses that the guess is right. */
export type TriedPart = StagedPart | { readonly version: null; readonly changed: true; readonly content: null };

interface Together {
  readonly deviceId: DeviceId;
  readonly document: IntentDocument;
  readonly part: IntentPart;
}

/** What devices would be if an owner said something else, beside what others and templates say; keeps nothing. */
export class IntentTrial {
  readonly #db: Kysely<Database>;
  readonly #store: IntentStore;

  constructor(options: { readonly db: Kysely<Database>; readonly store: IntentStore }) {
    this.#db = options.db;
    this.#store = options.store;
  }

  /** The whole document, for who may configure the device. Throws as `IntentStore.stage`. */
  async wouldBe(access: Access, key: string, { document, managedBy }: OwnedDocument): Promise<Omit<Together, 'part'>> {
    const part = partOf(managedBy, this.#store.prepare(document));
    return this.#together(access, key, { managedBy, said: () => part });
  }

  /** What `IntentStore.stage` would give, as far as it tells no secret. Throws as it. */
  async wouldStage(
    access: Access,
    key: string,
    { document, managedBy, takeOver = false }: OwnedDocument & { readonly takeOver?: boolean },
  ): Promise<TriedPart> {
    const part = partOf(managedBy, this.#store.prepare(document));
    return this.#staged(access, key, { managedBy, takeOver, said: () => part });
  }

  /** What `SharedIntent.stageFragment` would give, as far as it tells no secret. Throws as it. */
  async wouldStageFragment(
    access: Access,
    key: string,
    { driver, fragment, managedBy }: OwnedFragment & { readonly managedBy: string },
  ): Promise<TriedPart> {
    const prepared = this.#store.prepareFragment({ driver, fragment });
    return this.#staged(access, key, { managedBy, said: (own) => withFragment({ ...own, driver }, prepared) });
  }

  async #staged(access: Access, key: string, trial: Trial): Promise<TriedPart> {
    if (trial.managedBy === templateOwner) throw ownerKept();
    const { deviceId, document, part } = await this.#together(access, key, trial);
    if (holdsSecrets(document)) return { version: null, changed: true, content: null };
    const version = this.#store.versionOf(document);
    return { version, changed: version !== (await stagedOf(this.#db, deviceId)), content: this.#store.contentOf(part) };
  }

  /** What all say of the device together, with the values that hold there. */
  async #together(access: Access, key: string, trial: Trial): Promise<Together> {
    const { managedBy, said, takeOver = false } = trial;
    const { id, name } = await findDevice(this.#db, access, key, 'provisioning.write');
    const kept = (await this.#store.parts.ofAll(this.#db, [id])).get(id) ?? [];
    const part = said(kept.find((one) => one.managedBy === managedBy) ?? { managedBy, driver: '', fragments: [] });
    const others = takeOver ? [] : kept.filter((one) => one.managedBy !== managedBy);
    const whole = await this.#store.withTemplates(this.#db, id, [...others, part]);
    return { deviceId: id, document: await this.#store.filled(id, compose(name, whole)), part };
  }
}
