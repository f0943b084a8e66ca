import type { AgentId } from './ids.ts';

/** What this machine shows of its own way to the network. All but the first and the last speak against it. */
export type UplinkSign =
  /** Something beside what is watched answers, or nothing lies between: the way is fine as far as that. */
  | { readonly kind: 'works'; readonly by: string }
  | { readonly kind: 'no-carrier'; readonly interface: string }
  | { readonly kind: 'no-route'; readonly address: string }
  /** The first hop does not even say where it is (ARP). */
  | { readonly kind: 'first-hop-silent'; readonly interface: string; readonly address: string }
  | { readonly kind: 'unclear' };

/** Nothing answers an Agent any more, and nothing shows that its own way is fine: what it watches is unknown. */
export interface Blindness {
  readonly agentId: AgentId;
  /** Milliseconds since the epoch: the first thing missed. */
  readonly since: number;
  /** Devices that are unknown for it. */
  readonly devices: number;
  readonly sign: UplinkSign;
}

/** What everybody who reads states may know of it: nothing of addresses and devices around Arung's machine. */
export interface BlindnessView {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly sign: UplinkSign['kind'];
  /** Of Arung's machine, where the sign is about one. */
  readonly interface: string | null;
}

export function blindnessView({ since, sign }: Blindness): BlindnessView {
  return { since, sign: sign.kind, interface: 'interface' in sign ? sign.interface : null };
}

/** Its id as the cause of a state that is unknown; its name is Arung's in every language. */
export const ownUplinkId = 'arung.uplink';
