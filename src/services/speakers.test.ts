import { describe, expect, it } from 'vitest';
import type { Service } from '../domain/link.ts';
import { NetworkGraph } from '../domain/network-graph.ts';
import { newId, type AgentId } from '../domain/ids.ts';
import type { Topology } from '../domain/topology.ts';
import { TestNetwork } from '../status/test-network.ts';
import { agentPlans } from './agent-plans.ts';
import { speakersOf } from './speakers.ts';

const network = new TestNetwork()
  .site('dc', '73.08.20.1001')
  .device('core', 'dc', { gateway: true })
  .attach('core')
  .village('kec', '73.08.02.1001')
  .village('near', '73.08.02.2001')
  .village('ring', '73.08.02.2002')
  .village('far', '73.08.03.2001')
  .link('core', 'r-kec')
  .link('r-kec', 'r-near')
  .link('r-kec', 'r-ring')
  .link('core', 'r-ring')
  .link('core', 'r-far');
const lookout = newId<AgentId>();
const reader = newId<AgentId>();

/** With a lookout plugged into the router of the kecamatan, and an agent that reads the router of `far`. */
function topologyWith(attachedTo: readonly string[]): Topology {
  const { topology } = network;
  const devices = [...topology.devices].map(
    ([id, device]) => [id, device.name === 'r-far' ? { ...device, agentId: reader } : device] as const,
  );
  const agents = [
    { id: lookout, name: 'kec-kahu', attachedTo: attachedTo.map((name) => network.id(name)) },
    { id: reader, name: 'far', attachedTo: [] },
  ];
  return {
    ...topology,
    devices: new Map(devices),
    agents: new Map([...topology.agents, ...agents.map((agent) => [agent.id, agent] as const)]),
  };
}
function speakers(topology: Topology): Record<string, string> {
  const names = { [lookout]: 'lookout', [reader]: 'reader', [network.agentId]: 'local' };
  return Object.fromEntries(
    [...speakersOf(topology)].map(([site, agent]) => [topology.sites.get(site)?.code ?? '', names[agent] ?? '']),
  );
}
const service = (code: string, usedBy: string[], url = 'http://10.73.0.9/'): Service =>
  ({ id: code, code, name: code, siteId: network.siteId('dc'), deviceId: null, url, checks: [], usedBy }) as never;

describe('who sees what a site sees', () => {
  it('is the lookout at it, or the one that every way to it passes; else whoever reads its gateways', () => {
    expect(speakers(topologyWith(['r-kec']))).toEqual({
      dc: 'local',
      kec: 'lookout',
      near: 'lookout',
      // Another way leads there.
      ring: 'local',
      far: 'reader',
    });
    expect(speakers(topologyWith([]))).toMatchObject({ kec: 'local', near: 'local', far: 'reader' });
  });

  it('makes nothing behind a cut reachable: reachability starts where readers stand', () => {
    const graph = new NetworkGraph(topologyWith(['r-kec', 'r-near']));
    const node = (name: string): number => graph.deviceIndex.get(network.id(name)) ?? -1;
    expect(graph.neighbours(graph.root)).toContain(node('core'));
    expect(graph.neighbours(graph.root)).not.toContain(node('r-near'));
    expect(graph.dominator[node('r-near')]).toBe(node('r-kec'));
  });
});

describe('the plans of agents', () => {
  it('name the services of the sites that each speaks for, with what is looked at and no password', () => {
    const plans = agentPlans(
      [
        service('e-planning', ['near', 'far'], 'http://orang:rahasia@10.73.0.9/masuk'),
        service('absensi', ['ring']),
        // What cannot be looked at is in no plan.
        service('kertas', ['near'], 'ftp://10.73.0.9/'),
      ],
      topologyWith(['r-kec']),
    );
    const planned = {
      format: 'arung-agent-plan/1',
      everyS: 30,
      services: [{ id: 'e-planning', url: 'http://10.73.0.9/masuk', checks: [{ kind: 'http' }] }],
    };
    expect(plans.get(lookout)).toEqual(planned);
    expect(plans.get(reader)).toEqual(planned);
    expect(plans.get(network.agentId)?.services.map(({ id }) => id)).toEqual(['absensi']);
  });
});
