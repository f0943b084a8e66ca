import { sql, type Kysely } from 'kysely';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import { scopeFor, type Access } from '../domain/access.ts';
import type { DeviceId } from '../domain/ids.ts';
import type { DeviceFacts, NeighbourFacts } from '../domain/plan.ts';
import type { FactsStore } from './facts.ts';

export interface KnownNeighbour extends NeighbourFacts {
  readonly deviceId: DeviceId | null;
}

/** What devices said of themselves, as a reader may see it. */
export class DeviceKnowledge {
  readonly #db: Kysely<Database>;
  readonly #facts: FactsStore;

  constructor(options: { readonly db: Kysely<Database>; readonly facts: FactsStore }) {
    this.#db = options.db;
    this.#facts = options.facts;
  }

  /** Of a device that the reader may see. */
  async facts(deviceId: DeviceId): Promise<DeviceFacts | null> {
    return this.#facts.lastFacts(deviceId);
  }

  /** A neighbour that is a device of the inventory outside the reader's regions is not shown. */
  async neighbours(access: Access, deviceId: DeviceId): Promise<KnownNeighbour[]> {
    const facts = await this.#facts.lastFacts(deviceId);
    if (facts === null) return [];
    const names = [...new Set(facts.neighbours.map((one) => one.remoteName))];
    const visible = withinScope('regions.code', scopeFor(access, 'inventory.read'));
    const rows = await sql<{ id: DeviceId; name: string; visible: boolean }>`
      select devices.id, devices.name, ${visible} as visible from devices
      join sites on sites.id = devices.site_id join regions on regions.id = sites.region_id
      where devices.name = any(${names}::text[])`.execute(this.#db);
    const known = new Map(rows.rows.map((row) => [row.name, row]));
    return facts.neighbours.flatMap((neighbour) => {
      const device = known.get(neighbour.remoteName);
      if (device?.visible === false) return [];
      return [{ ...neighbour, deviceId: device?.id ?? null }];
    });
  }
}
