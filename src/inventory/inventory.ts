import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import type { Clock } from '../domain/clock.ts';
import { DeviceNetworks } from '../domain/device-networks.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import { Agents } from './agents.ts';
import { Boundaries } from './boundaries/boundaries.ts';
import { Calendars } from './calendars.ts';
import { Changes } from '../database/collection/changes.ts';
import type { AuditSink } from '../database/collection/audit-sink.ts';
import type { SecretSealer } from './collaborators.ts';
import { Contacts } from './contacts.ts';
import { Credentials } from './credentials.ts';
import { Devices } from './devices.ts';
import { DeviceKnowledge } from './device-knowledge.ts';
import { FactsStore } from './facts.ts';
import { ExternalSources } from './external-sources.ts';
import { Exporter } from './import/exporter.ts';
import { Importer } from './import/importer.ts';
import { Interfaces } from './interfaces.ts';
import { Links } from './links.ts';
import { Maintenance } from './maintenance.ts';
import { InventoryManagementAddresses } from './management-addresses.ts';
import { InventoryManagementTargets } from './management-targets.ts';
import { RegionCatalogue } from './region-catalogue.ts';
import { Regions } from './regions.ts';
import { Search } from './search.ts';
import { Services } from './services.ts';
import { SharedRisks } from './shared-risks.ts';
import { Sites } from './sites.ts';
import { Targets } from './targets.ts';
import { GeographySource } from './geography-source.ts';
import { InventoryTopology } from './topology.ts';

/** Where the vault's secrets of the inventory are kept, for the rotation of its key. */
export const sealedColumns = [{ table: 'credentials', id: 'id', sealed: 'secret' }] as const;

/** What is where: regions, sites, devices, links, and how the rest of the program reads them. */
export class Inventory implements LongLived {
  readonly name = 'inventory';
  readonly changes: Changes;
  readonly regions: Regions;
  readonly catalogue: RegionCatalogue;
  readonly sites: Sites;
  readonly devices: Devices;
  readonly interfaces: Interfaces;
  readonly links: Links;
  readonly sharedRisks: SharedRisks;
  readonly calendars: Calendars;
  readonly contacts: Contacts;
  readonly credentials: Credentials;
  readonly services: Services;
  readonly agents: Agents;
  readonly maintenance: Maintenance;
  readonly topology: InventoryTopology;
  readonly targets: Targets;
  /** The devices as they are configured. */
  readonly managementTargets: InventoryManagementTargets;
  readonly managementAddresses: InventoryManagementAddresses;
  readonly externalSources: ExternalSources;
  readonly facts: FactsStore;
  readonly knowledge: DeviceKnowledge;
  readonly importer: Importer;
  readonly exporter: Exporter;
  readonly boundaries: Boundaries;
  /** For the map's territories. */
  readonly geography: GeographySource;
  readonly search: Search;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly vault: SecretSealer;
    readonly audit: AuditSink;
    /** Where devices may be; anywhere when nobody says. */
    readonly deviceNetworks?: DeviceNetworks;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    const { db, vault, audit, deviceNetworks = new DeviceNetworks(), clock, logger } = options;
    this.changes = new Changes({ db, audit });
    const { changes } = this;
    const positions = new URL('../../data/regions/', import.meta.url);
    this.regions = new Regions({ db, changes });
    this.catalogue = new RegionCatalogue({ changes, clock, positions });
    this.sites = new Sites({ db, changes });
    this.devices = new Devices({ db, changes, networks: deviceNetworks });
    this.interfaces = new Interfaces({ db, changes });
    this.links = new Links({ db, changes });
    this.sharedRisks = new SharedRisks({ db, changes });
    this.calendars = new Calendars({ db, changes });
    this.contacts = new Contacts({ db, changes });
    this.credentials = new Credentials({ db, changes, sealer: vault });
    this.services = new Services({ db, changes });
    this.agents = new Agents({ db, changes });
    this.maintenance = new Maintenance({ db, changes, clock });
    this.topology = new InventoryTopology({ db, changes, clock, logger });
    this.targets = new Targets({ db, sealer: vault, topology: this.topology, changes, logger });
    this.managementTargets = new InventoryManagementTargets({ db, sealer: vault, logger });
    this.managementAddresses = new InventoryManagementAddresses({ db, changes, networks: deviceNetworks });
    this.externalSources = new ExternalSources({ db, changes, devices: this.devices, logger });
    this.facts = new FactsStore({ db, changes, targets: this.targets, logger });
    this.knowledge = new DeviceKnowledge({ db, facts: this.facts });
    this.importer = new Importer({ db, changes, sealer: vault, networks: deviceNetworks, clock });
    this.exporter = new Exporter({ db });
    this.boundaries = new Boundaries({ db, changes, clock });
    this.geography = new GeographySource({ db, changes, logger });
    this.search = new Search({ db });
  }

  async start(): Promise<void> {
    await this.topology.start();
    await this.externalSources.start();
  }

  async stop(): Promise<void> {
    await this.externalSources.stop();
    await this.topology.stop();
  }
}
