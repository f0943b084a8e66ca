import * as pulumi from '@pulumi/pulumi';
import { withDefaults, type Fragment, type Maybe, type Staged } from './staged.ts';

export interface DeviceIntentArgs {
  /** Name of the device in Arung's inventory. */
  readonly device: pulumi.Input<string>;
  /** Kind of the driver that applies it; `routeros` without. */
  readonly driver?: Maybe<string>;
  /** Their order counts where the device's does (firewall rules). One that leaves the list leaves the device. */
  readonly fragments: pulumi.Input<pulumi.Input<Fragment>[]>;
}

/**
 * What one device should be, as one document: what components stage. Other resources may add fragments of other keys to
 * the same device. To delete it releases the device from management: the device stays as it is.
 *
 * Import: `pulumi import arung:index:DeviceIntent NAME rtr-kahu-01`, of a device whose intent is staged in Arung.
 */
export class DeviceIntent extends pulumi.CustomResource implements Staged {
  declare readonly device: pulumi.Output<string>;
  declare readonly driver: pulumi.Output<string>;
  declare readonly fragments: pulumi.Output<{ key: string; subject: string; values: Record<string, string> }[]>;
  declare readonly managedBy: pulumi.Output<string>;
  declare readonly content: pulumi.Output<string>;
  readonly isWhole = true;

  constructor(name: string, args: DeviceIntentArgs, opts?: pulumi.CustomResourceOptions) {
    super('arung:index:DeviceIntent', name, { ...args, managedBy: undefined, content: undefined }, withDefaults(opts));
  }
}
