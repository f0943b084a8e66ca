import type { DeviceRole } from '../../../../src/domain/device.ts';

/** Roles in the order in which they are offered. The domain's own list would bring its schemas into the browser. */
export const deviceRoles: readonly DeviceRole[] = [
  'router',
  'switch',
  'radio',
  'access-point',
  'terminal',
  'server',
  'ups',
];
