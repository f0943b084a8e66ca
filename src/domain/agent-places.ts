import type { DeviceId } from './ids.ts';
import type { Topology, TopologyAgent } from './topology.ts';

/** Agents that read no device: they only look at services from where they stand. */
export function lookouts(topology: Topology): readonly TopologyAgent[] {
  const readers = new Set([...topology.devices.values()].map(({ agentId }) => agentId));
  return [...topology.agents.values()].filter(({ id }) => !readers.has(id));
}

/**
 * Where reachability starts: the devices that Agents are plugged into. Not those of a lookout: whether a device is reached
 * is told by who reads it, and a lookout behind a cut makes nothing there reachable.
 */
export function placesOfReaders(topology: Topology): readonly DeviceId[] {
  const looking = new Set(lookouts(topology));
  return [...topology.agents.values()].filter((agent) => !looking.has(agent)).flatMap(({ attachedTo }) => attachedTo);
}
