import * as pulumi from '@pulumi/pulumi';
import { withDefaults, type Maybe } from './staged.ts';

export type SiteKind = 'agency' | 'district' | 'village' | 'pop';
export type Network = 'smart-office' | 'smart-city';
export type RolloutStatus = 'planned' | 'building' | 'active' | 'retired';

export interface MonitoredSiteArgs {
  /** Unique: `kec-kahu`. */
  readonly code: pulumi.Input<string>;
  readonly name: pulumi.Input<string>;
  readonly kind: pulumi.Input<SiteKind>;
  readonly network: pulumi.Input<Network>;
  /** Kemendagri code of the region that it lies in: `73.08.02.1001`. */
  readonly region: pulumi.Input<string>;
  /** Only `active` sites count in states and reports; `planned` without. */
  readonly rolloutStatus?: Maybe<RolloutStatus>;
  /** WGS 84, degrees; both or neither. */
  readonly latitude?: Maybe<number>;
  readonly longitude?: Maybe<number>;
  readonly address?: Maybe<string>;
  /** What a technician must know to get in. */
  readonly accessNotes?: Maybe<string>;
  /** Id or name of a calendar of Arung: office hours. */
  readonly calendar?: Maybe<string>;
  readonly tags?: Maybe<pulumi.Input<string>[]>;
}

/**
 * A place with devices, in Arung's inventory. What is not named stays as it is.
 *
 * Import: `pulumi import arung:index:MonitoredSite NAME kec-kahu`.
 */
export class MonitoredSite extends pulumi.CustomResource {
  declare readonly code: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly kind: pulumi.Output<SiteKind>;
  declare readonly network: pulumi.Output<Network>;
  declare readonly region: pulumi.Output<string>;
  declare readonly rolloutStatus: pulumi.Output<RolloutStatus>;

  constructor(name: string, args: MonitoredSiteArgs, opts?: pulumi.CustomResourceOptions) {
    super('arung:index:MonitoredSite', name, { ...args }, withDefaults(opts));
  }
}
