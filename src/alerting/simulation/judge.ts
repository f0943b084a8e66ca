import { currentCause, type AlertCause, type Incident } from '../../domain/alert.ts';
import type { DeviceId, LinkId } from '../../domain/ids.ts';
import type { SharedRisk } from '../../domain/link.ts';
import { evidenceLimits, feedersAlike, shows } from './evidence-limits.ts';
import { feedersOf, type Failure } from './failures.ts';
import type { Course } from './stage.ts';
import { setsOf, type Broken, type World } from './world.ts';

/** Why no evidence tells which of several things failed. */
export type Undecidable =
  | 'nothing-shows' // no device is silent for it and no port that is read is down
  | 'looks-alike' // another thing in its place looks exactly the same
  | 'one-explains-all' // one other thing alone looks exactly like all of it
  | 'not-in-inventory' // the link that failed is not in the inventory
  | 'behind-another' // it lies behind another failure, and nothing of it shows
  | 'too-few-sites'; // two sites at once are no proof of a power cut

export interface CauseVerdict {
  readonly broken: string;
  readonly kind: 'link' | 'device' | 'power';
  /** What was named for it; null when nothing was. */
  readonly named: AlertCause | null;
  /** The true one was named, or, where evidence cannot decide, one that looks the same (or nothing, where nothing shows). */
  readonly isRight: boolean;
  readonly isTrue: boolean;
  readonly undecidable: Undecidable | null;
  /** Names of what looks the same. */
  readonly alike: readonly string[];
}

export interface Judgement {
  readonly causes: readonly CauseVerdict[];
  /** Incidents that somebody was told of and that name what is neither broken nor looks the same as what is. */
  readonly falseIncidents: readonly Incident[];
  /** Messages that should have been sent: one for each cause that shows. */
  readonly messagesExpected: number;
}

/** So far apart, and the first shows by itself before the second hides it. */
const apartMs = 20_000;
/** Ports that went down so far apart went down one after the other. */
const atOnceMs = 8_000;

/** Holds what was named against what is true, and against what could be known at all. */
export function judge(world: World, risks: readonly SharedRisk[], failure: Failure, course: Course): Judgement {
  if (failure.kind === 'idle') return { causes: [], falseIncidents: toldOf(course), messagesExpected: 0 };
  return failure.power === null ? judgeBreaks(world, failure, course) : judgePower(world, risks, failure, course);
}

function judgeBreaks(world: World, failure: Failure, course: Course): Judgement {
  const broken = failure.breaks.map(({ what }) => what);
  const limits = evidenceLimits(world, broken);
  const gapMs = (failure.breaks[1]?.afterMs ?? 0) - (failure.breaks[0]?.afterMs ?? 0);
  const told = new Set<Incident>();
  const found = (what: Broken): Incident | undefined => course.everIncidents.find((one) => everNamed(one, world, what));
  const all = limits.alone.length > 0 && gapMs <= atOnceMs ? limits.alone : [];
  const causes = broken.map((what, i): CauseVerdict => {
    const isLater = i > 0;
    const seenAlone = !isLater && gapMs > apartMs ? evidenceLimits(world, [what]) : null;
    const showed = limits.visible.includes(what) || (seenAlone?.visible.includes(what) ?? false);
    const alike = [...(limits.alike.get(what) ?? []), ...(seenAlone?.alike.get(what) ?? [])];
    const others = [...alike, ...all];
    const exact = found(what);
    const similar = exact ?? others.map(found).find((one) => one !== undefined);
    if (similar !== undefined) told.add(similar);
    const isHidden = what.kind === 'link' && world.isHidden[what.index] === 1;
    const undecidable = !showed
      ? shows(world, [what])
        ? 'behind-another'
        : 'nothing-shows'
      : isHidden
        ? 'not-in-inventory'
        : alike.length > 0
          ? 'looks-alike'
          : all.length > 0
            ? 'one-explains-all'
            : null;
    return {
      broken: world.nameOf(what),
      kind: what.kind,
      named: similar === undefined ? null : currentCause(similar),
      isTrue: exact !== undefined && isNamed(currentCause(exact), world, what),
      isRight: similar !== undefined || !showed,
      undecidable,
      alike: others.map((other) => world.nameOf(other)),
    };
  });
  const falseIncidents = toldOf(course).filter((one) => !told.has(one));
  const shown = causes.filter(({ undecidable }) => undecidable !== 'nothing-shows' && undecidable !== 'behind-another');
  return { causes, falseIncidents, messagesExpected: all.length > 0 ? 1 : shown.length };
}

