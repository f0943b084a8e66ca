import type { Profile, SystemGroup } from '../profile.ts';
import { apcCooling, apcPdu, apcUps } from './apc.ts';
import { ciscoIos, ciscoSmallBusiness } from './cisco.ts';
import { dlinkSwitch } from './dlink.ts';
import { fortigate } from './fortinet.ts';
import { generic } from './generic.ts';
import { dsm, linux, windows } from './hosts.ts';
import { arubaCx, comware, procurve } from './hp.ts';
import { vrp } from './huawei.ts';
import { junos } from './juniper.ts';
import { routeros, swos } from './mikrotik.ts';
import { canopy, epmp, netonix, raisecomRos, rutos } from './radios.ts';
import { jetstream } from './tplink.ts';
import { airos, edgeos, edgeswitch, unifi } from './ubiquiti.ts';
import { eatonUps, rfc1628Ups } from './ups.ts';
import { zynos } from './zyxel.ts';

/** Every profile, one line each. */
export const profiles: readonly Profile[] = [
  generic,
  routeros,
  swos,
  ciscoIos,
  ciscoSmallBusiness,
  vrp,
  jetstream,
  apcUps,
  apcPdu,
  apcCooling,
  rfc1628Ups,
  eatonUps,
  airos,
  unifi,
  edgeos,
  edgeswitch,
  canopy,
  epmp,
  netonix,
  rutos,
  raisecomRos,
  procurve,
  comware,
  arubaCx,
  junos,
  fortigate,
  dlinkSwitch,
  zynos,
  linux,
  windows,
  dsm,
];

/** Objects that tell apart what net-snmp makes look the same. */
export const probes: readonly string[] = profiles.flatMap((profile) => profile.probes ?? []);

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
