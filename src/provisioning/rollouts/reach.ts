import { inScope, type Scope } from '../../domain/access.ts';
import type { BlastRadius } from '../../domain/rollout.ts';
import type { Topology } from '../../domain/topology.ts';
import { cutOff, elsewhere } from './reasons.ts';
import type { RolloutDevice, RolloutRecord } from './rollout-record.ts';
import { saidOf } from './said.ts';

/** What a reader of some regions may know of names that a rollout holds. */
export interface Known {
  readonly scope: Scope;
  readonly topology: Topology;
  /** Codes of the services that a reader of a scope may know of. */
  readonly services: (scope: Scope) => ReadonlySet<string>;
}

/** A blast radius as a reader sees it: sites and services outside their regions are counted, not named. */
export interface SeenBlast extends BlastRadius {
  /** How many more sites are dark, outside the reader's regions. */
  readonly sitesElsewhere: number;
}

export function blastWithin(blast: BlastRadius, { scope, topology, services }: Known): SeenBlast {
  if (scope === 'everywhere') return { ...blast, sitesElsewhere: 0 };
  const dark = new Set(blast.sites);
  const mine = new Set<string>();
  for (const { code, regionCode } of topology.sites.values()) {
    if (dark.has(code) && inScope(scope, regionCode)) mine.add(code);
  }
  const known = services(scope);
  return {
    ...blast,
    sites: blast.sites.filter((code) => mine.has(code)),
    sitesElsewhere: blast.sites.length - mine.size,
    services: blast.services.filter((code) => known.has(code)),
    servicesMissed: blast.servicesMissed.filter((code) => known.has(code)),
  };
}

/**
 * A rollout as a reader sees it who does not see all of its devices: why it stopped may name what is not theirs, and so
 * may what a person wrote.
 */
export function rolloutWithin<Some extends RolloutRecord>(rollout: Some, isWhole: boolean): Some {
  if (isWhole) return rollout;
  return {
    ...rollout,
    reason: rollout.reason === null ? null : saidOf(elsewhere()),
    forcedReason: rollout.forcedReason === null ? null : '',
  };
}

/** What went wrong with a device may name others that hang on it: told as a number to who does not see everything. */
export function deviceWithin(device: RolloutDevice, scope: Scope): RolloutDevice {
  const { error } = device;
  if (scope === 'everywhere' || error?.code !== 'rollout.cut-off') return device;
  return { ...device, error: saidOf(cutOff([String(error.arguments?.['count'] ?? '')])) };
}