function judgePower(world: World, risks: readonly SharedRisk[], failure: Failure, course: Course): Judgement {
  const broken = failure.breaks.map(({ what }) => what);
  const { feeder, siteIds } = failure.power ?? { feeder: null, siteIds: [] };
  const { alone } = evidenceLimits(world, broken);
  const others = feedersOf(risks).filter(({ id }) => id !== feeder?.id);
  const feeders = feedersAlike(world, siteIds, others);
  const gateways = visibleSites(world, broken, siteIds);
  const isFew = gateways.length < 3 && failure.batteries.length === 0;
  const of = new Set<string>(siteIds);
  const isPower = ({ reason, kind, id }: AlertCause): boolean =>
    reason === 'power' && (kind === 'shared-risk' ? id === feeder?.id : of.has(id));
  const named = course.everIncidents.find((one) => isPower(currentCause(one)));
  const isAlike = (cause: AlertCause): boolean =>
    alone.some((other) => isNamed(cause, world, other)) ||
    (cause.reason === 'power' && feeders.some(({ id }) => id === cause.id));
  const lookAlike = course.everIncidents.find((one) => isAlike(currentCause(one)));
  const undecidable =
    alone.length > 0 ? 'one-explains-all' : isFew ? 'too-few-sites' : feeders.length > 0 ? 'looks-alike' : null;
  const told = named ?? lookAlike;
  const cause: CauseVerdict = {
    broken: feeder?.name ?? siteIds.map((id) => String(id)).join(' '),
    kind: 'power',
    named: told === undefined ? (course.everIncidents[0]?.causes.at(-1)?.cause ?? null) : currentCause(told),
    isTrue: named !== undefined,
    isRight: told !== undefined || isFew,
    undecidable,
    alike: [...alone.map((other) => world.nameOf(other)), ...feeders.map(({ name }) => name)],
  };
  const falseIncidents = toldOf(course).filter((one) => one !== told && !isFew);
  return { causes: [cause], falseIncidents, messagesExpected: isFew && alone.length === 0 ? gateways.length : 1 };
}

/** Of the sites without power those that show it: some link into them comes from what still answers. */
function visibleSites(world: World, broken: readonly Broken[], siteIds: readonly string[]): string[] {
  const answers = world.answers(broken);
  const { dead } = setsOf(broken);
  return siteIds.filter((site) =>
    (world.devicesOfSite.get(site as never) ?? []).some(
      (device) =>
        dead.has(device) &&
        (world.linksOf(device).length === 0 ||
          [...world.linksOf(device)].some((link) => answers[world.farEnd(link, device)] === 1)),
    ),
  );
}

function toldOf({ everIncidents, notices }: Course): Incident[] {
  const told = new Set(notices.map(({ incidentId }) => incidentId));
  return everIncidents.filter(({ id, state }) => told.has(id) && state !== 'merged');
}

function everNamed(incident: Incident, world: World, what: Broken): boolean {
  return isNamed(currentCause(incident), world, what);
}

function isNamed(cause: AlertCause, world: World, { kind, index }: Broken): boolean {
  if (cause.kind !== kind) return false;
  const known = kind === 'link' ? world.linkIndex.get(cause.id as LinkId) : world.deviceIndex.get(cause.id as DeviceId);
  return known === index;
}
