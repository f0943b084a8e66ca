import { alertKey, causeKey, type Alert, type AlertCause } from '../../domain/alert.ts';
import type { DeviceId, LinkId, SharedRiskId, SiteId } from '../../domain/ids.ts';
import type { SharedRisk } from '../../domain/link.ts';
import type { Topology } from '../../domain/topology.ts';
import type { CauseGroup } from './incident-book.ts';

/** What can fail together, by what it carries. */
export type Risk = Pick<SharedRisk, 'id' | 'name' | 'kind' | 'linkIds' | 'siteIds'>;

export interface GroupingContext {
  readonly topology: Topology;
  readonly risks: readonly Risk[];
  /**
   * By alert: the feeder, duct or pole that was its cause a while ago. It stays so while what failed with it comes back
   * one by one: then the rest is less than what would give the risk away.
   */
  readonly before?: ReadonlyMap<string, AlertCause>;
}

/** Key of the rule that says that a UPS lives on its battery: the grid failed there. */
export const onBattery = 'ups.on-battery';

/** What failed within this time failed at once. */
const atOnceMs = 60_000;
/** A UPS that went on battery so long before its site went dark is the reason why it did. */
const longestBatteryMs = 8 * 3_600_000;
/** Of a device to which no way is known; and what began within this time may be one event. */
const strayCertainty = 0.5;
const sameEventMs = 8_000;
/** A risk explains failures when at least two of them, and this share of all that it carries, failed at once. */
const leastCovered = 0.5;

/**
 * Puts the alerts that hold now into groups of one root cause each. First by the cause that status found; then what
 * failed at once and hangs on one duct, pole or feeder is that; a site whose UPS went on battery and that then went dark
 * lost its power. The order of the alerts does not matter.
 */
export function groupByCause(alerts: readonly Alert[], context: GroupingContext): readonly CauseGroup[] {
  const roots = rootsOf(alerts);
  const battery = batteries(alerts);
  const failures = [...roots.values()].map((group) => failureOf(group, battery, context.topology));
  const before = context.before ?? new Map<string, AlertCause>();
  const known = sharedCauses(failures, context, battery);
  const still = stillExplained(failures, before);
  const shared = new Map([
    ...still,
    ...unknownFeeder(failures, new Map([...still, ...known]), { battery, topology: context.topology }),
    ...known,
  ]);
  const groups = new Map<string, { cause: AlertCause; alerts: Alert[] }>();
  const add = (cause: AlertCause, more: readonly Alert[]): void => {
    const key = causeKey(cause);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { cause, alerts: [...more] });
    else group.alerts.push(...more);
  };
  const powerless = new Map<SiteId, AlertCause>();
  const host = hostsOfStrays(failures);
  for (const failure of failures) {
    const of = shared.has(failure) ? failure : (host.get(failure) ?? failure);
    const cause = shared.get(of) ?? powerCause(of, battery, context.topology) ?? of.group.cause;
    if (cause.reason === 'power') for (const site of failure.sites) powerless.set(site, cause);
    add(cause, failure.group.alerts);
  }
  // The battery of a site that went dark is part of the same story.
  for (const [key, group] of groups) {
    const site = group.alerts.every(({ rule }) => rule === onBattery)
      ? siteOf(group.alerts[0], context.topology)
      : null;
    const cause = site === null ? undefined : powerless.get(site);
    if (cause === undefined || causeKey(cause) === key) continue;
    groups.delete(key);
    add(cause, group.alerts);
  }
  return [...groups.values()];
}

/**
 * A root cause as status found it, and the sites at the dark side of it, the nearest to the failure; or a UPS that lives
 * on its battery, at its site.
 */
interface Failure {
  readonly group: CauseGroup;
  readonly sites: readonly SiteId[];
  /** All that it darkens, or that lost its power, and since when. */
  readonly darkSites: ReadonlyMap<SiteId, number>;
  readonly linkId: LinkId | null;
  /** Nothing failed there yet. */
  readonly isBattery: boolean;
  /** When its sites lost their power, as far as their batteries tell; else when it failed. */
  readonly powerSince: number;
}

