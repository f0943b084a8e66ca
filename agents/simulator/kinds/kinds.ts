import type { InventoryDevice } from '../inventory.ts';
import { smartUps } from './apc.ts';
import { ciscoBusiness } from './cisco.ts';
import { huaweiVrp } from './huawei.ts';
import type { DeviceKind } from './kind.ts';
import { linuxHost } from './linux.ts';
import { routerOs } from './mikrotik.ts';
import { jetStream } from './tplink.ts';

/** The first that matches plays the device; the last matches everything. */
const kinds: readonly DeviceKind[] = [routerOs, ciscoBusiness, huaweiVrp, jetStream, smartUps, linuxHost];

export function kindOf(device: InventoryDevice): DeviceKind {
  return kinds.find((kind) => kind.matches(device)) ?? linuxHost;
}
