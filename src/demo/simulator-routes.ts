import { Type } from 'typebox';
import { SimulatorControl, SimulatorRefusal } from '../../agents/simulator/control.ts';
import type { RouteGroup } from '../api/routes.ts';
import { ArungError } from '../domain/errors.ts';

const config = { permission: 'simulator.control' } as const;
const tags = ['simulator'];
const Params = Type.Object({ name: Type.String({ minLength: 1, maxLength: 120 }) });
const Link = Type.Object({
  id: Type.String(),
  name: Type.String(),
  medium: Type.String(),
  state: Type.Enum(['up', 'cut']),
});

async function refused<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof SimulatorRefusal) throw new ArungError('not-found', cause.message, { cause });
    throw new ArungError('unavailable', 'The simulated backbone does not answer: start the demo again.', { cause });
  }
}

/**
 * The simulated backbone over HTTP, for who may do everything everywhere: what it can break lies in no one region.
 * Registered by the demo alone.
 */
export function simulatorRoutes(socketPath: string): RouteGroup {
  const control = new SimulatorControl(socketPath);
  const everywhere = (grants: readonly { readonly regionCode: string | null }[]): void => {
    if (grants.some((grant) => grant.regionCode === null)) return;
    throw new ArungError('forbidden', 'The simulated backbone is only for who has rights in every region.');
  };
  return (app) => {
    app.get(
      '/simulator/links',
      {
        config,
        schema: {
          tags,
          summary: 'Links that can be cut',
          response: { 200: Type.Object({ items: Type.Array(Link), next: Type.Null() }) },
        },
      },
      async (request) => {
        everywhere(request.access.grants);
        return { items: await refused(control.links()), next: null };
      },
    );
    for (const verb of ['cut', 'restore'] as const) {
      app.post(
        `/simulator/links/:name/${verb}`,
        {
          config,
          schema: {
            tags,
            summary: verb === 'cut' ? 'Cut a link' : 'Restore a link',
            params: Params,
            response: { 200: Link },
          },
        },
        async (request) => {
          everywhere(request.access.grants);
          return refused(control[verb](request.params.name));
        },
      );
    }
    for (const verb of ['reboot', 'garble', 'heal'] as const) {
      app.post(
        `/simulator/devices/:name/${verb}`,
        { config, schema: { tags, summary: `Let a device ${verb}`, params: Params, response: { 204: Type.Null() } } },
        async (request, reply) => {
          everywhere(request.access.grants);
          await refused(control[verb](request.params.name));
          return reply.code(204).send(null);
        },
      );
    }
    app.post(
      '/simulator/devices/:name/slow',
      {
        config,
        schema: {
          tags,
          summary: 'Let a device answer late',
          params: Params,
          body: Type.Object({ ms: Type.Integer({ minimum: 0, maximum: 60_000 }) }),
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        everywhere(request.access.grants);
        await refused(control.slow(request.params.name, request.body.ms));
        return reply.code(204).send(null);
      },
    );
  };
}