function rootsOf(alerts: readonly Alert[]): ReadonlyMap<string, CauseGroup> {
  const roots = new Map<string, { cause: AlertCause; alerts: Alert[] }>();
  for (const alert of [...alerts].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const cause = alert.cause ?? ownCause(alert);
    const key = causeKey(cause);
    const root = roots.get(key);
    if (root === undefined) roots.set(key, { cause, alerts: [alert] });
    else {
      root.alerts.push(alert);
      // Each entity was told of the cause at a moment of its own: the earliest sign and the surest word hold.
      root.cause = {
        ...root.cause,
        since: Math.min(root.cause.since, cause.since),
        certainty: Math.max(root.cause.certainty, cause.certainty),
      };
    }
  }
  return roots;
}

/** What has no cause but itself: a rule that holds for one thing is a root of its own. */
function ownCause({ rule, subject, since }: Alert): AlertCause {
  return { ...subject, id: alertKey(rule, subject), reason: 'rule', since, certainty: 1 };
}

function failureOf(group: CauseGroup, battery: Batteries, topology: Topology): Failure {
  const { cause } = group;
  const isBattery = group.alerts.every(({ rule }) => rule === onBattery);
  const darkSites = new Map<SiteId, number>();
  for (const alert of group.alerts) {
    const site = siteOf(alert, topology);
    if (site !== null) darkSites.set(site, Math.min(alert.since, darkSites.get(site) ?? Number.POSITIVE_INFINITY));
  }
  const failure = (ends: readonly (SiteId | undefined)[], linkId: LinkId | null = null): Failure => {
    const sites = [...new Set(ends.filter((site) => site !== undefined))];
    const since = sites.map((site) => battery(site, cause.since)).filter((at) => at !== null);
    return { group, sites, darkSites, linkId, isBattery, powerSince: Math.min(cause.since, ...since) };
  };
  if (isBattery) return failure([...darkSites.keys()]);
  if (cause.reason !== 'failed') return failure([]);
  if (cause.kind === 'device') return failure([topology.devices.get(cause.id as DeviceId)?.siteId]);
  const link = cause.kind === 'link' ? topology.links.get(cause.id as LinkId) : undefined;
  if (link === undefined) return failure([]);
  return failure(
    [link.a.siteId, link.b.siteId].filter((site) => darkSites.has(site)),
    link.id,
  );
}

/**
 * Where the inventory names no way to a device, it is called dead whatever it hangs on (`status/verdict.ts`). One that
 * fell silent with something larger hangs on that: by stray failure, the largest of those that began with it.
 */
function hostsOfStrays(failures: readonly Failure[]): ReadonlyMap<Failure, Failure> {
  const hosts = new Map<Failure, Failure>();
  const isStray = ({ group: { cause } }: Failure): boolean =>
    cause.reason === 'failed' && cause.kind === 'device' && cause.certainty <= strayCertainty;
  const rest = failures.filter((failure) => failure.group.cause.reason === 'failed' && !isStray(failure));
  for (const stray of failures.filter(isStray)) {
    const [host] = rest
      .filter(({ group }) => Math.abs(group.cause.since - stray.group.cause.since) <= sameEventMs)
      .sort(
        (a, b) => b.darkSites.size - a.darkSites.size || causeKey(a.group.cause).localeCompare(causeKey(b.group.cause)),
      );
    if (host !== undefined) hosts.set(stray, host);
  }
  return hosts;
}

/** Of each failure that a risk explained a while ago, and that goes on: that risk. */
function stillExplained(
  failures: readonly Failure[],
  before: ReadonlyMap<string, AlertCause>,
): ReadonlyMap<Failure, AlertCause> {
  const explained = new Map<Failure, AlertCause>();
  for (const failure of failures) {
    const known = failure.group.alerts.map(({ key }) => before.get(key));
    const [first] = known;
    if (first !== undefined && known.every((cause) => cause !== undefined && causeKey(cause) === causeKey(first)))
      explained.set(failure, first);
  }
  return explained;
}

