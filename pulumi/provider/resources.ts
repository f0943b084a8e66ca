import type { Resource } from './resource.ts';
import { alertRule } from './resources/alert-rule.ts';
import { attendanceTerminal } from './resources/attendance-terminal.ts';
import { deviceIntent } from './resources/device-intent.ts';
import { monitoredDevice } from './resources/monitored-device.ts';
import { monitoredLink } from './resources/monitored-link.ts';
import { monitoredSite } from './resources/monitored-site.ts';
import { notificationRoute } from './resources/notification-route.ts';
import { rollout } from './resources/rollout.ts';
import { routerosItem } from './resources/routeros-item.ts';
import { routerosSettings } from './resources/routeros-settings.ts';
import { switchConfig } from './resources/switch-config.ts';

/** The family of resources: one line each. What its inputs are stands in `schema.json`. */
export const resources: readonly Resource[] = [
  routerosItem,
  routerosSettings,
  deviceIntent,
  switchConfig,
  attendanceTerminal,
  monitoredSite,
  monitoredDevice,
  monitoredLink,
  alertRule,
  notificationRoute,
  rollout,
];
