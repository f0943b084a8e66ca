import { describe, expect, it } from 'vitest';
import { newId, type SharedRiskId } from '../../domain/ids.ts';
import { TestNetwork } from '../../status/test-network.ts';
import { feedersAlike } from './evidence-limits.ts';
import { World } from './world.ts';

/** Three villages behind a hub, which has a UPS or not. */
function hub(hasUps: boolean): TestNetwork {
  const network = new TestNetwork().site('dc').device('core', 'dc', { gateway: true }).attach('core');
  network.site('hub').device('h', 'hub', { gateway: true }).link('core', 'h');
  if (hasUps) network.device('ups', 'hub', { role: 'ups' }).link('h', 'ups', 'copper');
  for (const village of ['v1', 'v2', 'v3']) network.village(village).link('h', `r-${village}`);
  return network;
}

function alike(network: TestNetwork, cut: readonly string[]): readonly string[] {
  const feeder = (...names: readonly string[]) => ({
    id: newId<SharedRiskId>(),
    name: names.join(' '),
    siteIds: names.map((name) => network.siteId(name)),
  });
  const feeders = [
    feeder('hub', 'v1'),
    feeder('hub', 'v1', 'v2', 'v3'),
    feeder('v1', 'v2', 'v3'),
    // Where the agent stands there is a generator.
    feeder('dc', 'hub'),
  ];
  const sites = cut.map((name) => network.siteId(name));
  return feedersAlike(new World(network.topology), sites, feeders).map(({ name }) => name);
}

describe('feedersAlike', () => {
  it('cannot tell which sites behind a dark hub have power', () => {
    expect(alike(hub(false), ['hub', 'v1', 'v2'])).toEqual(['hub v1', 'hub v1 v2 v3', 'dc hub']);
    expect(alike(hub(false), ['v1', 'v2'])).toEqual([]);
  });

  it('sees who was dark before the battery of the hub was empty', () => {
    expect(alike(hub(true), ['hub', 'v1'])).toEqual(['hub v1']);
    expect(alike(hub(true), ['hub', 'v1', 'v2'])).toEqual([]);
  });
});
