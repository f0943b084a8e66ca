import type { Subject } from '../../domain/alert.ts';
import type { AlertRule, RuleScope } from '../../domain/alert-rule.ts';
import type { Series } from '../../domain/point.ts';
import { isWithin } from '../../domain/region.ts';
import { isWithinHours } from './calendar-hours.ts';
import type { SeriesContext } from './evaluator.ts';
import {
  portKey,
  type InventoryFacts,
  type RuleDevice,
  type RuleInterface,
  type RuleSite,
  type SensorLimits,
} from './inventory-facts.ts';
import type { Usual } from './watch.ts';

/** What a series is of. */
export interface SeriesOwner {
  readonly site: RuleSite;
  readonly device: RuleDevice | null;
  readonly port: RuleInterface | null;
  readonly service: Subject | null;
}

/** What is usual of a field of a series; NaN while nothing is known. */
export interface UsualSource {
  usualOf(series: Series, field: string, timeZone: string): Usual;
}

export interface RuleContextOptions {
  readonly facts: InventoryFacts;
  readonly usual: UsualSource;
  /** Of places whose calendar tells none. */
  readonly timeZone: string;
  /** Loss and round trips of a device that does not answer are no news. */
  readonly isUp?: (deviceId: string) => boolean;
}

/** The inventory at one moment, as the evaluator asks for it. */
export class RuleContext implements SeriesContext {
  readonly facts: InventoryFacts;
  readonly #options: RuleContextOptions;
  readonly #usual: UsualSource;
  readonly #timeZone: string;
  readonly #isUp: ((deviceId: string) => boolean) | null;
  readonly #sites = new Map<AlertRule, Map<string, boolean>>();

  constructor(options: RuleContextOptions) {
    this.#options = options;
    this.facts = options.facts;
    this.#usual = options.usual;
    this.#timeZone = options.timeZone;
    this.#isUp = options.isUp ?? null;
  }

  /** The same for readings of another time: how devices are now says nothing of then. */
  ofThePast(): RuleContext {
    const { facts, usual, timeZone } = this.#options;
    return new RuleContext({ facts, usual, timeZone });
  }

  ownerOf({ tags }: Series): SeriesOwner | null {
    const { facts } = this;
    if (tags.service !== undefined) {
      const service = facts.services.get(tags.service);
      if (service === undefined) return null;
      const { id, name, site } = service;
      return { site, device: null, port: null, service: { kind: 'service', id, name } };
    }
    const device = facts.devices.get(tags.device ?? '');
    if (device === undefined) return null;
    return { site: device.site, device, port: this.#portOf(device, tags), service: null };
  }

  /** What an alert of a rule over a series is about; null where the inventory knows nothing of it. */
  subjectOf(rule: AlertRule, series: Series): Subject | null {
    const owner = this.ownerOf(series);
    if (owner === null) return null;
    const { site, device, port, service } = owner;
    if (rule.about === 'site') return { kind: 'site', id: site.id, name: site.name };
    if (service !== null) return service;
    if (port?.link) return port.link;
    if (port !== null && series.tags.interface !== undefined && device !== null) {
      return { kind: 'interface', id: port.id, name: `${device.name} ${port.name}` };
    }
    return device === null ? null : { kind: 'device', id: device.id, name: device.name };
  }

  isInScope(rule: AlertRule, series: Series): boolean {
    const owner = this.ownerOf(series);
    if (owner === null) return false;
    const { scope } = rule;
    if (scope.carriesLink === true && (owner.port === null || owner.port.link === null)) return false;
    if (scope.during !== undefined && owner.site.calendar === null) return false;
    if (scope.roles !== undefined && !scope.roles.some((role) => role === owner.device?.role)) return false;
    if (!this.#fitsSite(rule, owner.site)) return false;
    const { tags } = scope;
    return tags === undefined || tags.some((tag) => owner.site.tags.includes(tag) || owner.device?.tags.includes(tag));
  }

  speedOf(series: Series): number | null {
    return this.facts.interfaces.get(series.tags.interface ?? '')?.speedBps ?? null;
  }

  usualOf(rule: AlertRule, series: Series, field: string): Usual {
    if (rule.condition.kind !== 'unusual') return unknown;
    const timeZone = this.ownerOf(series)?.site.calendar?.timeZone ?? this.#timeZone;
    return this.#usual.usualOf(series, field, timeZone);
  }

  isHeard({ tags }: Series): boolean {
    return tags.device === undefined || this.#isUp === null || this.#isUp(tags.device);
  }

  limitsOf({ tags }: Series): SensorLimits | null {
    if (tags.sensor === undefined || tags.device === undefined) return null;
    return this.facts.limits.get(portKey(tags.device, tags.sensor)) ?? null;
  }

  whenOf({ scope }: AlertRule, series: Series): ((timeS: number) => boolean) | null {
    const { during } = scope;
    const isUp = this.#isUp;
    if (series.measurement === 'reachability' && isUp !== null) return () => isUp(series.tags.device ?? '');
    const calendar = this.ownerOf(series)?.site.calendar ?? null;
    if (during === undefined || calendar === null) return null;
    return (timeS) => isWithinHours(calendar, during, timeS);
  }

  /** Light is told by the port's very name: `optical-rx.sfp1`. */
  #portOf(device: RuleDevice, tags: Series['tags']): RuleInterface | null {
    if (tags.interface !== undefined) return this.facts.interfaces.get(tags.interface) ?? null;
    const { sensor } = tags;
    if (sensor?.startsWith('optical') !== true) return null;
    return this.facts.ports.get(portKey(device.id, sensor.slice(sensor.indexOf('.') + 1))) ?? null;
  }

  /** Worked out once for each site. */
  #fitsSite(rule: AlertRule, site: RuleSite): boolean {
    let fits = this.#sites.get(rule);
    if (fits === undefined) this.#sites.set(rule, (fits = new Map()));
    let found = fits.get(site.id);
    if (found === undefined) fits.set(site.id, (found = fitsSite(rule.scope, site)));
    return found;
  }
}

const unknown: Usual = () => Number.NaN;

function fitsSite({ regions, networks, siteKinds }: RuleScope, site: RuleSite): boolean {
  if (regions !== undefined && !regions.some((code) => isWithin(site.regionCode, code))) return false;
  if (networks !== undefined && !networks.includes(site.network)) return false;
  return siteKinds === undefined || siteKinds.includes(site.kind);
}
