import * as pulumi from '@pulumi/pulumi';
import { version } from './staged.ts';

/** For whom: one of both. */
export interface GetVariablesArgs {
  /** Name or id of a device. */
  readonly device?: pulumi.Input<string> | undefined;
  /** Code or id of a site. */
  readonly site?: pulumi.Input<string> | undefined;
}

/**
 * Arung's variables as they are for a device or a site: name and value, the nearer wins. One that is secret comes as
 * `{{variable:NAME}}`: put as a value of a fragment, Arung fills it in on its way to the device.
 */
export function getVariables(
  args: GetVariablesArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<Record<string, string>> {
  return pulumi
    .output(args)
    .apply((given) => pulumi.runtime.invoke('arung:index:getVariables', given, { version, ...opts }))
    .apply((answer: { readonly variables: Record<string, string> }) => answer.variables);
}
