import type { Scope } from '../domain/access.ts';
import { causeRegionCodes, seesCause } from '../domain/cause-regions.ts';
import type { Cause } from '../domain/reachability.ts';
import type { Topology } from '../domain/topology.ts';
import type { CauseView } from './messages.ts';

/** A cause as a reader may know it: of one that lies outside their regions its name and time, nothing more. */
export function causeView(
  cause: Pick<Cause, 'kind' | 'id' | 'name' | 'since' | 'certainty'> | null,
  visible: boolean,
): CauseView | null {
  if (cause === null) return null;
  const { kind, id, name, since, certainty } = cause;
  return visible ? { name, since, kind, id, certainty } : { name, since, kind: null, id: null, certainty: null };
}

/** The same for a cause of this moment, looked up in the inventory. */
export function causeViewFor(cause: Cause | null, scope: Scope, topology: Topology): CauseView | null {
  return cause === null ? null : causeView(cause, seesCause(scope, causeRegionCodes(cause, topology)));
}
