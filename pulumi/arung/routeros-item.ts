import * as pulumi from '@pulumi/pulumi';
import { withDefaults, type Maybe, type Staged, type Values } from './staged.ts';

export interface RouterosItemArgs {
  /** Name of the router in Arung's inventory. */
  readonly device: pulumi.Input<string>;
  /** Path of the menu: `/ip/address`. */
  readonly menu: pulumi.Input<string>;
  /** Stable within the device, and kept there at the end of the entry's comment. The resource's name without it. */
  readonly key?: Maybe<string>;
  /** Everything that the entry should hold: a property that is not named goes back to RouterOS's default. */
  readonly values: pulumi.Input<Values>;
  /** Place among the fragments of the device, where the menu has an order (firewall rules, queues): smaller first, 0 without. */
  readonly order?: Maybe<number>;
}

/**
 * One entry of a menu of RouterOS: an address, a firewall rule, a user. An entry that is there already and has the same
 * name in its menu is adopted.
 *
 * Import: `pulumi import arung:index:RouterosItem NAME rtr-kahu-01/ip/address#KEY`.
 */
export class RouterosItem extends pulumi.CustomResource implements Staged {
  declare readonly device: pulumi.Output<string>;
  declare readonly menu: pulumi.Output<string>;
  declare readonly key: pulumi.Output<string>;
  declare readonly values: pulumi.Output<Record<string, string>>;
  declare readonly order: pulumi.Output<number>;
  declare readonly managedBy: pulumi.Output<string>;
  declare readonly content: pulumi.Output<string>;
  readonly isWhole = false;

  constructor(name: string, args: RouterosItemArgs, opts?: pulumi.CustomResourceOptions) {
    super('arung:index:RouterosItem', name, { ...args, managedBy: undefined, content: undefined }, withDefaults(opts));
  }
}