function siteOf(alert: Alert | undefined, topology: Topology): SiteId | null {
  if (alert === undefined) return null;
  const { kind, id } = alert.subject;
  if (kind === 'site') return id as SiteId;
  return kind === 'device' ? (topology.devices.get(id as DeviceId)?.siteId ?? null) : null;
}

/** Since when a UPS of a site lives on its battery, when that is why the site went dark; else null. */
type Batteries = (site: SiteId, darkSince: number) => number | null;

function batteries(alerts: readonly Alert[]): Batteries {
  const since = new Map<string, number>();
  for (const { rule, subject, since: at } of alerts) {
    if (rule !== onBattery || subject.kind !== 'site') continue;
    since.set(subject.id, Math.min(at, since.get(subject.id) ?? Number.POSITIVE_INFINITY));
  }
  return (site, darkSince) => {
    const at = since.get(site);
    return at !== undefined && at <= darkSince + atOnceMs && darkSince - at <= longestBatteryMs ? at : null;
  };
}

function powerCause({ group, sites }: Failure, battery: Batteries, topology: Topology): AlertCause | null {
  if (group.cause.reason !== 'failed') return null;
  const site = sites.find((one) => battery(one, group.cause.since) !== null);
  if (site === undefined) return null;
  const name = topology.sites.get(site)?.name ?? '';
  return { kind: 'site', id: site, name, reason: 'power', since: group.cause.since, certainty: 0.9 };
}

/** Of each failure that a shared risk explains better than chance: that risk, the one that explains most first. */
function sharedCauses(
  failures: readonly Failure[],
  { risks, topology }: GroupingContext,
  battery: Batteries,
): ReadonlyMap<Failure, AlertCause> {
  const explained = new Map<Failure, AlertCause>();
  const left = new Set(failures);
  for (;;) {
    const best = risks
      .map((risk) => explanationBy(risk, left, { battery, topology }))
      .filter((found) => found !== null)
      .sort((a, b) => b.failures.length - a.failures.length || b.covered - a.covered || a.id.localeCompare(b.id))[0];
    if (best === undefined) return explained;
    for (const failure of best.failures) {
      explained.set(failure, best.cause);
      left.delete(failure);
    }
  }
}

/**
 * What lost its power at once though the inventory names no feeder for it: whole sites that went dark, or live on a
 * battery, within a minute, each by a failure of its own. Three such failures are no chance where one a day is usual; nor
 * are two where both live on a battery. It is called by the site that was first.
 */
function unknownFeeder(
  failures: readonly Failure[],
  explained: ReadonlyMap<Failure, AlertCause>,
  { battery, topology }: { readonly battery: Batteries; readonly topology: Topology },
): ReadonlyMap<Failure, AlertCause> {
  const isOpen = (failure: Failure): boolean => {
    const cause = explained.get(failure);
    return cause === undefined || (cause.kind === 'site' && cause.reason === 'power');
  };
  const tellsBattery = ({ sites, group }: Failure): boolean =>
    sites.some((site) => battery(site, group.cause.since) !== null);
  const strays = hostsOfStrays(failures);
  const whole = failures.filter(
    (failure) =>
      isOpen(failure) &&
      !strays.has(failure) &&
      (failure.isBattery || failure.sites.some((site) => failure.darkSites.has(site))),
  );
  const together = largestAtOnce(whole, ({ powerSince }) => powerSince);
  const sites = new Set(together.flatMap((failure) => failure.sites));
  const batteryCount = together.filter(tellsBattery).length;
  const said = together.map((failure) => explained.get(failure)).find((cause) => cause !== undefined);
  if (said === undefined && Math.min(sites.size, together.length) < (batteryCount >= 2 ? 2 : 3)) return new Map();
  const [first] = [...together].sort(
    (a, b) => a.powerSince - b.powerSince || causeKey(a.group.cause).localeCompare(causeKey(b.group.cause)),
  );
  const site = first?.sites.find((one) => first.darkSites.has(one));
  if (first === undefined || site === undefined) return new Map();
  const name = topology.sites.get(site)?.name ?? '';
  const certainty = Math.min(0.9, 0.5 + 0.05 * sites.size + (batteryCount > 0 ? 0.2 : 0));
  const fresh: AlertCause = { kind: 'site', id: site, name, reason: 'power', since: first.powerSince, certainty };
  // What was said first goes on to be its name: a site that turns out to have been dark earlier is no other cause.
  const cause = said === undefined ? fresh : { ...fresh, id: said.id, name: said.name };
  return new Map(together.map((failure) => [failure, cause]));
}

