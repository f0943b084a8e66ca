import type { DeviceRole } from '../../domain/device.ts';
import type { SharedRisk } from '../../domain/link.ts';
import type { SiteId } from '../../domain/ids.ts';
import type { Random } from './random.ts';
import type { Broken, World } from './world.ts';

export const failureKinds = ['link', 'device', 'pair', 'power', 'toggle', 'idle'] as const;
export type FailureKind = (typeof failureKinds)[number];

/** One thing that breaks, so many milliseconds after the first. */
export interface Break {
  readonly afterMs: number;
  readonly what: Broken;
}

/** Something to go wrong in the simulated world. */
export interface Failure {
  readonly kind: FailureKind;
  readonly breaks: readonly Break[];
  /** Of a power cut: its feeder where the inventory has one, and the sites that lose their power. */
  readonly power: { readonly feeder: SharedRisk | null; readonly siteIds: readonly SiteId[] } | null;
  /** UPS that go on battery, and when; their sites die when the battery is empty. */
  readonly batteries: readonly { readonly siteId: SiteId; readonly afterMs: number }[];
}

export interface FailurePlan {
  readonly links: boolean;
  readonly devices: boolean;
  readonly pairs: number;
  readonly sitesPower: number;
  readonly toggles: number;
  readonly idleHours: number;
}

/** Devices whose failure is worth a message of its own; where there are none of them, all that are asked. */
const killed: ReadonlySet<DeviceRole> = new Set(['router']);
/** The second of a pair follows within this time. */
const longestGapMs = 60_000;
/** The breakers of a feeder do not fall at one instant. */
const powerSpreadMs = 3_000;
const batteryMs = { least: 60_000, most: 360_000 } as const;
/** A UPS is read so often; its first reading on battery comes within that time. */
const upsReadMs = 30_000;

/** All failures to simulate, in a fixed order. */
export function planFailures(
  world: World,
  risks: readonly SharedRisk[],
  plan: FailurePlan,
  random: Random,
): readonly Failure[] {
  const links = world.namedLinks.map((index): Broken => ({ kind: 'link', index }));
  const devices = killable(world).map((index): Broken => ({ kind: 'device', index }));
  const single = (kind: FailureKind) => (what: Broken) => failure(kind, [{ afterMs: 0, what }]);
  return [
    ...(plan.links ? links.map(single('link')) : []),
    ...(plan.devices ? devices.map(single('device')) : []),
    ...Array.from({ length: plan.pairs }, () => pairOf([...links, ...devices], random)).filter((one) => one !== null),
    ...Array.from({ length: plan.sitesPower }, (_, i) => powerCut(world, risks, i, random)).filter(
      (one) => one !== null,
    ),
    ...random.sample(links, plan.toggles).map(single('toggle')),
    ...Array.from({ length: plan.idleHours }, () => failure('idle', [])),
  ];
}

function failure(kind: FailureKind, breaks: readonly Break[]): Failure {
  return { kind, breaks, power: null, batteries: [] };
}

function killable(world: World): number[] {
  const asked = [...world.devices.keys()].filter((index) => world.isAsked[index] === 1);
  const routers = asked.filter((index) => {
    const { role, gateway } = world.devices[index] ?? {};
    return gateway === true || (role !== undefined && killed.has(role));
  });
  return routers.length > 0 ? routers : asked;
}

function pairOf(things: readonly Broken[], random: Random): Failure | null {
  const [first, second] = random.sample(things, 2);
  if (first === undefined || second === undefined) return null;
  return failure('pair', [
    { afterMs: 0, what: first },
    { afterMs: Math.round(random.next() * longestGapMs), what: second },
  ]);
}

/** Those that carry more than one site. */
export function feedersOf(risks: readonly SharedRisk[]): readonly SharedRisk[] {
  return risks.filter(({ kind, siteIds }) => kind === 'power-feeder' && siteIds.length > 1);
}

/** Every second one is of a feeder that the inventory knows, where it knows any; the others are of sites near each other. */
function powerCut(world: World, risks: readonly SharedRisk[], turn: number, random: Random): Failure | null {
  const feeders = feedersOf(risks);
  const feeder = turn % 2 === 0 ? (random.sample(feeders, 1)[0] ?? null) : null;
  // Where the agent stands there is a generator: without power there nobody would be told of anything.
  const siteIds =
    feeder?.siteIds.filter((site) => !world.centre.has(site)) ?? neighbours(world, 3 + random.below(10), random);
  if (siteIds.length === 0) return null;
  const breaks: Break[] = [];
  const batteries: { siteId: SiteId; afterMs: number }[] = [];
  for (const siteId of siteIds) {
    const indices = world.devicesOfSite.get(siteId) ?? [];
    let afterMs = Math.round(random.next() * powerSpreadMs);
    if (world.batteryOf(siteId) !== null) {
      batteries.push({ siteId, afterMs: Math.round(afterMs + random.next() * upsReadMs) });
      afterMs += Math.round(random.between(batteryMs.least, batteryMs.most));
    }
    for (const index of indices) breaks.push({ afterMs, what: { kind: 'device', index } });
  }
  breaks.sort((x, y) => x.afterMs - y.afterMs);
  return { kind: 'power', breaks, power: { feeder, siteIds }, batteries };
}

/** Sites of one district, or, where no region is known, any; the agent's own site keeps its power. */
function neighbours(world: World, count: number, random: Random): SiteId[] {
  const sites = [...world.devicesOfSite.keys()].filter((site) => !world.centre.has(site));
  const first = sites[random.below(sites.length)];
  if (first === undefined) return [];
  const place = world.districtOf(first);
  const near = sites.filter((site) => world.districtOf(site) === place);
  return random.sample(near.length >= count ? near : sites, count);
}
