import { currentCause, type AlertCause, type Incident } from '../../domain/alert.ts';
import type { NoticeKind } from '../../domain/notice.ts';
import type { Failure, FailureKind } from './failures.ts';
import type { CauseVerdict, Judgement, Undecidable } from './judge.ts';
import type { Course } from './stage.ts';
import type { World } from './world.ts';

/** A cause as it is printed. */
export interface PrintedCause {
  readonly kind: AlertCause['kind'];
  readonly id: string;
  readonly name: string;
  readonly reason: AlertCause['reason'];
  readonly certainty: number;
}

/** One failure, as one JSON object. Times in seconds since it began, virtual. */
export interface FailureResult {
  readonly number: number;
  readonly failure: FailureKind;
  readonly broken: readonly {
    readonly kind: 'link' | 'device' | 'site';
    readonly name: string;
    readonly afterS: number;
  }[];
  readonly feeder: string | null;
  readonly at: string;
  readonly causes: readonly {
    readonly broken: string;
    readonly named: PrintedCause | null;
    readonly right: boolean;
    readonly exact: boolean;
    readonly undecidable: Undecidable | null;
    readonly alike: readonly string[];
  }[];
  readonly incidents: readonly {
    readonly state: Incident['state'];
    readonly cause: PrintedCause;
    readonly revisions: readonly { readonly afterS: number; readonly cause: PrintedCause }[];
    readonly alerts: number;
  }[];
  readonly notifications: readonly {
    readonly afterS: number;
    readonly kind: NoticeKind;
    readonly to: string;
    readonly why: string;
    readonly cause: string;
    readonly sites: number;
  }[];
  /** First messages of incidents, and those of a revised cause: all but the recovery. */
  readonly messages: number;
  readonly messagesExpected: number;
  readonly darkAfterS: number | null;
  readonly allDarkAfterS: number | null;
  readonly messageAfterS: number | null;
  readonly sites: {
    readonly hurt: number;
    readonly counted: number;
    readonly missed: readonly string[];
    readonly wrong: readonly string[];
    /** Said in the first messages. */
    readonly told: number;
  };
  readonly falseIncidents: readonly PrintedCause[];
  readonly falseDevices: readonly string[];
  readonly recovered: boolean;
  readonly virtualS: number;
  readonly probes: number;
}

export function resultOf(options: {
  readonly number: number;
  readonly world: World;
  readonly failure: Failure;
  readonly course: Course;
  readonly judgement: Judgement;
}): FailureResult {
  const { number, world, failure, course, judgement } = options;
  const seconds = (ms: number): number => Math.round(ms / 10) / 100;
  const orNull = (ms: number | null): number | null => (ms === null ? null : seconds(ms));
  const told = course.notices.filter(({ kind }) => kind !== 'resolved');
  const opened = told.filter(({ kind }) => kind === 'opened');
  const isLasting = failure.kind !== 'toggle' && failure.kind !== 'idle';
  const hurt = world.darkSites(world.answers(isLasting ? failure.breaks.map(({ what }) => what) : []));
  return {
    number,
    failure: failure.kind,
    broken: brokenOf(failure, world),
    feeder: failure.power?.feeder?.name ?? null,
    at: new Date(course.brokeAt).toISOString(),
    causes: judgement.causes.map((verdict: CauseVerdict) => ({
      broken: verdict.broken,
      named: verdict.named === null ? null : printed(verdict.named),
      right: verdict.isRight,
      exact: verdict.isTrue,
      undecidable: verdict.undecidable,
      alike: verdict.alike.slice(0, 5),
    })),
    incidents: course.everIncidents.map((incident) => ({
      state: incident.state,
      cause: printed(currentCause(incident)),
      revisions: incident.causes.map(({ at, cause }) => ({
        afterS: seconds(at - course.brokeAt),
        cause: printed(cause),
      })),
      alerts: incident.everAlerts.size,
    })),
    notifications: course.notices.map(({ at, kind, to, why, cause, sites }) => ({
      afterS: seconds(at - course.brokeAt),
      kind,
      to,
      why,
      cause: cause.name,
      sites,
    })),
    messages: told.length,
    messagesExpected: judgement.messagesExpected,
    darkAfterS: orNull(course.firstDarkMs),
    allDarkAfterS: orNull(course.allDarkMs),
    messageAfterS: opened[0] === undefined ? null : seconds(opened[0].at - course.brokeAt),
    sites: {
      hurt: hurt.size,
      counted: course.countedSites.size,
      missed: [...hurt].filter((site) => !course.countedSites.has(site)),
      wrong: [...course.countedSites].filter((site) => !(hurt as ReadonlySet<string>).has(site)),
      told: opened.reduce((sum, { sites }) => sum + sites, 0),
    },
    falseIncidents: judgement.falseIncidents.map((incident) => printed(currentCause(incident))),
    falseDevices: course.falseDevices,
    recovered: course.recovered,
    virtualS: Math.round(course.virtualS),
    probes: course.probes,
  };
}

function printed({ kind, id, name, reason, certainty }: AlertCause): PrintedCause {
  return { kind, id, name, reason, certainty: Math.round(certainty * 100) / 100 };
}

/** A power cut breaks whole sites. */
function brokenOf({ breaks, power }: Failure, world: World): FailureResult['broken'] {
  if (power === null) {
    return breaks.map(({ afterMs, what }) => ({ kind: what.kind, name: world.nameOf(what), afterS: afterMs / 1000 }));
  }
  const when = new Map<string, number>();
  for (const { afterMs, what } of breaks) {
    const site = world.devices[what.index]?.siteId ?? '';
    when.set(site, Math.max(afterMs, when.get(site) ?? 0));
  }
  return [...when].map(([name, afterMs]) => ({ kind: 'site', name, afterS: afterMs / 1000 }));
}
