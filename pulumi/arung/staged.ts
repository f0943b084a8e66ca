import * as pulumi from '@pulumi/pulumi';
import '../provider/quick-structs.ts';
import './quiet-log.ts';
import './traces.ts';

/** Version of the provider that these classes speak to. */
export const version = '0.1.0';

/** An argument that may be left out. */
export type Maybe<T> = pulumi.Input<T> | undefined;

/**
 * Property names and their values, as the device takes them. `true` is its `yes`, `false` its `no`, a list is joined with
 * commas. What is given as a secret (`config.requireSecret`) stays one: in Pulumi's state and in Arung. A value may hold
 * `{{variable:NAME}}`: Arung fills it in, and the value never leaves it.
 */
export type Values = Record<string, pulumi.Input<string | number | boolean | string[]>>;

/** One thing that a device should have: an entry of a menu, a group of settings. */
export interface Fragment {
  /** Stable within the device: 1 to 64 of a-z, 0-9, dot, dash and underscore. */
  readonly key: pulumi.Input<string>;
  /** What it is, in the driver's word: `/ip/address`, `interface Vlan20`, `time`. */
  readonly subject: pulumi.Input<string>;
  readonly values: pulumi.Input<Values>;
}

/**
 * A resource that says what a device should be, in whole or in part. It touches no device: that is the `Rollout`'s
 * business, to which it is given.
 */
export interface Staged {
  /** Name of the device in Arung's inventory. */
  readonly device: pulumi.Output<string>;
  /** Whose part of the device's intent it is. */
  readonly managedBy: pulumi.Output<string>;
  /** Names what was staged: the same content has the same name. */
  readonly content: pulumi.Output<string>;
  /** All that the program says of the device in this resource: without it, the device is released and stays as it is. */
  readonly isWhole: boolean;
}

/** What every resource of Arung says of itself, before what the program says. */
export function withDefaults(opts: pulumi.CustomResourceOptions | undefined): pulumi.CustomResourceOptions {
  // The id is made of names: one that is made anew before the old one is removed would be removed by it.
  return pulumi.mergeOptions({ version, deleteBeforeReplace: true }, opts);
}
