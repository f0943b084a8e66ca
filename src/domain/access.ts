import { isWithin } from './region.ts';
import type { UserId } from './ids.ts';

/**
 * Roles from the least to the most, each with all that the one before it may; `publisher` stands apart: a program that
 * hands in points and reads nothing.
 */
export const roles = ['viewer', 'technician', 'operator', 'administrator', 'publisher'] as const;
export type Role = (typeof roles)[number];

/** What can be allowed. A route names one; a role has a fixed set. */
export const permissions = [
  'inventory.read', // sites, devices, links, regions, their contacts
  'status.read', // states, events, history
  'metrics.read',
  'event.acknowledge', // take an incident, write in its log
  'people.read', // who is told of what, and how
  'alerting.write', // rules, silences, people and their duties
  'inventory.write',
  'simulator.control', // only where a simulated backbone runs
  'user.manage',
  'provisioning.read', // what devices should be, drift, rollouts
  'provisioning.write', // stage, roll out
  'credential.manage',
  'channel.manage', // channels, whose settings hold secrets
  'audit.read',
  'points.write', // hand in line protocol
  'system.read', // /metrics, settings, own health
] as const;
export type Permission = (typeof permissions)[number];

const granted: Record<Role, readonly Permission[]> = {
  viewer: ['inventory.read', 'status.read', 'metrics.read'],
  technician: [
    'inventory.read',
    'status.read',
    'metrics.read',
    'event.acknowledge',
    'people.read',
    'provisioning.read',
  ],
  operator: [
    'inventory.read',
    'status.read',
    'metrics.read',
    'event.acknowledge',
    'people.read',
    'alerting.write',
    'inventory.write',
    'simulator.control',
    'provisioning.read',
    'provisioning.write',
  ],
  administrator: permissions,
  publisher: ['points.write'],
};

/** A role in one region and all below it; `regionCode` null means everywhere. */
export interface Grant {
  readonly role: Role;
  readonly regionCode: string | null;
}

/** Who asks, and what they may: the one thing every read and write is given. */
export interface Access {
  readonly kind: 'user' | 'token' | 'system';
  readonly id: UserId | null;
  /** For the audit log: user name, token name, or the part of Arung that acts. */
  readonly name: string;
  readonly grants: readonly Grant[];
}

/**
 * Where something may be done: everywhere, or in these regions and all below them (an empty list: nowhere).
 * Queries turn it into a condition on the region code; nothing is filtered after it was read.
 */
export type Scope = 'everywhere' | { readonly regionCodes: readonly string[] };

export function scopeFor(access: Access, permission: Permission): Scope {
  const codes: string[] = [];
  for (const grant of access.grants) {
    if (!granted[grant.role].includes(permission)) continue;
    if (grant.regionCode === null) return 'everywhere';
    codes.push(grant.regionCode);
  }
  return { regionCodes: codes };
}

export function mayAnywhere(access: Access, permission: Permission): boolean {
  const scope = scopeFor(access, permission);
  return scope === 'everywhere' || scope.regionCodes.length > 0;
}

export function inScope(scope: Scope, regionCode: string): boolean {
  return scope === 'everywhere' || scope.regionCodes.some((code) => isWithin(regionCode, code));
}

/** The program itself, for what no person asked for. */
export function systemAccess(name: string): Access {
  return { kind: 'system', id: null, name, grants: [{ role: 'administrator', regionCode: null }] };
}
