import * as pulumi from '@pulumi/pulumi';
import { version } from './staged.ts';

export interface ProviderArgs {
  /** Address of the controller: `https://arung.bonekab.go.id`. `ARUNG_URL` wins. */
  readonly url?: pulumi.Input<string> | undefined;
  /** `./arung token create --name pulumi --role operator --replace`. `ARUNG_TOKEN` wins. */
  readonly token?: pulumi.Input<string> | undefined;
  /** Devices that Arung compared with their intent so many seconds ago are not looked at again; 10 without. */
  readonly lookAgeS?: pulumi.Input<number> | undefined;
  /** A controller that does not answer is waited for so many seconds; 60 without. */
  readonly awayS?: pulumi.Input<number> | undefined;
}

/** A controller of Arung, where a program speaks to several. With one, `pulumi config set arung:url …` does. */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    const { url, token, lookAgeS, awayS } = args;
    const given = {
      ...(url === undefined ? {} : { url }),
      ...(token === undefined ? {} : { token: pulumi.secret(token) }),
      ...(lookAgeS === undefined ? {} : { lookAgeS: pulumi.output(lookAgeS).apply(String) }),
      ...(awayS === undefined ? {} : { awayS: pulumi.output(awayS).apply(String) }),
    };
    super('arung', name, given, pulumi.mergeOptions({ version }, opts));
  }
}
