import * as pulumi from '@pulumi/pulumi';
import { withDefaults, type Maybe } from './staged.ts';

export type LinkMedium = 'fibre' | 'radio' | 'copper' | 'vsat' | '4g';

/** One end of a link. An interface that Arung has not seen yet is made, and found on the device later. */
export interface LinkEnd {
  /** Name or id of a device. */
  readonly device: pulumi.Input<string>;
  /** As the device calls it: `sfp-sfpplus1`. */
  readonly interface: pulumi.Input<string>;
}

export interface MonitoredLinkArgs {
  /** Unique: `palattae--kahu`. */
  readonly name: pulumi.Input<string>;
  readonly medium: pulumi.Input<LinkMedium>;
  /** Bits per second. */
  readonly capacityBps: pulumi.Input<number>;
  readonly a: pulumi.Input<LinkEnd>;
  readonly b: pulumi.Input<LinkEnd>;
  /** Part of the backbone between hubs. */
  readonly trunk?: Maybe<boolean>;
  readonly tags?: Maybe<pulumi.Input<string>[]>;
}

/**
 * A link between two interfaces, in Arung's inventory. What is not named stays as it is.
 *
 * Import: `pulumi import arung:index:MonitoredLink NAME palattae--kahu`.
 */
export class MonitoredLink extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly medium: pulumi.Output<LinkMedium>;
  declare readonly capacityBps: pulumi.Output<number>;
  declare readonly a: pulumi.Output<{ device: string; interface: string }>;
  declare readonly b: pulumi.Output<{ device: string; interface: string }>;

  constructor(name: string, args: MonitoredLinkArgs, opts?: pulumi.CustomResourceOptions) {
    super('arung:index:MonitoredLink', name, { ...args }, withDefaults(opts));
  }
}
