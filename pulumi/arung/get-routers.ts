import * as pulumi from '@pulumi/pulumi';
import { version } from './staged.ts';

/** A router of Arung's inventory that can be configured. */
export interface Router {
  readonly name: string;
  readonly model: string;
  /** It carries the uplinks of its site. */
  readonly gateway: boolean;
  /** Code of its site. */
  readonly site: string;
  readonly siteName: string;
  /** `village`, `district`, `agency`, `pop`, …: see the inventory. */
  readonly siteKind: string;
  /** Kemendagri code of the region that the site lies in: `73.08.10.2003`. */
  readonly region: string;
  readonly tags: readonly string[];
}

/**
 * The routers of a region and all below it, by name: what a program makes its resources from. Only those that have a
 * credential for their management.
 */
export async function getRouters(
  args: { readonly region: string },
  opts?: pulumi.InvokeOptions,
): Promise<readonly Router[]> {
  const answer = await pulumi.runtime.invoke('arung:index:getRouters', args, { version, ...opts });
  return (answer as { readonly routers: readonly Router[] }).routers;
}
