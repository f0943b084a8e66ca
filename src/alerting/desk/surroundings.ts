import type { Alert, Subject } from '../../domain/alert.ts';
import type { DeviceId, LinkId, SiteId } from '../../domain/ids.ts';
import type { Service } from '../../domain/link.ts';
import type { EntityKind, EntityState } from '../../domain/reachability.ts';
import type { LostSite, ServiceStatus } from '../../domain/service-state.ts';
import type { Calendar } from '../../domain/site.ts';
import type { Topology, TopologySite } from '../../domain/topology.ts';
import type { Risk } from '../incidents/grouping.ts';

/** What the inventory knows of a site beyond its place in the topology. */
export interface SiteNotes {
  readonly accessNotes: string;
  readonly calendar: Calendar | null;
  readonly tags: readonly string[];
}

/** The inventory as the desk sees it. Immutable; a change makes a new one. */
export interface Surroundings {
  readonly topology: Topology;
  readonly risks: readonly Risk[];
  readonly notes: ReadonlyMap<SiteId, SiteNotes>;
  readonly deviceTags: ReadonlyMap<DeviceId, readonly string[]>;
}

/** The services as their board has them. */
export interface ServicesNow {
  watched(): readonly Service[];
  statusOf(serviceId: string): ServiceStatus;
  outlookOf(service: Service): { readonly users: readonly TopologySite[]; readonly lost: readonly LostSite[] };
}

export const noServices: ServicesNow = {
  watched: () => [],
  statusOf: () => ({ state: 'unknown', since: null, at: null, reason: null, cause: null, values: {} }),
  outlookOf: () => ({ users: [], lost: [] }),
};

/** What was measured last, as far as it speaks for a cause. */
export interface Readings {
  stateOf(kind: EntityKind, id: string): EntityState | null;
  /** What its device said of a port last, and since when (milliseconds since the epoch); null where it said nothing. */
  portOf(interfaceId: string): { readonly status: 'up' | 'down' | 'other'; readonly since: number } | null;
  /** Optical power that a port receives, dBm; null where no sensor says so. */
  /** What was measured since then, milliseconds since the epoch, and what is usual. */
  opticalOf(
    interfaceId: string,
    since: number,
  ): { readonly nowDbm: number | null; readonly usualDbm: number | null } | null;
  /** The supply of a device, volts; null where no sensor says so. */
  voltageOf(deviceId: string): { readonly nowV: number; readonly usualV: number | null } | null;
}

/** The subject of an alert key (`rule|kind:id`), as a rule that is its own cause has it for its id. */
export function idInKey(key: string): string {
  return key.slice(key.indexOf(':', key.indexOf('|')) + 1);
}

/** Where things are: which device and site a subject belongs to; null where it belongs to none. */
export class Locator {
  readonly #topology: Topology;
  readonly #services: ReadonlyMap<string, Service>;

  constructor(topology: Topology, services: readonly Service[]) {
    this.#topology = topology;
    this.#services = new Map(services.map((service) => [service.id as string, service]));
  }

  service(id: string): Service | null {
    return this.#services.get(id) ?? null;
  }

  deviceOf({ kind, id }: Pick<Subject, 'kind' | 'id'>, alert?: Alert): DeviceId | null {
    if (kind === 'device') return id as DeviceId;
    if (alert?.deviceId !== undefined) return alert.deviceId;
    return kind === 'service' ? (this.service(id)?.deviceId ?? null) : null;
  }

  /** A link lies at two sites: those of its ends. */
  sitesOf(subject: Pick<Subject, 'kind' | 'id'>, alert?: Alert): readonly TopologySite[] {
    const { sites, devices, links } = this.#topology;
    const found = (ids: readonly (SiteId | undefined)[]): TopologySite[] =>
      [...new Set(ids)].flatMap((id) => (id === undefined ? [] : (sites.get(id) ?? [])));
    if (subject.kind === 'site') return found([subject.id as SiteId]);
    if (subject.kind === 'link') {
      const link = links.get(subject.id as LinkId);
      return found([link?.a.siteId, link?.b.siteId]);
    }
    const device = devices.get(this.deviceOf(subject, alert) ?? ('' as DeviceId));
    if (device !== undefined) return found([device.siteId]);
    return subject.kind === 'service' ? found([this.service(subject.id)?.siteId]) : [];
  }
}
