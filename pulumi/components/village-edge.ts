import type * as pulumi from '@pulumi/pulumi';
import { villagePlan } from './address-plan.ts';
import { SiteRouter, type SiteRouterArgs } from './site-router.ts';

export interface VillageEdgeArgs extends Omit<SiteRouterArgs, 'networks'> {
  /** Kemendagri code of the village: its networks follow from it (`villagePlan`). */
  readonly code: string;
  /** Upload and download of the office; no limit without. */
  readonly officeLimit?: string;
}

/** The router of a village office: one network for its people, one for its terminals. */
export class VillageEdge extends SiteRouter {
  constructor(name: string, args: VillageEdgeArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, siteRouterOf(args), opts, 'VillageEdge');
  }
}

/** What a village's router is, as any other router. */
export function siteRouterOf({ code, officeLimit, ...rest }: VillageEdgeArgs): SiteRouterArgs {
  const { office, devices } = villagePlan(code);
  return {
    ...rest,
    networks: [
      { name: 'kantor', vlan: 10, ...office, ...(officeLimit === undefined ? {} : { limit: officeLimit }) },
      { name: 'absensi', vlan: 20, ...devices },
    ],
  };
}
