import type { Profile, SystemGroup } from '../profile.ts';
import { ciscoIos, ciscoSmallBusiness } from './cisco.ts';
import { generic } from './generic.ts';
import { vrp } from './huawei.ts';
import { routeros } from './mikrotik.ts';
import { jetstream } from './tplink.ts';
import { apcUps, rfc1628Ups } from './ups.ts';

/** Every profile, one line each. */
export const profiles: readonly Profile[] = [
  generic,
  routeros,
  ciscoIos,
  ciscoSmallBusiness,
  vrp,
  jetstream,
  apcUps,
  rfc1628Ups,
];

/** The profile that fits best; `generic/snmp` fits everything a little. */
export function recognise(system: SystemGroup): Profile {
  let best: Profile = generic;
  let bestScore = 0;
  for (const profile of profiles) {
    const score = profile.matches(system);
    if (score > bestScore) {
      best = profile;
      bestScore = score;
    }
  }
  return best;
}
