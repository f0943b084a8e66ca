import { Type, type Static } from 'typebox';
import type { Network, SiteKind } from './site.ts';

/** How a service can be looked at; each kind reads its own fields. */
export const serviceCheckKinds = ['http', 'tcp', 'tls', 'dns', 'ntp', 'icmp'] as const;
export type ServiceCheckKind = (typeof serviceCheckKinds)[number];

const optional = Type.Optional;
const short = (examples: string[]) => Type.String({ maxLength: 253, examples });

/** One look at a service, flat so that a spreadsheet can hold it; `problemOf` says which fields a kind needs. */
export const ServiceCheck = Type.Object(
  {
    kind: Type.Unsafe<ServiceCheckKind>(Type.Enum([...serviceCheckKinds])),
    /** http; the service's own address when not given. */
    url: optional(Type.String({ maxLength: 400, examples: ['https://eplanning.bone.example/sehat'] })),
    /** http: what it must answer; 200 to 399 when not given. */
    status: optional(Type.Integer({ minimum: 100, maximum: 599 })),
    /** http: text that its page must hold. */
    contains: optional(Type.String({ maxLength: 200 })),
    /** http: other hosts that a redirect may lead to. */
    redirectHosts: optional(Type.Array(short(['sso.bone.example']), { maxItems: 8 })),
    /** http, tls: the authority that signed its certificate, PEM. */
    ca: optional(Type.String({ maxLength: 10_000 })),
    /** tcp, tls, ntp: a name or an address. dns: the address of the name server. icmp: an address. */
    host: optional(short(['10.73.0.9'])),
    port: optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    /** tls: the name that it must be valid for. dns: the name that is asked for. */
    name: optional(short(['eplanning.bone.example'])),
    /** dns: an answer that must be there. */
    expect: optional(short(['10.73.0.9'])),
    /** tls: fewer days left than this are degraded; 21 when not given. */
    warnDays: optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
    /** http, tcp, dns: slower than this is degraded, milliseconds. */
    slowMs: optional(Type.Integer({ minimum: 0, maximum: 60_000 })),
  },
  { additionalProperties: false },
);
export type ServiceCheck = Static<typeof ServiceCheck>;

const needs: Readonly<Record<ServiceCheckKind, readonly ('host' | 'port' | 'name')[]>> = {
  http: [],
  tcp: ['host', 'port'],
  tls: ['host', 'port'],
  dns: ['host', 'name'],
  ntp: ['host'],
  icmp: ['host'],
};

/** What keeps a check from being run: the field and a sentence; null when nothing does. */
export function problemOf(check: ServiceCheck, serviceUrl: string): { field: string; message: string } | null {
  for (const field of needs[check.kind]) {
    if (check[field] === undefined || check[field] === '')
      return { field, message: `A check of the kind ${check.kind} needs ${field}.` };
  }
  if (check.kind !== 'http') return null;
  const protocol = URL.parse(check.url ?? serviceUrl)?.protocol;
  if (protocol === 'http:' || protocol === 'https:') return null;
  return { field: 'url', message: 'A check of the kind http needs an address that begins with http:// or https://.' };
}

/** The checks of a service; one that lists none is looked at by its address. */
export function checksOf(service: { readonly url: string; readonly checks: readonly ServiceCheck[] }): ServiceCheck[] {
  const given = service.checks.length > 0 ? service.checks : ([{ kind: 'http' }] as const);
  return given.filter((check) => problemOf(check, service.url) === null);
}

/** What tells the checks of a service apart in what is measured: the kind, and a number from the second of a kind on. */
export function checkKeys(checks: readonly ServiceCheck[]): string[] {
  const seen = new Map<string, number>();
  return checks.map(({ kind }) => {
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    return count === 1 ? kind : `${kind}-${count}`;
  });
}

/**
 * Whether a site uses a service: `usedBy` names networks, kinds of sites and codes of sites; when it names none, every
 * site does.
 */
export function usesService(
  site: { readonly code: string; readonly kind: SiteKind; readonly network: Network },
  usedBy: readonly string[],
): boolean {
  return (
    usedBy.length === 0 || usedBy.includes(site.code) || usedBy.includes(site.kind) || usedBy.includes(site.network)
  );
}
