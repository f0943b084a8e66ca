import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import type { CredentialSecret } from '../domain/device.ts';
import type { DeviceId } from '../domain/ids.ts';
import type { ManagementTarget, ManagementTargets } from '../domain/management.ts';
import type { SecretSealer } from './collaborators.ts';

/** Devices as they are configured: address, port and the credential of their management. */
export class InventoryManagementTargets implements ManagementTargets {
  readonly #db: Kysely<Database>;
  readonly #sealer: SecretSealer;
  readonly #logger: Logger;

  constructor(options: { readonly db: Kysely<Database>; readonly sealer: SecretSealer; readonly logger: Logger }) {
    this.#db = options.db;
    this.#sealer = options.sealer;
    this.#logger = options.logger;
  }

  async of(deviceIds: readonly DeviceId[]): Promise<ReadonlyMap<DeviceId, ManagementTarget>> {
    if (deviceIds.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .leftJoin('credentials', 'credentials.id', 'devices.management_credential_id')
      .select([
        'devices.id as deviceId',
        'devices.name',
        'devices.site_id as siteId',
        'regions.code as regionCode',
        'devices.address',
        'devices.management_port as port',
        'devices.tags',
        'credentials.id as credentialId',
        'credentials.secret as sealed',
      ])
      .where('devices.id', 'in', [...deviceIds])
      .execute();
    return new Map(
      rows.map(({ credentialId, sealed, ...row }) => [
        row.deviceId,
        { ...row, secret: credentialId === null || sealed === null ? null : this.#open(credentialId, sealed) },
      ]),
    );
  }

  #open(credentialId: string, sealed: Buffer): CredentialSecret | null {
    try {
      // What was sealed here was checked when it was entered.
      return JSON.parse(this.#sealer.open(sealed, credentialId)) as CredentialSecret;
    } catch (error) {
      this.#logger.error(
        { err: error, credential: credentialId },
        'a credential cannot be opened; its devices cannot be configured',
      );
      return null;
    }
  }
}
