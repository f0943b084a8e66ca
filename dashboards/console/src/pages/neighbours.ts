import type { InterfaceView } from '../../../../src/api/views.ts';

/** One row of `GET /api/v1/devices/:id/neighbours`: what the device heard over LLDP. */
export interface Heard {
  readonly localInterface: string;
  readonly remoteName: string;
  readonly remotePort: string;
}

export interface Neighbour {
  readonly name: string;
  readonly interfaceName: string;
  /** Of a device that the inventory joins here by a link; null for a stranger. */
  readonly deviceId: string | null;
}

/** Links first; what was heard and is no link's other end is a stranger. */
export function neighboursOf(interfaces: readonly InterfaceView[], heard: readonly Heard[]): readonly Neighbour[] {
  const linked = interfaces.flatMap((one): Neighbour[] =>
    one.link === null
      ? []
      : [
          {
            name: one.link.deviceName,
            interfaceName: one.name,
            deviceId: one.link.deviceId,
          },
        ],
  );
  const names = new Set(linked.map((one) => one.name));
  const strangers = heard
    .filter((one) => one.remoteName !== '' && !names.has(one.remoteName))
    .map((one): Neighbour => ({
      name: one.remoteName,
      interfaceName: one.localInterface,
      deviceId: null,
    }));
  return [...linked, ...strangers];
}