interface Explained {
  readonly id: SharedRiskId;
  readonly failures: readonly Failure[];
  /** Share of what the risk carries that failed. */
  readonly covered: number;
  readonly cause: AlertCause;
}

function explanationBy(
  risk: Risk,
  failures: ReadonlySet<Failure>,
  { battery, topology }: { readonly battery: Batteries; readonly topology: Topology },
): Explained | null {
  const isFeeder = risk.kind === 'power-feeder';
  const carried = new Set<string>(isFeeder ? risk.siteIds : risk.linkIds);
  const on = [...failures].filter(({ sites, linkId }) =>
    isFeeder ? sites.some((site) => carried.has(site)) : linkId !== null && carried.has(linkId),
  );
  const began = (failure: Failure): number => (isFeeder ? failure.powerSince : failure.group.cause.since);
  const together = largestAtOnce(on, began);
  // One site is one sign, however much of it failed.
  const signs = new Set(
    together.flatMap(({ sites, linkId }): readonly string[] => (isFeeder ? sites : [linkId ?? ''])),
  );
  if ([...signs].filter((id) => carried.has(id)).length < 2) return null;
  const hit = new Set<string>(
    together.flatMap(({ sites, linkId }): readonly string[] => (isFeeder ? sites : [linkId ?? ''])),
  );
  const since = Math.min(...together.map(began));
  // What lies behind a failure is dark with and without power: it speaks neither for a feeder nor against it. Unless it
  // was seen to live on after the others, and has no battery to do so.
  const outlived = (site: SiteId, at: number): boolean => at > since + atOnceMs && !hasUps(site, topology);
  const dark = new Set<string>(
    isFeeder
      ? together.flatMap(({ darkSites }) => [...darkSites].flatMap(([site, at]) => (outlived(site, at) ? [] : [site])))
      : [],
  );
  const telling = [...carried].filter((id) => hit.has(id) || !dark.has(id));
  const covered = telling.filter((id) => hit.has(id)).length / telling.length;
  if (covered < leastCovered) return null;
  const wasSeen =
    isFeeder && together.some(({ sites, group }) => sites.some((one) => battery(one, group.cause.since) !== null));
  return {
    id: risk.id,
    failures: together,
    covered,
    cause: {
      kind: 'shared-risk',
      id: risk.id,
      name: risk.name,
      reason: isFeeder ? 'power' : 'shared-risk',
      since,
      certainty: Math.min(0.97, 0.5 + 0.4 * covered + (wasSeen ? 0.1 : 0)),
    },
  };
}

function hasUps(site: SiteId, { devices }: Topology): boolean {
  return [...devices.values()].some(({ siteId, role }) => siteId === site && role === 'ups');
}

/** The most failures that began within one span of time. */
function largestAtOnce(failures: readonly Failure[], began: (failure: Failure) => number): readonly Failure[] {
  const sorted = [...failures].sort((a, b) => began(a) - began(b));
  let best: readonly Failure[] = [];
  for (const [from, first] of sorted.entries()) {
    const until = began(first) + atOnceMs;
    const window = sorted.slice(from).filter((failure) => began(failure) <= until);
    if (window.length > best.length) best = window;
  }
  return best;
}
