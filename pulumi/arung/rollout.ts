import * as pulumi from '@pulumi/pulumi';
import { withDefaults, type Maybe, type Staged } from './staged.ts';

export interface RolloutArgs {
  /**
   * Everything that this program says of these devices. What is missing here is taken back from them; what others say of
   * them goes along. A device belongs to one Rollout.
   */
  readonly of: readonly Staged[];
  /** Most devices that change at the same time; 10 without. */
  readonly batch?: Maybe<number>;
  /** Seconds between two waves, at least; 10 without. */
  readonly pauseS?: Maybe<number>;
  /**
   * Seconds, 30 to 3,600, after which a device that was not confirmed is there again as it was, its restart included; 180
   * without. Switches count whole minutes: 120 or more.
   */
  readonly rollbackS?: Maybe<number>;
  /** A device begins only while planned work covers it, for as long as it may take to go back. */
  readonly onlyInMaintenance?: Maybe<boolean>;
  /** Why it may go on although it could cut the controller's own path; kept in Arung's audit log. */
  readonly forcedReason?: Maybe<string>;
}

/**
 * Brings what was staged to the devices: Arung parts them into waves, the farthest first, arms a rollback on each, and
 * confirms it over a new connection. A preview shows the waves and what each could cut at worst. It runs when something
 * of it was staged anew, when a hand has changed a device, when a variable of Arung that it holds has another value, or when
 * a device is not there yet; `up` waits for its end.
 * To delete it does nothing.
 */
export class Rollout extends pulumi.CustomResource {
  /** Number of the last rollout in Arung; 0 while there was none. */
  declare readonly number: pulumi.Output<number>;
  /** Device, and the version that it was brought to. */
  declare readonly versions: pulumi.Output<Record<string, string>>;
  /** Devices that are not what they should be, as far as Arung knew at the last refresh. */
  declare readonly behind: pulumi.Output<string[]>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
    const { of, ...rest } = args;
    const stages = of.map(({ device, managedBy, content, isWhole }) => ({ device, managedBy, content, isWhole }));
    const outputs = { number: undefined, versions: undefined, behind: undefined, withdrawn: undefined };
    super('arung:index:Rollout', name, { ...rest, stages, ...outputs }, withDefaults(opts));
  }
}
