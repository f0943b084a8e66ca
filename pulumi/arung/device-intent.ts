import * as pulumi from '@pulumi/pulumi';
import { fragmentText, normalised } from '../provider/fragment-text.ts';
import { withDefaults, type Fragment, type Maybe, type Staged, type Values } from './staged.ts';

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
  /** Each as a text, or as its properties where one of them is secret. */
  declare readonly fragments: pulumi.Output<
    (string | { key: string; subject: string; values: Record<string, string> })[]
  >;
  declare readonly managedBy: pulumi.Output<string>;
  declare readonly content: pulumi.Output<string>;
  readonly isWhole = true;

  constructor(name: string, args: DeviceIntentArgs, opts?: pulumi.CustomResourceOptions) {
    const said = Array.isArray(args.fragments) ? args.fragments.map(textWhereKnown) : args.fragments;
    const properties = { ...args, fragments: said, managedBy: undefined, content: undefined };
    super('arung:index:DeviceIntent', name, properties, withDefaults(opts));
  }
}

/** A fragment as the provider keeps it, where all of it is known and nothing in it is a secret of the program. */
function textWhereKnown(fragment: pulumi.Input<Fragment>): pulumi.Input<Fragment> | string {
  if (!('key' in fragment)) return fragment;
  const { key, subject, values } = fragment as Fragment;
  if (typeof key !== 'string' || typeof subject !== 'string' || !isPlain(values)) return fragment;
  return fragmentText({ key, subject, values: normalised(values) }) ?? fragment;
}

function isPlain(values: pulumi.Input<Values>): values is Record<string, string | number | boolean | string[]> {
  const isText = (one: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof one);
  if (Object.getPrototypeOf(values) !== Object.prototype) return false;
  return Object.values(values).every((one) => isText(one) || (Array.isArray(one) && one.every(isText)));
}
