import { Type, type Static } from 'typebox';
import { AgentDraft, AgentRecord, type Agents } from '../inventory/agents.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const words = { path: '/agents', tag: 'agents', noun: 'agent', keyIs: 'id or name' } as const;
const query = Type.Object(PageQuery);

/** Who talks to the devices, and where they are plugged in. */
export function agentRoutes(agents: Agents): RouteGroup {
  const toView = (agent: AgentRecord) => agent;
  return (app) => {
    listRoute(app, words, {
      view: AgentRecord,
      query,
      list: (access, page: Static<typeof query>) => agents.list(access, { page }),
    });
    getRoute(app, words, { view: AgentRecord, collection: agents, toView });
    writeRoutes(app, words, {
      view: AgentRecord,
      draft: AgentDraft,
      collection: agents,
      toView,
      example: { name: 'pop-camming' },
    });
  };
}
