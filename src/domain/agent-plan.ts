import { Type, type Static } from 'typebox';
import { Service } from './link.ts';

/**
 * What an Agent at another place looks at, as it is kept for it at the broker. It holds no secret: whoever may read the
 * agent's topic may read this. Fields that an older agent does not know are passed over.
 */
export const AgentPlan = Type.Object({
  format: Type.Literal('arung-agent-plan/1'),
  /** Between two looks at a service, seconds. */
  everyS: Type.Integer({ minimum: 1, maximum: 3_600 }),
  services: Type.Array(
    Type.Object({
      id: Type.String({ minLength: 1, maxLength: 60 }),
      /** Without a user name or password in it. */
      url: Service.properties.url,
      checks: Service.properties.checks,
    }),
    { maxItems: 2_000 },
  ),
});
export type AgentPlan = Static<typeof AgentPlan>;
export type PlannedService = AgentPlan['services'][number];
