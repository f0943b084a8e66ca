import * as pulumi from '@pulumi/pulumi';
import type { Network } from './monitored-site.ts';
import { withDefaults, type Maybe } from './staged.ts';

/** Hours on some days of the week; `to` before `from` reaches into the next day. */
export interface HoursOfWeek {
  /** ISO 8601, Monday 1. */
  readonly weekdays: number[];
  /** `08:00`. */
  readonly from: string;
  readonly to: string;
  /** `Asia/Makassar`. */
  readonly timeZone: string;
}

export interface RouteChannel {
  /** Name or id of a channel of Arung. */
  readonly channel: pulumi.Input<string>;
  /** As the channel names people: a phone number, a chat. Kept as a secret in Pulumi's state. */
  readonly address: pulumi.Input<string>;
}

export interface NotificationRouteArgs {
  /** Who is told: a person, or a desk where somebody always is. Unique. */
  readonly name: pulumi.Input<string>;
  /** Kemendagri codes of the regions that they answer for; all without. */
  readonly regionCodes?: Maybe<pulumi.Input<string>[]>;
  /** Both without. */
  readonly networks?: Maybe<pulumi.Input<Network>[]>;
  /** 1 (without) is told first, 2 when nobody of 1 takes it in time, and so on to 9. */
  readonly level?: Maybe<number>;
  /** Name or id of a team of Arung: it says how long is waited before the next level is told. */
  readonly team?: Maybe<string>;
  /** Arung's own without. */
  readonly language?: Maybe<'id' | 'en'>;
  /** Any hour without. */
  readonly workingHours?: Maybe<HoursOfWeek[]>;
  /** Nothing but what is critical is told then. */
  readonly quietHours?: Maybe<HoursOfWeek>;
  /** The first one is tried first. */
  readonly channels?: Maybe<pulumi.Input<RouteChannel>[]>;
  /** Nobody is told who is not; true without. */
  readonly active?: Maybe<boolean>;
}

/**
 * Who is told of what breaks in which regions, at which level, when, and by which channels: one of the people of
 * docs/people.md. Duties (who is on duty in which week) are planned in the console.
 *
 * Import: `pulumi import arung:index:NotificationRoute NAME 'Andi Baso'`.
 */
export class NotificationRoute extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly regionCodes: pulumi.Output<string[]>;
  declare readonly level: pulumi.Output<number>;

  constructor(name: string, args: NotificationRouteArgs, opts?: pulumi.CustomResourceOptions) {
    super('arung:index:NotificationRoute', name, { ...args }, withDefaults(opts));
  }
}
