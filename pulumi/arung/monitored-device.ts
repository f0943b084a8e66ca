import * as pulumi from '@pulumi/pulumi';
import { withDefaults, type Maybe } from './staged.ts';

export type DeviceRole = 'router' | 'switch' | 'access-point' | 'radio' | 'server' | 'ups' | 'terminal';

export interface MonitoredDeviceArgs {
  /** Unique: `rtr-kahu-01`. */
  readonly name: pulumi.Input<string>;
  /** Id or code of its site: `site.id`, or `kec-kahu`. */
  readonly site: pulumi.Input<string>;
  readonly role: pulumi.Input<DeviceRole>;
  /** It carries uplinks of its site: the site's state is its gateways'. */
  readonly gateway?: Maybe<boolean>;
  /** How Arung sees whether it lives; `snmp` without. */
  readonly protocol?: Maybe<'snmp' | 'mqtt' | 'none'>;
  /** IP address of its management. */
  readonly address?: Maybe<string>;
  /** Port of the protocol; 0 is the protocol's own. */
  readonly port?: Maybe<number>;
  /** Name or id of the credential with which it is polled. */
  readonly credential?: Maybe<string>;
  /** Name or id of the credential with which it is configured. */
  readonly managementCredential?: Maybe<string>;
  /** TCP port at which it is configured; 0 is the driver's own. */
  readonly managementPort?: Maybe<number>;
  readonly vendor?: Maybe<string>;
  readonly model?: Maybe<string>;
  /** For a terminal that speaks MQTT the name of its topics. */
  readonly serial?: Maybe<string>;
  readonly tags?: Maybe<pulumi.Input<string>[]>;
}

/**
 * A device of Arung's inventory. What is not named stays as it is. To remove it from the inventory removes what Arung
 * kept of it, and touches no device.
 *
 * Import: `pulumi import arung:index:MonitoredDevice NAME rtr-kahu-01`.
 */
export class MonitoredDevice extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly site: pulumi.Output<string>;
  declare readonly role: pulumi.Output<DeviceRole>;
  declare readonly address: pulumi.Output<string>;

  constructor(name: string, args: MonitoredDeviceArgs, opts?: pulumi.CustomResourceOptions) {
    super('arung:index:MonitoredDevice', name, { ...args }, withDefaults(opts));
  }
}
