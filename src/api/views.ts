import type { AvailabilityGroup, AvailabilityRow, Spent } from '../domain/availability.ts';
import type { Device, Interface } from '../domain/device.ts';
import type { Link, Service } from '../domain/link.ts';
import type { LostSite, ServiceReason, ServiceState } from '../domain/service-state.ts';
import type { Reachability, StatusCounts } from '../domain/reachability.ts';
import type { Site } from '../domain/site.ts';
import type { CauseView, EventView } from '../live/messages.ts';

/** Lists in the API. `next` is the cursor of the following page (`?cursor=`), null on the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** What broke, in every list and page: as on the live stream, but its time in ISO 8601. */
export interface RestCause extends Omit<CauseView, 'since'> {
  readonly since: string;
}

/** `GET /api/v1/events`. Times in ISO 8601, `since` among the arguments too. */
export interface RestEvent extends Omit<EventView, 'at' | 'cause'> {
  readonly at: string;
  readonly cause: RestCause | null;
}

/** `GET /api/v1/sites`, `GET /api/v1/sites/:id` (an id or a code). */
export interface SiteView extends Site {
  readonly regionName: string;
  readonly districtName: string | null;
  readonly state: Reachability;
  readonly since: string | null;
  readonly cause: RestCause | null;
  readonly devices: StatusCounts;
  /** Medium of the link that carries it, the nearest to the data centre: fibre, radio, vsat, 4g; null without links. */
  readonly uplinkMedium: string | null;
}

/** `GET /api/v1/devices`, `GET /api/v1/devices/:id` (an id or a name). */
export interface DeviceView extends Device {
  readonly siteCode: string;
  readonly siteName: string;
  readonly regionCode: string;
  readonly state: Reachability;
  readonly since: string | null;
  readonly cause: RestCause | null;
  readonly lastAnswer: string | null;
  readonly rttMs: number | null;
  readonly uptimeS: number | null;
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  /** The busiest link-carrying interface, percent of its link's capacity. */
  readonly uplinkPercent: number | null;
  /** Milliseconds the last full poll took; null before the first. */
  readonly pollMs: number | null;
}

/** `GET /api/v1/devices/:id/interfaces`. */
export interface InterfaceView extends Interface {
  readonly operStatus: 'up' | 'down' | 'testing' | 'unknown' | 'dormant' | 'not-present' | 'lower-layer-down' | null;
  readonly inBps: number | null;
  readonly outBps: number | null;
  /** The link that ends here and the other end, when both are in the reader's regions. */
  readonly link: {
    readonly id: string;
    readonly name: string;
    readonly deviceId: string;
    readonly deviceName: string;
    readonly siteName: string;
  } | null;
}

/**
 * `GET /api/v1/services`. Times in ISO 8601. Of a service that stands outside the reader's regions and is used by sites
 * of theirs: its code, name and state and how those sites fare, nothing more (`siteId` null, the rest empty).
 */
export interface ServiceView extends Omit<Service, 'siteId'> {
  readonly siteId: Service['siteId'] | null;
  readonly state: ServiceState;
  readonly since: string | null;
  /** When it was last looked at. */
  readonly at: string | null;
  readonly reason: ServiceReason | null;
  readonly cause: RestCause | null;
  readonly values: Readonly<Record<string, number>>;
  /** Sites of the reader's regions that should have it, and those of them that have not. */
  readonly users: number;
  readonly lost: number;
}

export interface LostSiteView {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly regionCode: string;
  readonly state: LostSite['state'];
  readonly since: string | null;
  readonly cause: RestCause | null;
  /** What the look told that found it down; null for a service outside the reader's regions. */
  readonly reason: ServiceReason | null;
}

/** `GET /api/v1/services/:id` (an id or a code). */
export interface ServiceDetail extends ServiceView {
  readonly lostSites: readonly LostSiteView[];
  /** From where it is looked at; none for a service outside the reader's regions. */
  readonly vantages: readonly ServiceVantageView[];
}

/** One Agent's view of a service, for the sites that it speaks for. */
export interface ServiceVantageView {
  readonly agent: string;
  readonly sites: number;
  readonly state: ServiceState;
  readonly since: string | null;
  readonly at: string | null;
  readonly reason: ServiceReason | null;
}

/** `GET /api/v1/status/services`: which site has the services that it uses. */
export interface ServiceSitesView {
  readonly at: string;
  readonly services: readonly {
    readonly id: string;
    readonly code: string;
    readonly name: string;
    readonly state: ServiceState;
    readonly since: string | null;
  }[];
  readonly sites: readonly SiteServicesView[];
}

export interface SiteServicesView {
  readonly id: string;
  /** The worst that it has. `down`: the service itself; `unreachable`: the way to it. */
  readonly state: ServiceState | 'unreachable';
  readonly since: string | null;
  readonly cause: RestCause | null;
  readonly lost: readonly { readonly serviceId: string; readonly state: LostSite['state'] }[];
}

/** `GET /api/v1/links`. */
export interface LinkListView extends Link {
  readonly aName: string;
  readonly bName: string;
  readonly state: Reachability;
  readonly since: string | null;
  readonly cause: RestCause | null;
  readonly loadPercent: number | null;
}

