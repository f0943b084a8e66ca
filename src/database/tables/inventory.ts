import type { ColumnType, Generated } from 'kysely';
import type { Recurrence } from '../../domain/recurrence.ts';
import type { CredentialKind, DeviceRole, ManagementProtocol } from '../../domain/device.ts';
import type {
  AgentId,
  CalendarId,
  ContactId,
  CredentialId,
  DeviceId,
  InterfaceId,
  LinkId,
  RegionId,
  ServiceId,
  SharedRiskId,
  SiteId,
} from '../../domain/ids.ts';
import type { LinkMedium } from '../../domain/link.ts';
import type { DeviceFacts } from '../../domain/plan.ts';
import type { RegionLevel } from '../../domain/region.ts';
import type { ServiceCheck } from '../../domain/service-check.ts';
import type { Calendar, Network, RolloutStatus, SiteKind } from '../../domain/site.ts';

/** Regions, sites, devices, links and what belongs to them. */
export interface InventoryTables {
  regions: RegionTable;
  region_codes: RegionCodeTable;
  boundaries: BoundaryTable;
  calendars: CalendarTable;
  contacts: ContactTable;
  credentials: CredentialTable;
  agents: AgentTable;
  agent_attachments: AgentAttachmentTable;
  sites: SiteTable;
  site_contacts: SiteContactTable;
  site_regions: SiteRegionTable;
  devices: DeviceTable;
  device_sites: DeviceSiteTable;
  device_facts: DeviceFactsTable;
  interfaces: InterfaceTable;
  links: LinkTable;
  link_ends: LinkEndTable;
  shared_risks: SharedRiskTable;
  shared_risk_links: SharedRiskLinkTable;
  shared_risk_sites: SharedRiskSiteTable;
  services: ServiceTable;
  maintenance: MaintenanceTable;
  external_sources: ExternalSourceTable;
  inventory_version: InventoryVersionTable;
}

/** JSON that pg hands back parsed and takes as text. */
type Json<T> = ColumnType<T, string, string>;
type Instant = ColumnType<Date, Date | string, Date | string>;
/** Grows with every write of the row: what `If-Match` is compared with. */
type Version = Generated<number>;

interface RegionTable {
  id: RegionId;
  code: string;
  name: string;
  level: RegionLevel;
  latitude: number | null;
  longitude: number | null;
  /** Who said where its point is: `default` data, a `boundary`, a `person`. */
  point_source: 'default' | 'boundary' | 'person' | null;
  version: Version;
}

/** Codes change by decree; the old ones are kept with their dates. The open row is the current code. */
interface RegionCodeTable {
  region_id: RegionId;
  code: string;
  valid_from: Instant;
  valid_to: ColumnType<Date | null, Date | string | null, Date | string | null>;
  decree: string;
}

interface BoundaryTable {
  region_id: RegionId;
  /** GeoJSON Polygon or MultiPolygon, WGS 84, longitude first (RFC 7946). */
  geometry: Json<BoundaryGeometry>;
  source: string;
  imported_at: Instant;
}

export interface BoundaryGeometry {
  readonly type: 'MultiPolygon';
  readonly coordinates: readonly (readonly (readonly (readonly number[])[])[])[];
}

interface CalendarTable {
  id: CalendarId;
  name: string;
  time_zone: string;
  windows: Json<Calendar['windows']>;
  holidays: Json<string[]>;
  created_by: string;
  version: Version;
}

interface ContactTable {
  id: ContactId;
  name: string;
  role: string;
  phone: string;
  email: string;
  created_by: string;
  version: Version;
}

interface CredentialTable {
  id: CredentialId;
  name: string;
  kind: CredentialKind;
  user: string;
  /** Sealed by the vault with the row's id; null while no secret was given. */
  secret: Buffer | null;
  created_by: string;
  version: Version;
}

interface AgentTable {
  id: AgentId;
  name: string;
  credential_id: CredentialId | null;
  version: Version;
}

interface AgentAttachmentTable {
  agent_id: AgentId;
  device_id: DeviceId;
}

