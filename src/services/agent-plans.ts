import type { AgentPlan } from '../domain/agent-plan.ts';
import type { AgentId } from '../domain/ids.ts';
import type { Service } from '../domain/link.ts';
import { checksOf, usesService } from '../domain/service-check.ts';
import type { Topology } from '../domain/topology.ts';
import { speakersOf } from './speakers.ts';

/** Between two looks at a service, from wherever, milliseconds. */
export const lookEveryMs = 30_000;

/** What each Agent looks at: the services of the sites that it speaks for. One that speaks for nobody has an empty plan. */
export function agentPlans(services: readonly Service[], topology: Topology): ReadonlyMap<AgentId, AgentPlan> {
  const speakers = speakersOf(topology);
  const plans = new Map<AgentId, AgentPlan['services']>();
  for (const id of topology.agents.keys()) plans.set(id, []);
  for (const service of services) {
    const users = [...topology.sites.values()].filter((site) => usesService(site, service.usedBy));
    const planned = plannedService(service);
    if (planned.checks.length === 0) continue;
    for (const agent of new Set(users.map(({ id }) => speakers.get(id)))) {
      if (agent !== undefined) plans.get(agent)?.push(planned);
    }
  }
  return new Map(
    [...plans].map(([id, planned]) => [
      id,
      { format: 'arung-agent-plan/1', everyS: lookEveryMs / 1_000, services: planned },
    ]),
  );
}

function plannedService(service: Service): AgentPlan['services'][number] {
  const checks = checksOf(service).map((check) =>
    check.url === undefined ? check : { ...check, url: withoutSecret(check.url) },
  );
  return { id: service.id, url: withoutSecret(service.url), checks };
}

/** An address without the user name and password that a person may have typed into it: no probe sends them. */
function withoutSecret(address: string): string {
  const url = URL.parse(address);
  if (url === null || (url.username === '' && url.password === '')) return address;
  url.username = '';
  url.password = '';
  return url.href;
}
