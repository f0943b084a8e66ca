import * as pulumi from '@pulumi/pulumi';
import type { DeviceRole } from './monitored-device.ts';
import type { Network, SiteKind } from './monitored-site.ts';
import { withDefaults, type Maybe } from './staged.ts';

interface LooksAt {
  /** `interface`, `device`, `sensor`, …, or `external/NAME`. */
  readonly measurement: string;
  /** `in_bps`. */
  readonly field: string;
  readonly otherFields?: string[];
  /** Only of sensors whose key begins with this. */
  readonly sensor?: string;
  readonly exceptSensors?: string[];
}

/** When it begins to hold; docs/rules.md says each. Values are in the field's unit, times in seconds. */
export type RuleCondition =
  | (LooksAt & {
      readonly kind: 'threshold';
      readonly above?: number;
      readonly below?: number;
      readonly clear?: number;
      readonly percentOf?: string;
      readonly ownBound?: boolean;
      readonly absolute?: boolean;
    })
  | (LooksAt & { readonly kind: 'rate'; readonly overS: number; readonly above?: number; readonly below?: number })
  | (LooksAt & { readonly kind: 'change'; readonly holdS: number; readonly by?: number; readonly times?: number })
  | (LooksAt & { readonly kind: 'absence'; readonly afterS: number })
  | (LooksAt & {
      readonly kind: 'unusual';
      readonly times?: number;
      readonly share?: number;
      readonly higherBy?: number;
      readonly lowerBy?: number;
      readonly atLeast?: number;
    });

/** Where a rule holds: all that is given must fit; nothing given fits everywhere. */
export interface RuleScope {
  /** Kemendagri codes. */
  readonly regions?: string[];
  readonly networks?: Network[];
  readonly siteKinds?: SiteKind[];
  readonly roles?: DeviceRole[];
  readonly tags?: string[];
  readonly carriesLink?: boolean;
  readonly during?: 'office' | 'attendance';
}

export interface AlertRuleArgs {
  /** Stable name: `uplink.busy`. That of a built-in rule changes it; to delete it then takes it back to what it was. */
  readonly key: pulumi.Input<string>;
  /** What people read. */
  readonly name: pulumi.Input<string>;
  readonly severity: pulumi.Input<'critical' | 'warning' | 'info'>;
  /** It must hold so many seconds before somebody is told; 0 without. */
  readonly forS?: Maybe<number>;
  readonly condition: pulumi.Input<RuleCondition>;
  readonly scope?: Maybe<RuleScope>;
  /** `site`: several devices of a site are one alert. */
  readonly about?: Maybe<'site'>;
  readonly isEnabled?: Maybe<boolean>;
}

/**
 * A rule: when an alert begins to hold.
 *
 * Import: `pulumi import arung:index:AlertRule NAME uplink.busy`.
 */
export class AlertRule extends pulumi.CustomResource {
  declare readonly key: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly severity: pulumi.Output<'critical' | 'warning' | 'info'>;
  declare readonly forS: pulumi.Output<number>;
  declare readonly condition: pulumi.Output<RuleCondition>;
  declare readonly scope: pulumi.Output<RuleScope>;
  declare readonly isEnabled: pulumi.Output<boolean>;

  constructor(name: string, args: AlertRuleArgs, opts?: pulumi.CustomResourceOptions) {
    super('arung:index:AlertRule', name, { ...args }, withDefaults(opts));
  }
}