/** `GET /api/v1/map`: what the map draws, by the reader's regions. Cached by `version`. */
export interface MapView {
  readonly version: number;
  readonly sites: readonly MapSite[];
  readonly links: readonly MapLink[];
}

export interface MapSite {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly kind: Site['kind'];
  readonly network: Site['network'];
  readonly regionCode: string;
  readonly districtName: string | null;
  readonly latitude: number;
  readonly longitude: number;
  /** fibre, radio, copper, vsat, 4g: of the link that carries it; null without links. VSAT and 4G have no line but a mark. */
  readonly uplinkMedium: string | null;
  readonly devices: number;
}

export interface MapLink {
  readonly id: string;
  readonly name: string;
  readonly medium: string;
  readonly capacityBps: number;
  readonly trunk: boolean;
  readonly a: string;
  readonly b: string;
}

/** `GET /api/v1/status/traffic`: seconds since the epoch and bits per second; null where nothing was measured. */
export interface TrafficView {
  readonly stepS: number;
  readonly times: readonly number[];
  readonly bps: readonly (number | null)[];
}

/** `GET /api/v1/map/territory`: public geography, computed from points or imported; the same for every reader. */
export interface TerritoryView {
  readonly version: string;
  /** `computed` from the points of the villages, or `imported` with where it came from. */
  readonly source: { readonly kind: 'computed' | 'imported'; readonly text: string };
  readonly bounds: readonly [west: number, south: number, east: number, north: number];
  /** Template of the vector tiles: layer `tile` (villages: id = code, name, district), `district`, `coast`. */
  readonly tiles: string;
  readonly regions: readonly {
    readonly code: string;
    readonly name: string;
    readonly latitude: number;
    readonly longitude: number;
  }[];
  /** Shared edges of the village cells: code left, code right ('' outside), and the line (lon, lat, lon, lat, …). */
  readonly edges: readonly (readonly [left: string, right: string, line: readonly number[]])[];
  /** Names of what lies around, at true positions: `Kab. Soppeng`, `Teluk Bone`. */
  readonly neighbours: readonly {
    readonly name: string;
    readonly kind: 'land' | 'sea';
    readonly latitude: number;
    readonly longitude: number;
  }[];
  /** Radius by which corners of territories are rounded, kilometres; 0 for imported boundaries. */
  readonly cornerKm: number;
}

/** `GET /api/v1/history/map?at=ISO`: states as they were. Only what was not up. */
export interface PastView {
  readonly at: string;
  readonly sites: readonly {
    readonly id: string;
    readonly state: Reachability;
    readonly since: string;
    readonly cause: RestCause | null;
  }[];
  readonly links: readonly {
    readonly id: string;
    readonly state: Reachability;
    readonly since: string;
    readonly cause: RestCause | null;
  }[];
  readonly counts: { readonly sites: StatusCounts };
}

/** `GET /api/v1/history/timeline?from&to&step`: sites not up per step, for the slider. */
export interface TimelineView {
  readonly from: string;
  readonly to: string;
  readonly stepS: number;
  readonly dark: readonly number[];
  /** Steps in which no controller ran: nothing is known. */
  readonly unknown: readonly boolean[];
}

/** `POST /api/v1/series/query`. */
export interface SeriesQueryView {
  readonly series: readonly {
    readonly measurement: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly field: string;
    /** Seconds since the epoch, aligned to the step; the same for every series of one answer. */
    readonly values: readonly (number | null)[];
  }[];
  readonly times: readonly number[];
  readonly stepS: number;
}

/** `GET /api/v1/series/sparklines`: bits per second, half-hour means of 24 hours, for the rows of a table. */
export interface SparklinesView {
  readonly stepS: number;
  /** Seconds since the epoch. */
  readonly times: readonly number[];
  readonly items: readonly {
    /** The device, or the interface, as asked. */
    readonly id: string;
    /** Asked for a device: its busiest interface that carries a link. */
    readonly interfaceId: string;
    readonly in: readonly (number | null)[];
    readonly out: readonly (number | null)[];
  }[];
}

/** `GET /api/v1/reports/availability`. Times in ISO 8601; rows worst first. */
export interface AvailabilityView {
  readonly by: AvailabilityGroup;
  readonly from: string;
  readonly to: string;
  readonly rows: readonly AvailabilityRow[];
  readonly total: Spent & { readonly entities: number };
}

/** `GET /api/v1/proposals`: what only a publisher such as Telegraf sees. */
export interface ProposalView {
  readonly id: string;
  /** `agent_host`, and its value. */
  readonly tag: string;
  readonly value: string;
  /** Host of the Telegraf that reads it. */
  readonly publisher: string;
  /** The agent that hands it in over MQTT; null over HTTP. */
  readonly agentName: string | null;
  /** Region of the token; null for one that is not bound. */
  readonly regionCode: string | null;
  readonly ignored: boolean;
  readonly measurements: readonly string[];
  readonly intervalS: number | null;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** `GET /api/v1/devices/:id/external`. */
export interface ExternalValuesView {
  readonly items: readonly ExternalValueView[];
  readonly next: null;
}
export interface ExternalValueView {
  /** Key of the series, for `filter.sensor`. */
  readonly sensor: string;
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly field: string;
  readonly value: number;
  readonly at: string;
}
