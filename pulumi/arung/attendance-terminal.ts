import * as pulumi from '@pulumi/pulumi';
import { withDefaults, type Maybe, type Staged, type Values } from './staged.ts';

export interface AttendanceTerminalArgs {
  /** Name of the terminal in Arung's inventory. */
  readonly device: pulumi.Input<string>;
  /** Its clock: how far it may be off, and from where it is set (docs/drivers.md). */
  readonly time?: Maybe<Values>;
  /** Where it sends what it records. */
  readonly server?: Maybe<Values>;
  /** How it is spoken to: its comm key (a secret), its name. */
  readonly comm?: Maybe<Values>;
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
