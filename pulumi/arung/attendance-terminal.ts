import * as pulumi from '@pulumi/pulumi';
import { withDefaults, type Maybe, type Staged, type Values } from './staged.ts';

export interface AttendanceTerminalArgs {
  /** Name of the terminal in Arung's inventory. */
  readonly device: pulumi.Input<string>;
  /** Its clock: `zone` (`+08:00`), `drift` (seconds that it may be off), `ntp`. */
  readonly time?: Maybe<Values>;
  /** Where it sends what it records: `address`, `port`. */
  readonly server?: Maybe<Values>;
  /** How it is spoken to: `key` (0 to 999,999, a secret), `device-id`. */
  readonly comm?: Maybe<Values>;
  /** `address`, `mask`, `gateway`; `force: true` where that may cut the way to it: it cannot go back by itself. */
  readonly network?: Maybe<Values>;
}

/**
 * Settings of an attendance terminal. Users and attendance records are never touched. To delete it releases the terminal
 * from management: it stays as it is.
 *
 * Import: `pulumi import arung:index:AttendanceTerminal NAME att-kahu-01`, of one whose intent is staged in Arung.
 */
export class AttendanceTerminal extends pulumi.CustomResource implements Staged {
  declare readonly device: pulumi.Output<string>;
  declare readonly time: pulumi.Output<Record<string, string> | undefined>;
  declare readonly server: pulumi.Output<Record<string, string> | undefined>;
  declare readonly comm: pulumi.Output<Record<string, string> | undefined>;
  declare readonly network: pulumi.Output<Record<string, string> | undefined>;
  declare readonly managedBy: pulumi.Output<string>;
  declare readonly content: pulumi.Output<string>;
  readonly isWhole = true;

  constructor(name: string, args: AttendanceTerminalArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      'arung:index:AttendanceTerminal',
      name,
      { ...args, managedBy: undefined, content: undefined },
      withDefaults(opts),
    );
  }
}
