import type { Person } from '../../domain/person.ts';
import { isWithin, levelOfCode, parentOfCode } from '../../domain/region.ts';
import type { RoutingFacts } from './routing.ts';

/**
 * How a person's areas meet an incident. `cause`: what broke lies in them. `hurt`: something that is dark because of it
 * does. `near`: neither, but it is the same regency's: better told than nobody.
 */
export interface Coverage {
  readonly reach: 'cause' | 'hurt' | 'near';
  /** Of two that reach as far, the higher one is told. */
  readonly rank: number;
}

/** Null: it is none of this person's, and they must not learn of it. */
export function coverageOf(person: Person, facts: RoutingFacts): Coverage | null {
  const { isOwnFault, networks } = facts;
  const [cause, ...hurt] = facts.regionCodes;
  // Arung's own fault lies nowhere: who answers for the most is told.
  if (isOwnFault || cause === undefined) return widest(person);
  const isOfNetwork =
    person.networks.length === 0 || networks.length === 0 || person.networks.some((one) => networks.includes(one));
  const ofCause = areaAround(person, cause);
  if (isOfNetwork && ofCause !== null) return { reach: 'cause', rank: ofCause };
  const ofHurt = hurt.map((code) => areaAround(person, code)).filter((length) => length !== null);
  if (isOfNetwork && ofHurt.length > 0) return { reach: 'hurt', rank: Math.max(...ofHurt) };
  const near = Math.max(ofCause ?? 0, ...ofHurt, ...person.regionCodes.map((code) => sharedRegency(code, cause)));
  return near > 0 || ofCause !== null ? { reach: 'near', rank: near } : null;
}

function widest({ regionCodes }: Person): Coverage {
  if (regionCodes.length === 0) return { reach: 'cause', rank: 0 };
  return { reach: 'near', rank: -Math.min(...regionCodes.map((code) => code.length)) };
}

/** Length of the smallest of a person's areas around a region; 0 for who answers for all; null when none is around it. */
function areaAround({ regionCodes }: Person, code: string): number | null {
  if (regionCodes.length === 0) return 0;
  const around = regionCodes.filter((area) => isWithin(code, area)).map((area) => area.length);
  return around.length === 0 ? null : Math.max(...around);
}

/** Length of the smallest region around both, from a regency on; 0 when they belong to different governments. */
function sharedRegency(one: string, other: string): number {
  let around: string | null = one;
  while (around !== null && !isWithin(other, around)) around = parentOfCode(around);
  return around === null || levelOfCode(around) === 'province' ? 0 : around.length;
}
