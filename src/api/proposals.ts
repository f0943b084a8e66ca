import { Type } from 'typebox';
import { DeviceDraft } from '../inventory/devices.ts';
import type { ExternalSources, Proposal } from '../inventory/external-sources.ts';
import { WriteQuery } from './inventory-schemas.ts';
import { Moment } from './access-schemas.ts';
import type { RouteGroup } from './routes.ts';

const ProposalView = Type.Object({
  id: Type.String(),
  tag: Type.String({ examples: ['agent_host'] }),
  value: Type.String({ examples: ['10.73.2.17'] }),
  publisher: Type.String({ description: 'Host of the Telegraf that reads it.' }),
  agentName: Type.Union([Type.String(), Type.Null()]),
  regionCode: Type.Union([Type.String(), Type.Null()]),
  ignored: Type.Boolean(),
  measurements: Type.Array(Type.String()),
  intervalS: Type.Union([Type.Number(), Type.Null()]),
  firstSeen: Moment,
  lastSeen: Moment,
});
const Key = Type.Object({ id: Type.String({ format: 'uuid' }) });
const config = { permission: 'inventory.write' } as const;
const tags = ['proposals'];

/** Things that a Telegraf sees and the inventory does not have: accept or ignore them. */
export function proposalRoutes(sources: ExternalSources): RouteGroup {
  return (app) => {
    app.get(
      '/proposals',
      {
        config,
        schema: {
          tags,
          summary: 'Things that only publishers such as Telegraf see',
          description:
            'Within your regions; those of publishers that are bound to no region for who may write everywhere.',
          querystring: Type.Object({
            ignored: Type.Optional(Type.Boolean({ description: 'Those that were ignored.' })),
          }),
          response: { 200: Type.Object({ items: Type.Array(ProposalView), next: Type.Null() }) },
        },
      },
      async (request) => {
        const found = await sources.proposals(request.access, { ignored: request.query.ignored ?? false });
        return { items: found.map(toView), next: null };
      },
    );

    app.post(
      '/proposals/:id/accept',
      {
        config,
        schema: {
          tags,
          summary: 'Take it into the inventory',
          description:
            'As a new device, which keeps what was measured already; or as one that is there. Without management (`protocol` none) its ' +
            'state follows from its points: three of its intervals without one, and it is down.',
          params: Key,
          querystring: WriteQuery,
          body: Type.Object(
            { device: Type.Optional(DeviceDraft), deviceId: Type.Optional(Type.String({ maxLength: 80 })) },
            { additionalProperties: false, minProperties: 1, maxProperties: 1 },
          ),
          response: { 200: Type.Object({ deviceId: Type.String(), name: Type.String() }) },
        },
      },
      async (request) => {
        const { device, deviceId = '' } = request.body;
        const as = device === undefined ? { deviceId } : { device: { protocol: 'none' as const, ...device } };
        const kept = await sources.accept(request.access, request.params.id, as, { reason: request.query.reason });
        return { deviceId: kept.entity.id, name: kept.name };
      },
    );

    for (const [path, ignored] of [
      ['ignore', true],
      ['restore', false],
    ] as const) {
      app.post(
        `/proposals/:id/${path}`,
        {
          config,
          schema: {
            tags,
            summary: ignored ? 'Keep nothing of it any more' : 'Propose it again',
            params: Key,
            querystring: WriteQuery,
            response: { 204: Type.Null() },
          },
        },
        async (request, reply) => {
          const { reason } = request.query;
          await sources.setIgnored(request.access, request.params.id, ignored, { reason });
          return reply.code(204).send(null);
        },
      );
    }
  };
}

function toView(proposal: Proposal) {
  return {
    ...proposal,
    measurements: [...proposal.measurements],
    firstSeen: proposal.firstSeen.toISOString(),
    lastSeen: proposal.lastSeen.toISOString(),
  };
}
