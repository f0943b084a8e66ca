import * as pulumi from '@pulumi/pulumi';
import { withDefaults, type Maybe, type Staged, type Values } from './staged.ts';

export interface RouterosSettingsArgs {
  /** Name of the router in Arung's inventory. */
  readonly device: pulumi.Input<string>;
  /** Path of a menu that is one set of settings: `/ip/dns`, `/system/identity`. */
  readonly menu: pulumi.Input<string>;
  /** Stable within the device. Made of the menu's path without it: `ip.dns`. */
  readonly key?: Maybe<string>;
  /** The settings to look after; those that are not named stay as they are. */
  readonly values: pulumi.Input<Values>;
}

/**
 * Settings of a menu of RouterOS that has no entries. When they leave the program they stay on the device as they are.
 *
 * Import: `pulumi import arung:index:RouterosSettings NAME rtr-kahu-01/ip/dns#ip.dns`.
 */
export class RouterosSettings extends pulumi.CustomResource implements Staged {
  declare readonly device: pulumi.Output<string>;
  declare readonly menu: pulumi.Output<string>;
  declare readonly key: pulumi.Output<string>;
  declare readonly values: pulumi.Output<Record<string, string>>;
  declare readonly managedBy: pulumi.Output<string>;
  declare readonly content: pulumi.Output<string>;
  readonly isWhole = false;

  constructor(name: string, args: RouterosSettingsArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      'arung:index:RouterosSettings',
      name,
      { ...args, managedBy: undefined, content: undefined },
      withDefaults(opts),
    );
  }
}
