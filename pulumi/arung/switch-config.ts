import * as pulumi from '@pulumi/pulumi';
import { withDefaults, type Staged, type Values } from './staged.ts';

export interface SwitchConfigArgs {
  /** Name of the switch in Arung's inventory. */
  readonly device: pulumi.Input<string>;
  /**
   * Section of the running configuration (`interface GigabitEthernet0/1`, `vlan 20`, `global`), and in it the words with
   * which lines begin and what follows: `{ 'switchport.mode': 'trunk', shutdown: false }`. `true` is the words alone,
   * `false` no such line, a list several lines; see docs/drivers.md. A section that leaves the program leaves the switch.
   */
  readonly sections: pulumi.Input<Record<string, pulumi.Input<Values>>>;
}

/**
 * Sections of the configuration of a switch that is configured by its command line. To delete it releases the switch from
 * management: it stays as it is.
 *
 * Import: `pulumi import arung:index:SwitchConfig NAME sw-kahu-01`, of a switch whose intent is staged in Arung.
 */
export class SwitchConfig extends pulumi.CustomResource implements Staged {
  declare readonly device: pulumi.Output<string>;
  declare readonly sections: pulumi.Output<Record<string, Record<string, string>>>;
  declare readonly managedBy: pulumi.Output<string>;
  declare readonly content: pulumi.Output<string>;
  readonly isWhole = true;

  constructor(name: string, args: SwitchConfigArgs, opts?: pulumi.CustomResourceOptions) {
    super('arung:index:SwitchConfig', name, { ...args, managedBy: undefined, content: undefined }, withDefaults(opts));
  }
}
