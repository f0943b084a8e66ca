import type { SiteId } from '../../domain/ids.ts';
import type { SharedRisk } from '../../domain/link.ts';
import type { Broken, World } from './world.ts';
import { setsOf } from './world.ts';

/** What the agent can ever see of a set of broken things, and what else would look the same. */
export interface EvidenceLimits {
  /** What is broken and shows: some device that would answer does not, or some port that would be up is down. */
  readonly visible: readonly Broken[];
  /** What is broken and nothing shows it while the rest is. */
  readonly hidden: readonly Broken[];
  /** By what is broken: other single things that would look exactly the same in its place. */
  readonly alike: ReadonlyMap<Broken, readonly Broken[]>;
  /** Single things each of which alone would look exactly like all that is broken together. */
  readonly alone: readonly Broken[];
}

/**
 * Finds what no evidence can decide: two worlds in which the same devices answer and the same ports of those that answer
 * are down are one to whoever looks from the agent's place. Tries every thing at the border of the dark in the place of
 * each that is broken.
 */
export function evidenceLimits(world: World, broken: readonly Broken[]): EvidenceLimits {
  const seen = appearance(world, broken);
  const candidates = candidatesOf(world, broken);
  const without = (one: Broken): Broken[] => broken.filter((other) => other !== one);
  const hidden = broken.filter((one) => appearance(world, without(one)) === seen);
  const visible = broken.filter((one) => !hidden.includes(one));
  const alike = new Map(
    visible.map((one) => [
      one,
      candidates.filter((other) => !has(broken, other) && appearance(world, [...without(one), other]) === seen),
    ]),
  );
  const alone =
    broken.length < 2 ? [] : candidates.filter((one) => !has(broken, one) && appearance(world, [one]) === seen);
  return { visible, hidden, alike, alone };
}

function has(all: readonly Broken[], { kind, index }: Broken): boolean {
  return all.some((one) => one.kind === kind && one.index === index);
}

/** Whether anything at all shows. */
export function shows(world: World, broken: readonly Broken[]): boolean {
  return appearance(world, broken) !== appearance(world, []);
}

/**
 * Which of these feeders would look the same as what lost its power: what has no battery dark at once, the same sites telling of
 * their battery, and in the end the same in the dark. What lies behind a dark hub could have power or not.
 */
export function feedersAlike(
  world: World,
  siteIds: readonly SiteId[],
  feeders: readonly Pick<SharedRisk, 'id' | 'name' | 'siteIds'>[],
): readonly Pick<SharedRisk, 'id' | 'name'>[] {
  const seen = cutAppearance(world, siteIds);
  const isSame = ({ siteIds: fed }: Pick<SharedRisk, 'siteIds'>): boolean =>
    cutAppearance(
      world,
      fed.filter((site) => !world.centre.has(site)),
    ) === seen;
  return feeders.filter(isSame);
}

function cutAppearance(world: World, siteIds: readonly SiteId[]): string {
  const devicesAt = (sites: readonly SiteId[]): Broken[] =>
    sites.flatMap((site) => (world.devicesOfSite.get(site) ?? []).map((index): Broken => ({ kind: 'device', index })));
  const first = devicesAt(siteIds.filter((site) => world.batteryOf(site) === null));
  const answers = world.answers(first);
  const onBattery = siteIds.filter((site) => answers[world.batteryOf(site) ?? -1] === 1).sort();
  return [appearance(world, first), onBattery.join(' '), appearance(world, devicesAt(siteIds))].join('|');
}

/** All that can be seen from the agent's place, as a text that is the same for what looks the same. */
function appearance(world: World, broken: readonly Broken[]): string {
  const answers = world.answers(broken);
  const sets = setsOf(broken);
  const parts: string[] = [];
  for (let device = 0; device < world.root; device++) {
    if (answers[device] !== 1 && world.isAsked[device] === 1) parts.push(String(device));
  }
  const links = new Set(sets.cut);
  for (const device of sets.dead) for (const link of world.linksOf(device)) links.add(link);
  for (const link of [...links].sort((x, y) => x - y)) {
    if (world.isHidden[link] === 1) continue;
    for (const end of [world.linkA[link] ?? 0, world.linkB[link] ?? 0]) {
      const isRead = answers[end] === 1 && world.devices[end]?.protocol === 'snmp';
      if (isRead && !world.hasCarrier(link, end, sets)) parts.push(`${link}@${end}`);
    }
  }
  return parts.join(' ');
}

/** Links and devices at the border between what answers and what does not, and around what is broken. */
function candidatesOf(world: World, broken: readonly Broken[]): Broken[] {
  const answers = world.answers(broken);
  const links = new Set<number>();
  const devices = new Set<number>();
  const addLink = (link: number): void => {
    if (world.isHidden[link] !== 1) links.add(link);
    devices.add(world.linkA[link] ?? 0).add(world.linkB[link] ?? 0);
  };
  for (const { kind, index } of broken) {
    if (kind === 'link') addLink(index);
    else for (const link of world.linksOf(index)) addLink(link);
  }
  for (let link = 0; link < world.links.length; link++) {
    if (answers[world.linkA[link] ?? 0] !== answers[world.linkB[link] ?? 0]) addLink(link);
  }
  return [
    ...[...links].map((index): Broken => ({ kind: 'link', index })),
    ...[...devices].map((index): Broken => ({ kind: 'device', index })),
  ];
}