interface SiteTable {
  id: SiteId;
  code: string;
  name: string;
  kind: SiteKind;
  network: Network;
  rollout_status: RolloutStatus;
  region_id: RegionId;
  latitude: number | null;
  longitude: number | null;
  address: string;
  access_notes: string;
  calendar_id: CalendarId | null;
  tags: string[];
  managed_by: string;
  version: Version;
}

interface SiteContactTable {
  site_id: SiteId;
  contact_id: ContactId;
  position: number;
}

/** In which region a site was when: the past is drawn with the past's facts. Written by a trigger. */
interface SiteRegionTable {
  site_id: SiteId;
  region_id: RegionId;
  valid_from: Generated<Date>;
  valid_to: Date | null;
}

interface DeviceTable {
  id: DeviceId;
  name: string;
  site_id: SiteId;
  role: DeviceRole;
  gateway: boolean;
  protocol: ManagementProtocol;
  address: string;
  port: number;
  credential_id: CredentialId | null;
  management_credential_id: ColumnType<CredentialId | null, CredentialId | null | undefined, CredentialId | null>;
  management_port: Generated<number>;
  profile: string | null;
  vendor: string;
  model: string;
  serial: string;
  firmware: string;
  agent_id: AgentId;
  tags: string[];
  managed_by: string;
  version: Version;
}

/** At which site a device was when. Written by a trigger. */
interface DeviceSiteTable {
  device_id: DeviceId;
  site_id: SiteId;
  valid_from: Generated<Date>;
  valid_to: Date | null;
}

interface DeviceFactsTable {
  device_id: DeviceId;
  at: Instant;
  facts: Json<DeviceFacts>;
}

interface InterfaceTable {
  id: InterfaceId;
  device_id: DeviceId;
  name: string;
  description: string;
  mac: string;
  if_index: number | null;
  if_type: number | null;
  speed_bps: number | null;
  seen: boolean;
  version: Version;
}

interface LinkTable {
  id: LinkId;
  name: string;
  medium: LinkMedium;
  capacity_bps: number;
  trunk: boolean;
  tags: string[];
  managed_by: string;
  version: Version;
}

/** Its two ends; an interface carries at most one link. */
interface LinkEndTable {
  link_id: LinkId;
  side: 'a' | 'b';
  interface_id: InterfaceId;
}

interface SharedRiskTable {
  id: SharedRiskId;
  name: string;
  kind: 'duct' | 'pole' | 'power-feeder';
  created_by: string;
  version: Version;
}

interface SharedRiskLinkTable {
  shared_risk_id: SharedRiskId;
  link_id: LinkId;
}

interface SharedRiskSiteTable {
  shared_risk_id: SharedRiskId;
  site_id: SiteId;
}

interface ServiceTable {
  id: ServiceId;
  code: string;
  name: string;
  site_id: SiteId;
  device_id: DeviceId | null;
  url: string;
  checks: ColumnType<ServiceCheck[], string | undefined, string>;
  used_by: Generated<string[]>;
  version: Version;
}

/** Planned work over one device, one site, or a region and all below it. */
interface MaintenanceTable {
  id: string;
  device_id: DeviceId | null;
  site_id: SiteId | null;
  region_id: RegionId | null;
  starts_at: Instant;
  ends_at: Instant;
  /** When it comes again; null: it is once. */
  recurrence: ColumnType<Recurrence | null, string | null | undefined, string | null>;
  reason: string;
  created_by: string;
  version: Version;
}

/** One row: how many writing transactions the inventory has seen. */
interface InventoryVersionTable {
  singleton: Generated<boolean>;
  version: number;
}

/** A thing that only a publisher such as Telegraf sees; without a device it is proposed, or ignored. */
interface ExternalSourceTable {
  /** A device that is made of it has the same. */
  id: DeviceId;
  agent_id: AgentId | null;
  region_id: RegionId | null;
  tag: string;
  value: string;
  publisher: string;
  device_id: DeviceId | null;
  ignored: Generated<boolean>;
  measurements: Generated<string[]>;
  interval_s: number | null;
  first_seen: Instant;
  last_seen: Instant;
}
