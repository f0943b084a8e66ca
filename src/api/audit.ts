import { Type } from 'typebox';
import type { AuditLog } from '../audit/audit-log.ts';
import { scopeFor } from '../domain/access.ts';
import { Moment } from './access-schemas.ts';
import { notAllowed } from './guard.ts';
import type { RouteGroup } from './routes.ts';

const AuditView = Type.Object({
  seq: Type.Integer(),
  at: Moment,
  actorKind: Type.Enum(['user', 'token', 'system']),
  actorId: Type.Union([Type.String(), Type.Null()]),
  actorName: Type.String(),
  action: Type.String({ examples: ['update'] }),
  entityKind: Type.String({ examples: ['site'] }),
  entityId: Type.Union([Type.String(), Type.Null()]),
  entityName: Type.String(),
  before: Type.Unknown(),
  after: Type.Unknown(),
  reason: Type.Union([Type.String(), Type.Null()]),
  regionCode: Type.Union([Type.String(), Type.Null()]),
});
const text = Type.Optional(Type.String({ maxLength: 120 }));

/** Who changed what, and whether the log is whole. */
export function auditRoutes(audit: AuditLog): RouteGroup {
  let verifying: ReturnType<AuditLog['verify']> | null = null;
  return (app) => {
    app.get(
      '/audit',
      {
        config: { permission: 'audit.read' },
        schema: {
          tags: ['audit'],
          summary: 'Changes, the newest first',
          querystring: Type.Object({
            entityKind: text,
            entityId: text,
            actor: text,
            action: text,
            from: Type.Optional(Moment),
            to: Type.Optional(Moment),
            limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
            cursor: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
          }),
          response: {
            200: Type.Object({ items: Type.Array(AuditView), next: Type.Union([Type.String(), Type.Null()]) }),
          },
        },
      },
      async (request) => {
        const { from, to, cursor, limit, ...filter } = request.query;
        const rows = await audit.list(request.access, {
          ...filter,
          limit: limit + 1,
          from: from === undefined ? undefined : new Date(from),
          to: to === undefined ? undefined : new Date(to),
          before: cursor === undefined ? undefined : Number(cursor),
        });
        const items = rows.slice(0, limit).map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
        return { items, next: rows.length > limit ? String(items.at(-1)?.seq) : null };
      },
    );

    app.get(
      '/audit/verification',
      {
        config: { permission: 'audit.read' },
        schema: {
          tags: ['audit'],
          summary: 'Whether the log is whole',
          description: 'Reads the whole log; names the first row that was changed, removed or put in.',
          response: {
            200: Type.Union([
              Type.Object({ ok: Type.Literal(true), rows: Type.Integer(), head: Type.String() }),
              Type.Object({
                ok: Type.Literal(false),
                rows: Type.Integer(),
                seq: Type.Integer(),
                reason: Type.String(),
              }),
            ]),
          },
        },
      },
      async (request) => {
        if (scopeFor(request.access, 'audit.read') !== 'everywhere') throw notAllowed('audit.read');
        // Who asks while the log is being read gets what that reading finds: each takes a connection for as long as it lasts.
        verifying ??= audit.verify().finally(() => (verifying = null));
        return verifying;
      },
    );
  };
}
