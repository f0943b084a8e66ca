import { readFileSync } from 'node:fs';
import * as pulumi from '@pulumi/pulumi';
import { AlertRule } from '../../../../pulumi/arung/alert-rule.ts';
import { AttendanceTerminal } from '../../../../pulumi/arung/attendance-terminal.ts';
import { DeviceIntent } from '../../../../pulumi/arung/device-intent.ts';
import { MonitoredDevice } from '../../../../pulumi/arung/monitored-device.ts';
import { MonitoredLink } from '../../../../pulumi/arung/monitored-link.ts';
import { MonitoredSite } from '../../../../pulumi/arung/monitored-site.ts';
import { NotificationRoute } from '../../../../pulumi/arung/notification-route.ts';
import { Rollout } from '../../../../pulumi/arung/rollout.ts';
import { RouterosItem } from '../../../../pulumi/arung/routeros-item.ts';
import { RouterosSettings } from '../../../../pulumi/arung/routeros-settings.ts';
import type { Staged } from '../../../../pulumi/arung/staged.ts';
import { SwitchConfig } from '../../../../pulumi/arung/switch-config.ts';

/** A program whose resources are those of a file that the test writes: `PROGRAM`. See `Said` in stack.ts. */
const classes = {
  AlertRule,
  AttendanceTerminal,
  DeviceIntent,
  MonitoredDevice,
  MonitoredLink,
  MonitoredSite,
  NotificationRoute,
  RouterosItem,
  RouterosSettings,
  SwitchConfig,
};
type Made = pulumi.CustomResource & Partial<Staged>;

const said = JSON.parse(readFileSync(process.env['PROGRAM'] ?? '', 'utf8')) as {
  readonly resources: readonly { readonly type: keyof typeof classes; readonly name: string; readonly args: unknown }[];
  readonly rollout?: Readonly<Record<string, unknown>>;
};
const config = new pulumi.Config('test');
const made = new Map<string, Made>();

/**
 * `{$secret: text}`, `{$config: name}` (a secret of the configuration), `{$config: name, at: property}` (of one that is an
 * object) and `{$of: name, is: property}` stand for what JSON cannot say.
 */
function filled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  if ('$secret' in value) return pulumi.secret(value.$secret);
  if ('$config' in value && 'at' in value) {
    const property = String(value.at);
    return config.requireSecretObject<Record<string, string>>(String(value.$config)).apply((all) => all[property]);
  }
  if ('$config' in value) return config.requireSecret(String(value.$config));
  if ('$of' in value && 'is' in value) {
    const resource = made.get(String(value.$of)) as unknown as Readonly<Record<string, unknown>>;
    return resource[String(value.is)];
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one)]));
}

for (const { type, name, args } of said.resources) {
  const Class = classes[type] as unknown as new (name: string, args: unknown) => Made;
  made.set(name, new Class(name, filled(args)));
}
const isStaged = (one: Made): one is Made & Staged => one.content !== undefined && one.managedBy !== undefined;
if (said.rollout !== undefined) {
  const { depends = [], ...options } = said.rollout;
  const rollout = new Rollout(
    'rollout',
    { of: [...made.values()].filter(isStaged), ...options },
    { dependsOn: (depends as string[]).flatMap((name) => made.get(name) ?? []) },
  );
  made.set('rollout', rollout);
}
